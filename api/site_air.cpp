#include "api/site_air.hpp"

#include <algorithm>
#include <iterator>

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using HourRows = std::vector<v1::Aggregate>;

base::Result<void> read_hours(const Context& context, const Caller& caller, const storage::views::SeriesItem& item,
                              const Span& span, HourRows& into) {
  auto found = results_of(context, caller, item, std::string(kHourWindow), span);
  if (!found) return std::unexpected(found.error());
  std::ranges::move(*found, std::back_inserter(into));
  return {};
}

}  // namespace

base::Result<SiteAir> site_air(Context& context, const Caller& caller, std::string& tenant, const std::string& site,
                               std::string_view pollutant, const Span& span, std::size_t most_devices) {
  auto devices = series_at(context, caller, tenant, site, pollutant);
  if (!devices) return std::unexpected(devices.error());
  if (devices->size() > most_devices) {
    context.refuse("site_devices");
    return base::fail("too_large", "more than " + std::to_string(most_devices) + " devices measure " +
                                       std::string(pollutant) + " at " + site);
  }
  HourRows rows;
  HourRows humidity;
  for (auto& item : *devices) {
    if (auto read = read_hours(context, caller, item, span, rows); !read) return std::unexpected(read.error());
    if (!derived::is_particles(pollutant)) continue;
    item.series.set_measure(std::string(derived::kHumidity));
    if (auto read = read_hours(context, caller, item, span, humidity); !read) return std::unexpected(read.error());
  }
  return SiteAir{derived::hours_of(rows), derived::humid_hours(humidity)};
}

}  // namespace lenne::api
