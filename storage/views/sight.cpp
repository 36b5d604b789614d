#include "storage/views/sight.hpp"

#include <algorithm>
#include <optional>

#include "storage/views/keys.hpp"

namespace lenne::storage::views {
namespace {

base::Result<std::optional<v1::DeviceView>> device_row(const StateReader& state, const std::string& tenant,
                                                       std::uint64_t dev_eui) {
  const auto value = state.get(Store::view_latest, 0, device_key(tenant, dev_eui));
  if (!value) return std::unexpected(value.error());
  if (!*value) return std::optional<v1::DeviceView>{};
  v1::DeviceView row;
  if (!row.ParseFromString(**value)) return base::fail("log_read", "a view row cannot be parsed");
  return std::optional{std::move(row)};
}

// What a single sample says.
void clear_samples(v1::SeriesView& series) {
  series.clear_value();
  series.clear_first_us();
  series.clear_last_us();
  series.clear_partition();
  series.clear_offset();
  series.clear_flagged_us();
  series.clear_flagged_value();
  series.clear_flags();
}

}  // namespace

Detail Sight::of_meter(std::uint64_t dev_eui) const {
  const auto& rule = *scope_.meters();
  return rule.named.contains(dev_eui) ? rule.of_named : rule.of_all;
}

Detail Sight::of(const v1::DeviceView& device) const {
  if (scope_.meters() == nullptr) return Detail::all;
  const auto counts = [this](const v1::SeriesView& series) { return scope_.meters()->is_meter(series.measure()); };
  return std::ranges::any_of(device.series(), counts) ? of_meter(device.dev_eui()) : Detail::all;
}

base::Result<Detail> Sight::of(const std::string& tenant, std::uint64_t dev_eui) {
  if (scope_.meters() == nullptr) return Detail::all;
  const auto [at, added] = known_.try_emplace({tenant, dev_eui}, of_meter(dev_eui));
  if (!added) return at->second;
  const auto row = device_row(state_, tenant, dev_eui);
  if (!row) return std::unexpected(row.error());
  if (*row) at->second = of(**row);
  return at->second;
}

bool Sight::cut(v1::DeviceView& device) const {
  const auto detail = of(device);
  if (detail == Detail::all) return true;
  if (detail < Detail::results) device.clear_series();
  auto& all = *device.mutable_series();
  const auto is_hidden = [this](const std::string& window) { return !scope_.meters()->is_long_enough(window); };
  for (auto& series : all) {
    clear_samples(series);
    auto& windows = *series.mutable_windows();
    windows.erase(std::remove_if(windows.begin(), windows.end(), is_hidden), windows.end());
  }
  return detail != Detail::nothing;
}

base::Result<bool> Sight::shows_results(const std::string& tenant, std::uint64_t dev_eui, std::string_view measure,
                                        std::string_view window) {
  if (scope_.meters() == nullptr) return true;
  const auto known = of(tenant, dev_eui);
  if (!known) return std::unexpected(known.error());
  // A meter's series makes its device a meter, whatever its row says by now.
  const auto detail = scope_.meters()->is_meter(measure) ? of_meter(dev_eui) : *known;
  return detail == Detail::all || (detail == Detail::results && scope_.meters()->is_long_enough(window));
}

base::Result<bool> Sight::cut(v1::Alert& alert) {
  const auto known = of(alert.tenant(), alert.dev_eui());
  if (!known) return std::unexpected(known.error());
  const bool counts = scope_.meters() != nullptr && scope_.meters()->is_meter(alert.measure());
  const auto detail = counts ? of_meter(alert.dev_eui()) : *known;
  if (detail == Detail::all) return true;
  alert.clear_first();
  alert.clear_last();
  alert.clear_extreme();
  alert.clear_observations();
  alert.clear_trend();
  alert.clear_forecast();
  return detail >= Detail::alerts;
}

base::Result<bool> Sight::shows_rollups(const std::string& tenant, const std::string& site, const std::string& measure,
                                        std::size_t most) {
  if (scope_.meters() == nullptr) return true;
  if (scope_.meters()->is_meter(measure)) return false;
  const auto [at, added] = rollups_.try_emplace({tenant, site}, true);
  if (!added) return at->second;
  at->second = false;
  std::size_t looked_at = 0;
  base::Result<bool> meter = false;
  const auto prefix = series_prefix(tenant, measure);
  const auto visit = [&](std::string_view key, std::string_view) {
    if (looked_at++ >= most) {
      meter = base::fail("too_large", "too many devices measure " + measure + ": name a site");
      return false;
    }
    const auto row = device_row(state_, tenant, number_at(key, 8));
    if (!row) {
      meter = std::unexpected(row.error());
      return false;
    }
    const bool elsewhere = *row && !site.empty() && (**row).site() != site;
    meter = !elsewhere && (!*row || of(**row) != Detail::all);
    return !*meter;
  };
  auto scanned = state_.scan(Store::view_series, 0, prefix, after_prefix(prefix), visit);
  if (!scanned) return std::unexpected(scanned.error());
  if (!meter) return meter;
  at->second = !*meter;
  return at->second;
}

}  // namespace lenne::storage::views
