#pragma once
// Which 32-bit counters an uplink may carry in a given session, and in which order they are tried.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "network/lorawan/f_cnt.hpp"

namespace lenne::network {

/// One past the largest counter.
inline constexpr std::uint64_t kFCntEnd = std::uint64_t{1} << 32;

/// The last accepted counter of a session whose smallest acceptable one is `next`; nothing in a new session.
[[nodiscard]] constexpr std::optional<std::uint32_t> last_f_cnt(std::uint64_t next) noexcept {
  if (next == 0) return std::nullopt;
  return static_cast<std::uint32_t>(next - 1);
}

struct CounterGuess {
  std::uint32_t f_cnt = 0;
  bool reset = false;  ///< a counter that starts anew (ABP with f_cnt_reset)
};

/// What a 16-bit counter may stand for, the likeliest first. The MIC decides.
class CounterGuesses {
 public:
  /// `reset_limit`: counters up to it may also start the session anew; nothing = never.
  constexpr CounterGuesses(std::uint64_t next, std::uint16_t on_air,
                           std::optional<std::uint32_t> reset_limit) noexcept {
    const auto last = last_f_cnt(next);
    const bool may_reset = last && reset_limit && on_air <= *reset_limit && on_air <= *last;
    if (const auto forward = lorawan::infer_f_cnt(last, on_air)) {
      // The last counter again with other bytes is a device that starts anew, where that is allowed.
      if (!(may_reset && *forward == on_air)) items_[size_++] = {*forward, false};
    }
    if (may_reset) items_[size_++] = {on_air, true};
    if (const auto before = lorawan::f_cnt_before(last, on_air); before && !(may_reset && *before == on_air)) {
      items_[size_++] = {*before, false};
    }
  }
  [[nodiscard]] constexpr std::span<const CounterGuess> all() const noexcept { return std::span(items_).first(size_); }

 private:
  std::array<CounterGuess, 3> items_{};
  std::size_t size_ = 0;
};

}  // namespace lenne::network
