#pragma once
// Named event counters. Whatever is refused, dropped or found wrong is counted under a name, so that it can be read.

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace lenne::base {

/// A bounded set of counters, keyed by a dotted name such as `ingest.refused.unknown_gateway`.
/// Names beyond the bound are counted together under `counters.overflow`. Any thread may call it.
class Counters {
 public:
  static constexpr std::size_t kMaxNames = 4096;

  using Cell = std::atomic<std::uint64_t>;

  /// The cell of a name, valid as long as this object: keep it where a name is counted often.
  [[nodiscard]] Cell& cell(std::string_view name);
  void count(std::string_view name, std::uint64_t by = 1) { cell(name).fetch_add(by, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value(std::string_view name) const;
  /// All names with their values, sorted by name.
  [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> snapshot() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Cell, std::less<>> cells_;
};

}  // namespace lenne::base
