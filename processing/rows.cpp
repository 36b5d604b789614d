#include "processing/rows.hpp"

#include <algorithm>

#include "base/fixed_point.hpp"
#include "base/int128.hpp"
#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

[[nodiscard]] bool is_time(std::int64_t us) { return us >= 0 && us <= kLatestTimeUs + kMaxHoldUs; }

[[nodiscard]] bool is_sound(const v1::GaugeState& gauge) {
  const auto sum = base::int128_of(gauge.sum().high(), gauge.sum().low());
  const auto most = static_cast<base::Int128>(gauge.count()) * base::kMaxSteps;
  return gauge.count() <= std::uint64_t{kMaxSources} * kMaxSamplesPerRecord && sum <= most && sum >= -most;
}

[[nodiscard]] bool is_sound(const v1::SeriesPane& series, const Window& pane, std::uint32_t nominal_interval_s) {
  if (series.sequence_size() > kMaxSequence) return false;
  auto earliest = pane.start_us;
  for (const auto& entry : series.sequence()) {
    if (entry.time_us() < earliest || entry.time_us() >= pane.end_us()) return false;
    earliest = entry.time_us();
  }
  // A slot more than fit, because the pane may begin inside one; then whole bytes.
  const auto slots = nominal_interval_s == 0 ? 0 : pane.length_s / nominal_interval_s + 2;
  return series.slots().size() <= slots / 8 + 1 && is_sound(series.gauge());
}

}  // namespace

std::optional<v1::DevicePane> parse_pane(std::string_view value, const Window& pane, std::uint64_t dev_eui) {
  std::optional<v1::DevicePane> row(std::in_place);
  if (!row->ParseFromArray(value.data(), static_cast<int>(value.size()))) return std::nullopt;
  if (row->dev_eui() != dev_eui || row->start_us() != pane.start_us || row->length_s() != pane.length_s)
    return std::nullopt;
  if (row->series_size() > kMaxSeries || row->sources_size() > kMaxSources) return std::nullopt;
  const auto sound = [&](const v1::SeriesPane& series) { return is_sound(series, pane, row->nominal_interval_s()); };
  if (!std::ranges::all_of(row->series(), sound)) return std::nullopt;
  return row;
}

std::int64_t known_until(const v1::DevicePane& row, const v1::SeriesPane& series) {
  if (series.sequence_size() == 0) return 0;
  return series.sequence().rbegin()->time_us() + hold_of(series.kind(), row.nominal_interval_s());
}

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
