// A meter's whole life by the windows: whatever happens to it, and in whatever order its readings arrive, what the
// windows get adds up to the differences of its readings, exactly.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/int128.hpp"
#include "base/random.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

constexpr std::int64_t kMostPerHour = 400;  // steps
constexpr std::int64_t kBackflow = 20;

struct Life {
  std::vector<v1::Measurement> uplinks;
  std::int64_t counted = 0;  ///< what the readings say that ran through, where they say it
  std::int64_t backwards = 0;
  std::uint64_t rollovers = 0, resets = 0, exchanges = 0, quarantined = 0;
  std::int64_t last_us = 0;
};

struct Shown {
  std::int64_t at;
  std::int64_t value;
  std::int64_t serial;
  bool reverse = false;  ///< the meter says so
};

/// Between readings lie one minute to 30 hours, and as much runs through as can.
std::int64_t random_pause(base::Random& random) {
  const std::array<std::int64_t, 4> longest{5, 90, 300, 27 * 60};
  return kMinute * (1 + static_cast<std::int64_t>(
                            random.below(static_cast<std::uint64_t>(longest[random.below(longest.size())]))));
}

std::int64_t random_below(base::Random& random, std::int64_t bound) {
  return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound)));
}

/// Readings as a meter shows them. A fall that is none of the meter's own is only sure where it is large.
std::vector<Shown> random_readings(base::Random& random, Life& life) {
  std::vector<Shown> shown{{kStart + random_pause(random), 300, 1}};
  for (auto n = 3 + random.below(12); n > 0; --n) {
    const auto last = shown.back();
    const auto pause = random_pause(random);
    const auto most = std::min<std::int64_t>(kMostPerHour * pause / kHour, 90);
    const auto run = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most) + 1));
    Shown next{last.at + pause, last.value + run, last.serial};
    switch (random.below(10)) {
      case 0:  // backwards
        next.value =
            last.value - std::min<std::int64_t>(last.value, static_cast<std::int64_t>(random.below(kBackflow)));
        break;
      case 1:  // another meter: what ran through unseen is unknown
        next.serial = last.serial + 1;
        next.value = static_cast<std::int64_t>(random.below(1000));
        ++life.exchanges;
        break;
      case 2:  // it begins anew, far from where a register does
        if (last.value < 300 || last.value >= 900) break;
        next.value = 150;
        ++life.resets;
        break;
      case 3: {  // one wrong reading in between, which the next one takes back
        const auto wrong = last.value + kMostPerHour * pause / kHour + 2 * kRegister;
        shown.push_back({last.at + pause / 2, wrong, last.serial});
        ++life.quarantined;
        // The meter's word takes it back, too, and may run on backwards.
        next.reverse = random.chance(0.5);
        if (next.reverse && random.chance(0.5)) next.value = random_below(random, last.value + 1);
        break;
      }
      case 4:  // backwards by anything, also from where a register ends to where it begins: the meter says so
        next.value = random_below(random, last.value + 1);
        next.reverse = true;
        break;
      case 5:  // it says so, but more ran forwards
        next.reverse = next.value < kRegister;
        break;
      default:
        break;
    }
    if (next.value >= kRegister) {
      next.reverse = false;
      next.value -= kRegister;
      ++life.rollovers;
    }
    const bool anew = next.value == 150 && last.value - next.value > kBackflow && last.value < 900;
    const bool known = next.serial == last.serial && (next.reverse || !anew);
    if (known) {
      auto more = next.value - last.value;
      if (more < -kBackflow && !next.reverse) more += kRegister;
      life.counted += more;
      life.backwards += more < 0 ? -more : 0;
    }
    shown.push_back(next);
  }
  return shown;
}

/// Each reading in one to three uplinks, of which the later ones carry older readings, too.
Life random_life(base::Random& random) {
  Life life;
  const auto shown = random_readings(random, life);
  std::uint32_t f_cnt = 0;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    auto uplink = record(1, shown[i].at + static_cast<std::int64_t>(random.below(60)) * kSecond, ++f_cnt, 0);
    for (const auto& [name, value] : {std::pair("backflow", kBackflow), std::pair("q_max", kMostPerHour)}) {
      auto& parameter = *uplink.add_parameters();
      parameter.set_name(name);
      parameter.mutable_value()->set_value(value);
      parameter.mutable_value()->set_exponent(-6);
    }
    for (auto k = i; k <= i && shown[k].serial == shown[i].serial; --k) {
      add_sample(uplink, v1::KIND_COUNTER, shown[k].at, shown[k].value);
      if (k == i) uplink.mutable_samples()->rbegin()->set_reverse(shown[k].reverse);  // its log does not say it
      if (random.chance(0.5)) break;
    }
    auto& serial = *uplink.add_samples();
    serial.set_measure("meter_serial");
    serial.set_kind(v1::KIND_INFO);
    serial.set_value(shown[i].serial);
    serial.set_time_us(shown[i].at);
    serial.set_index(100);
    life.uplinks.push_back(std::move(uplink));
  }
  life.last_us = shown.back().at;
  return life;
}

struct Sums {
  base::Int128 amount = 0, reverse = 0;
  std::uint64_t rollovers = 0, resets = 0, exchanges = 0, quarantined = 0, count = 0;
  friend bool operator==(const Sums&, const Sums&) = default;
};

base::Int128 number(const v1::Int128& x) { return base::int128_of(x.high(), x.low()); }

void add(Sums& sums, const v1::Aggregate& result) {
  const auto& c = result.counter();
  sums.amount += number(c.amount());
  sums.reverse += number(c.reverse());
  sums.rollovers += c.rollovers();
  sums.resets += c.resets();
  sums.exchanges += c.exchanges();
  sums.quarantined += c.quarantined();
  sums.count += c.count();
}

/// The last result of each window, when all have arrived and are final.
std::map<std::string, v1::Aggregate> last_results(const std::vector<v1::Measurement>& arrival, std::int64_t last_us) {
  auto settings = plain_settings();
  settings.horizon = std::nullopt;
  Windows windows(settings);
  std::map<std::string, v1::Aggregate> results;
  const auto keep = [&](const std::vector<Output>& outputs) {
    for (auto& result : Windows::aggregates(outputs)) {
      auto& last = results[result.window() + " " + std::to_string(result.start_us())];
      last = std::move(result);
    }
  };
  for (const auto& uplink : arrival) keep(windows.feed(uplink));
  v1::Measurement tick;
  tick.set_tick(true);
  tick.set_received_us(last_us + 10 * 24 * kHour);
  keep(windows.feed(tick));
  for (auto& [key, result] : results) {
    result.clear_revision();
    result.clear_emitted_us();
  }
  return results;
}

TEST(MeterReadings, WindowsAddUpToTheDifferencesWhateverHappens) {
  EXPECT_TRUE(rc::check("sums are exact, and do not depend on the order of arrival", [](std::uint64_t seed) {
    base::Random random(seed);
    const auto life = random_life(random);
    const auto results = last_results(life.uplinks, life.last_us);
    Sums quarters;
    Sums hours;
    std::map<std::int64_t, base::Int128> by_hour;
    for (const auto& [key, result] : results) {
      RC_ASSERT(result.covered_us() + result.counter().estimated_us() <= result.end_us() - result.start_us());
      RC_ASSERT(result.counter().interpolated_us() <= result.covered_us());
      const bool quarter = result.window() == "PT15M";
      add(quarter ? quarters : hours, result);
      by_hour[result.start_us() / kHour] += (quarter ? 1 : -1) * number(result.counter().amount());
    }
    RC_ASSERT(quarters == hours);
    for (const auto& [hour, rest] : by_hour) RC_ASSERT(rest == 0);
    RC_ASSERT(quarters.amount == life.counted);
    RC_ASSERT(quarters.reverse == life.backwards);
    RC_ASSERT(quarters.exchanges == life.exchanges);
    RC_ASSERT(quarters.rollovers == life.rollovers);
    RC_ASSERT(quarters.resets == life.resets);
    RC_ASSERT(quarters.quarantined == life.quarantined);

    auto shuffled = life.uplinks;
    for (std::size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[random.below(i)]);
    shuffled.push_back(shuffled[random.below(shuffled.size())]);
    const auto again = last_results(shuffled, life.last_us);
    RC_ASSERT(again.size() == results.size());
    for (const auto& [key, result] : results) {
      const auto other = again.find(key);
      RC_ASSERT(other != again.end());
      RC_ASSERT(other->second.SerializeAsString() == result.SerializeAsString());
    }
  }));
}

}  // namespace
}  // namespace lenne::processing::test
