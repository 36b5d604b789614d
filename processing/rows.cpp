#include "processing/rows.hpp"

#include <algorithm>

#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

[[nodiscard]] bool is_time(std::int64_t us) { return us >= 0 && us <= kLatestTimeUs + kMaxHoldUs; }

}  // namespace

std::optional<v1::WindowRow> parse_window_row(std::string_view value) {
  v1::WindowRow row;
  if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) return std::nullopt;
  if (!is_time(row.now_us()) || !is_time(row.known_until_us())) return std::nullopt;
  if (row.has_closed() && (!row.has_now_us() || !is_time(row.closed().due_us()))) return std::nullopt;
  return row;
}

std::optional<v1::PurgeRow> parse_purge_row(std::string_view value) {
  constexpr std::size_t kLongestKey = 64;
  v1::PurgeRow row;
  if (!row.ParseFromArray(value.data(), static_cast<int>(value.size())) || row.from_size() != int{kPaneClasses})
    return {};
  if (std::ranges::any_of(row.from(), [](const auto& key) { return key.size() > kLongestKey; })) return {};
  return row;
}

}  // namespace lenne::processing
