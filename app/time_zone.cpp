#include "app/time_zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <map>
#include <mutex>
#include <vector>

namespace lenne::app {
namespace {

base::Result<processing::DayTable> read_days(const std::string& time_zone, std::chrono::hours after_midnight) {
  const date::time_zone* zone = nullptr;
  try {
    zone = date::locate_zone(time_zone);
  } catch (const std::exception& problem) {
    return base::fail("bad_time_zone", fmt::format("no time zone '{}': {}", time_zone, problem.what()));
  }
  std::vector<std::int64_t> starts;
  const date::local_days last{date::year{2200} / 2 / 1};
  for (date::local_days day{date::year{1969} / 12 / 31}; day <= last; day += date::days{1}) {
    // Where that hour is skipped, the day begins after the gap; where it comes twice, with the first one.
    const auto start = zone->to_sys(day + after_midnight, date::choose::earliest).time_since_epoch().count();
    // A zone that crossed the date line has left out a day: it has no length.
    if (starts.empty() || start > starts.back()) starts.push_back(start);
  }
  return processing::DayTable::from_starts(time_zone, std::move(starts));
}

}  // namespace

base::Result<std::shared_ptr<const processing::DayTable>> days_of(const std::string& time_zone,
                                                                  std::chrono::hours after_midnight) {
  // The table is the same for all servers of a process, of which a simulation starts thousands.
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::chrono::hours>, std::shared_ptr<const processing::DayTable>> known;
  const std::scoped_lock lock(mutex);
  const std::pair key(time_zone, after_midnight);
  auto& table = known[key];
  if (!table) {
    auto days = read_days(time_zone, after_midnight);
    if (!days) {
      known.erase(key);
      return std::unexpected(days.error());
    }
    table = std::make_shared<const processing::DayTable>(std::move(*days));
  }
  return table;
}

}  // namespace lenne::app
