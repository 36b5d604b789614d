#pragma once
// 32-bit frame counters from the 16 bits on air (LoRaWAN 1.0.4 section 4.3.1.5). A number is only a guess until its MIC
// fits.

#include <cstdint>
#include <optional>

namespace lenne::network::lorawan {

/// MAX_FCNT_GAP of LoRaWAN up to 1.0.3. 1.0.4 has no such limit: a device that was silent for a year is still welcome.
inline constexpr std::uint32_t kMaxFCntGap = 16384;

/// The smallest counter >= `last` with these low bits: `last` itself means a repeat. `last` is the greatest accepted
/// one of the session, absent before the first (then the upper bits are 0). Absent: the counter would pass 2^32 - 1, to
/// be refused.
[[nodiscard]] constexpr std::optional<std::uint32_t> infer_f_cnt(std::optional<std::uint32_t> last,
                                                                 std::uint16_t on_air) noexcept {
  if (!last) return on_air;
  const std::uint64_t same_era = (*last & 0xffff0000U) | on_air;
  const std::uint64_t candidate = same_era >= *last ? same_era : same_era + 0x10000;
  if (candidate > 0xffffffffU) return std::nullopt;
  return static_cast<std::uint32_t>(candidate);
}

/// The greatest counter < `last` with these low bits. If its MIC fits, the frame is a late copy or a replay: it tells
/// "old" from "forged" in counters and events, it is never accepted. Absent: there is none.
[[nodiscard]] constexpr std::optional<std::uint32_t> f_cnt_before(std::optional<std::uint32_t> last,
                                                                  std::uint16_t on_air) noexcept {
  if (!last) return std::nullopt;
  const std::uint32_t same_era = (*last & 0xffff0000U) | on_air;
  if (same_era < *last) return same_era;
  if (same_era < 0x10000) return std::nullopt;
  return same_era - 0x10000;
}

enum class FCntVerdict : std::uint8_t {
  fresh,          ///< greater than the last: accept
  repeat,         ///< the last one again: copy or retransmission (design: first copy, reception)
  replay,         ///< smaller than the last
  gap_too_large,  ///< further ahead than the protocol version allows
};

/// What a counter whose MIC fits means. `max_gap`: kMaxFCntGap for versions up to 1.0.3, absent for 1.0.4 and 1.1.
[[nodiscard]] constexpr FCntVerdict judge_f_cnt(std::optional<std::uint32_t> last, std::uint32_t f_cnt,
                                                std::optional<std::uint32_t> max_gap) noexcept {
  if (last && f_cnt == *last) return FCntVerdict::repeat;
  if (last && f_cnt < *last) return FCntVerdict::replay;
  if (last && max_gap && f_cnt - *last > *max_gap) return FCntVerdict::gap_too_large;
  return FCntVerdict::fresh;
}

}  // namespace lenne::network::lorawan
