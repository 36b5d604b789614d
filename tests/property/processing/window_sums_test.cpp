// What windows of every size say of the same time: quarters add up to hours, hours to the local day, with 23 and 25 of
// them when the clock is changed; covered time and means lie where they must.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/int128.hpp"
#include "base/random.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

/// What can be added: by name, of one measure and stretch of time.
using AddedUp = std::map<std::string, base::Int128>;

AddedUp sums_of(const v1::Aggregate& row) {
  const auto wide = [](const v1::Int128& x) { return base::int128_of(x.high(), x.low()); };
  if (row.has_gauge()) {
    return {{"count", row.gauge().count()},
            {"sum", wide(row.gauge().sum())},
            {"sum_squares", wide(row.gauge().sum_squares())}};
  }
  if (row.has_duration()) {
    const auto& state = row.duration();
    return {{"count", state.count()},
            {"occupied", state.occupied_us()},
            {"known", state.known_us()},
            {"on", state.transitions_on()},
            {"off", state.transitions_off()}};
  }
  const auto& counter = row.counter();
  return {{"count", counter.count()},           {"amount", wide(counter.amount())},
          {"covered", row.covered_us()},        {"estimated", wide(counter.estimated())},
          {"reverse", wide(counter.reverse())}, {"rollovers", counter.rollovers()},
          {"resets", counter.resets()}};
}

void add_sums(AddedUp& into, const AddedUp& more) {
  for (const auto& [name, value] : more) into[name] += value;
}
/// Without what is 0: a window without a result adds nothing.
AddedUp not_zero(AddedUp sums) {
  std::erase_if(sums, [](const auto& each) { return each.second == 0; });
  return sums;
}

void check_bounds(const v1::Aggregate& row) {
  RC_ASSERT(row.covered_us() >= 0);
  RC_ASSERT(row.covered_us() <= row.end_us() - row.start_us());
  if (row.has_duration()) {
    RC_ASSERT(row.duration().occupied_us() >= 0);
    RC_ASSERT(row.duration().occupied_us() <= row.duration().known_us());
  }
  if (!row.has_gauge()) return;
  const auto& gauge = row.gauge();
  const auto sum = base::int128_of(gauge.sum().high(), gauge.sum().low());
  const auto count = static_cast<base::Int128>(gauge.count());
  RC_ASSERT(gauge.count() > 0);
  RC_ASSERT(gauge.min().value() * count <= sum);  // min <= mean <= max
  RC_ASSERT(sum <= gauge.max().value() * count);
}

/// A day's samples of a gauge, a bay and a meter, before and after it too: one record each minute or so.
std::vector<v1::Measurement> day_log(base::Random& random, std::int64_t start_us, std::int64_t end_us) {
  std::vector<v1::Measurement> log;
  auto dice = random.fork(1);  // what falls may be a reset, a rollover, or what the meter says ran backwards
  std::int64_t reading = 0;
  std::uint32_t f_cnt = 0;
  const auto longest = 1 + random.below(90);
  for (auto at = start_us - 2 * kHour; at < end_us + 2 * kHour;
       at += static_cast<std::int64_t>(1 + random.below(longest * 60)) * kSecond) {
    auto r = record(1, at + kSecond, f_cnt++, 600);
    add_sample(r, v1::KIND_GAUGE, at, static_cast<std::int64_t>(random.below(4'000'000)) - 2'000'000);
    add_sample(r, v1::KIND_STATE, at, static_cast<std::int64_t>(random.below(2)));
    reading = random.chance(0.02) ? 0 : (reading + static_cast<std::int64_t>(random.below(60))) % kRegister;
    add_sample(r, v1::KIND_COUNTER, at, reading);
    r.mutable_samples()->rbegin()->set_reverse(dice.chance(0.2));
    log.push_back(std::move(r));
  }
  return log;
}

/// Results by measure and window, by their start.
using ResultsByStart = std::map<std::pair<std::string, std::string>, std::map<std::int64_t, v1::Aggregate>>;

ResultsByStart results_of_log(const std::vector<v1::Measurement>& log, std::int64_t until_us) {
  auto settings = plain_settings();
  settings.windows_s = {900, 3600};
  settings.days[index_of(Calendar::day_local)] = berlin();
  settings.grace = std::chrono::seconds{60};
  settings.horizon = std::chrono::hours{6};  // a meter's next reading says what ran before it
  Windows windows(settings);
  ResultsByStart rows;
  const auto keep = [&](const std::vector<v1::Aggregate>& results) {
    for (const auto& row : results) rows[{row.measure(), row.window()}][row.start_us()] = row;
  };
  for (const auto& each : log) keep(Windows::aggregates(windows.feed(each)));
  keep(windows.tick(until_us));
  return rows;
}

AddedUp sum_between(const std::map<std::int64_t, v1::Aggregate>& rows, std::int64_t from_us, std::int64_t to_us) {
  AddedUp sums;
  for (auto at = rows.lower_bound(from_us); at != rows.end() && at->first < to_us; ++at)
    add_sums(sums, sums_of(at->second));
  return not_zero(std::move(sums));
}

TEST(WindowSums, QuartersAreHoursAndHoursAreDays) {
  EXPECT_TRUE(rc::check("sums and durations add up", [](std::uint64_t seed) {
    base::Random random(seed);
    // The day of Berlin after a spring's, an autumn's and a usual midnight.
    constexpr std::array<std::pair<std::int64_t, std::int64_t>, 3> kDays{
        {{1'774'738'800, 23}, {1'792'879'200, 25}, {1'782'079'200, 24}}};
    const auto [start_s, hours] = kDays[random.below(kDays.size())];
    const auto start_us = start_s * kSecond;
    const auto end_us = start_us + hours * kHour;
    const auto rows = results_of_log(day_log(random, start_us, end_us), end_us + 60 * kHour);
    for (const auto* measure : {"temperature", "parking_occupied", "water_volume"}) {
      const auto& quarters = rows.at({measure, "PT15M"});
      const auto& of_hours = rows.at({measure, "PT1H"});
      const auto& days = rows.at({measure, "P1D"});
      for (const auto& by_start : {quarters, of_hours, days}) {
        for (const auto& [at, row] : by_start) check_bounds(row);
      }
      for (auto at = start_us; at < end_us; at += kHour) {
        RC_ASSERT(sum_between(quarters, at, at + kHour) == sum_between(of_hours, at, at + kHour));
      }
      RC_ASSERT(days.contains(start_us));
      RC_ASSERT(days.at(start_us).end_us() == end_us);
      RC_ASSERT(sum_between(of_hours, start_us, end_us) == not_zero(sums_of(days.at(start_us))));
      RC_ASSERT(sum_between(quarters, start_us, end_us) == not_zero(sums_of(days.at(start_us))));
    }
  }));
}

}  // namespace
}  // namespace lenne::processing::test
