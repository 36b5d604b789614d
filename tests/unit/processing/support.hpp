#pragma once
// A log and a state of maps, to drive processors record by record, with commits and restarts wherever a test wants
// them.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "base/random.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "lenne/v1/quarantine.pb.h"
#include "lenne/v1/rollup.pb.h"
#include "processing/window_processor.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::processing::test {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
/// 2026-10-25T00:00:00Z, the day on which German summer time ends: windows must not care.
inline constexpr std::int64_t kStart = 1'792'886'400 * kSecond;

/// German time at a moment, by the rule of directive 2000/84/EC, which is no more than this: summer time from the last
/// Sunday of March to that of October, at 01:00 UTC.
inline std::chrono::hours berlin_offset(std::chrono::sys_seconds at) {
  using namespace std::chrono;
  const auto year = year_month_day{floor<days>(at)}.year();
  const auto change = [&](month m) { return sys_days{year / m / Sunday[last]} + hours{1}; };
  return at >= change(March) && at < change(October) ? hours{2} : hours{1};
}

/// The start of the day of Berlin that contains `second` (Unix time); days begin `hour` o'clock.
inline std::int64_t berlin_day_s(std::int64_t second, int hour = 0) {
  using namespace std::chrono;
  const sys_seconds at{seconds{second}};
  const auto begins = [&](sys_days day) {
    const sys_seconds local = day + hours{hour};
    return local - berlin_offset(local - hours{2});  // no change lies between 22:00 and 01:00 UTC, nor after 01:00
  };
  auto day = floor<days>(at + hours{3});
  while (begins(day) > at) day -= days{1};
  return begins(day).time_since_epoch().count();
}

inline std::shared_ptr<const DayTable> day_table(std::string time_zone,
                                                 const std::function<std::int64_t(std::int64_t)>& day) {
  std::vector<std::int64_t> starts;
  for (std::int64_t noon = -43'200; noon < 7'300'000'000; noon += 86'400) starts.push_back(day(noon));
  return std::make_shared<const DayTable>(DayTable::from_starts(std::move(time_zone), std::move(starts)).value());
}

inline std::shared_ptr<const DayTable> berlin() {
  static const auto days = day_table("Europe/Berlin", [](std::int64_t noon) { return berlin_day_s(noon); });
  return days;
}

/// The start of a calendar's day, from the definition alone.
inline std::int64_t day_start_s(Calendar calendar, std::int64_t second) {
  const auto fixed = [&](std::int64_t offset) { return (second - offset) / 86'400 * 86'400 + offset; };
  switch (calendar) {
    case Calendar::day_cet:
      return fixed(-3600);
    case Calendar::rain_day:
      return fixed(6 * 3600);
    case Calendar::gas_day:
      return berlin_day_s(second, 6);
    default:
      return berlin_day_s(second);
  }
}

/// All of them.
inline void use_calendars(WindowSettings& settings) {
  static const auto tables = [] {
    decltype(WindowSettings::days) all;
    for (const auto& info : kCalendars) {
      all[index_of(info.calendar)] = day_table(std::string(info.setting), [&](std::int64_t noon) {
        return noon < 0 ? noon : day_start_s(info.calendar, noon);
      });
    }
    return all;
  }();
  settings.days = tables;
}

class MapState final : public storage::StateReader {
 public:
  using Visit = std::function<bool(std::string_view, std::string_view)>;

  void apply(const storage::Batch& batch) {
    for (std::size_t i = 0; i < batch.changes(); ++i) {
      const auto change = batch.change_at(i);
      auto& rows = rows_[{change.store, change.partition}];
      if (change.erase) {
        rows.erase(std::string(change.key));
      } else {
        rows[std::string(change.key)] = std::string(change.value);
      }
    }
  }

  [[nodiscard]] base::Result<std::optional<std::string>> get(storage::Store store, std::uint32_t partition,
                                                             std::string_view key) const override {
    if (broken) return base::fail("log_read", "broken on purpose");
    const auto rows = rows_.find({store, partition});
    if (rows == rows_.end()) return std::optional<std::string>{};
    const auto found = rows->second.find(std::string(key));
    return found == rows->second.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] base::Result<void> scan(storage::Store store, std::uint32_t partition, std::string_view from,
                                        std::string_view to, const Visit& visit) const override {
    if (broken) return base::fail("log_read", "broken on purpose");
    for (const auto& [key, value] : between(store, partition, from, to)) {
      if (!visit(key, value)) break;
    }
    return {};
  }
  [[nodiscard]] base::Result<void> scan_back(storage::Store store, std::uint32_t partition, std::string_view from,
                                             std::string_view to, const Visit& visit) const override {
    if (broken) return base::fail("log_read", "broken on purpose");
    const auto rows = between(store, partition, from, to);
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      if (!visit(row->first, row->second)) break;
    }
    return {};
  }
  [[nodiscard]] std::size_t size(storage::Store store, std::uint32_t partition = 0) const {
    const auto rows = rows_.find({store, partition});
    return rows == rows_.end() ? 0 : rows->second.size();
  }

  bool broken = false;

 private:
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> between(storage::Store store, std::uint32_t partition,
                                                                         std::string_view from,
                                                                         std::string_view to) const {
    std::vector<std::pair<std::string, std::string>> found;
    const auto rows = rows_.find({store, partition});
    if (rows == rows_.end()) return found;
    for (const auto& row : rows->second) {
      if (row.first >= from && (to.empty() || row.first < to)) found.push_back(row);
    }
    return found;
  }

  std::map<std::pair<storage::Store, std::uint32_t>, std::map<std::string, std::string>> rows_;
};

/// What a processor appended: topic, tenant, key, value.
struct Output {
  storage::Topic topic;
  std::string tenant, key, value;
  friend auto operator<=>(const Output&, const Output&) = default;
};

/// One partition's windows over a map. `feed` steps one record; `commit` flushes; `crash` forgets what was not
/// committed.
class Windows {
 public:
  explicit Windows(WindowSettings s, const WindowBounds& bounds = {}) : settings(std::move(s)), bounds_(bounds) {
    restart();
  }

  void restart() {
    processor = std::make_unique<WindowProcessor>(settings, counters, bounds_);
    ASSERT_TRUE(processor->assigned(0, state));
  }
  /// Everything that this record made, in its order.
  std::vector<Output> feed(const v1::Measurement& measurement) { return feed_bytes(measurement.SerializeAsString()); }
  std::vector<Output> feed_bytes(const std::string& value) {
    const auto first = batch_.appends();
    while (feed_part(value) == Progress::more) {
    }
    return outputs_from(first);
  }
  /// One step of a record.
  Progress feed_part(const std::string& value) {
    const auto first = batch_.appends();
    const auto progress =
        processor->step({storage::Topic::measurement, 0, offset_++, base::from_us(0), {}, {}, value, false}, batch_);
    for (auto& output : outputs_from(first)) uncommitted_.push_back(std::move(output));
    return progress;
  }
  void commit() {
    processor->flush(batch_);
    state.apply(batch_);
    batch_.clear();
    committed.insert(committed.end(), uncommitted_.begin(), uncommitted_.end());
    uncommitted_.clear();
  }
  void crash() {
    batch_.clear();
    uncommitted_.clear();
    restart();
  }
  [[nodiscard]] const std::vector<Output>& uncommitted() const { return uncommitted_; }
  /// A tick at `now_us`; what became final.
  std::vector<v1::Aggregate> tick(std::int64_t now_us) {
    v1::Measurement measurement;
    measurement.set_tick(true);
    measurement.set_received_us(now_us);
    return aggregates(feed(measurement));
  }
  static std::vector<v1::Aggregate> aggregates(const std::vector<Output>& outputs) {
    std::vector<v1::Aggregate> found;
    for (const auto& output : outputs) {
      if (output.topic != storage::Topic::aggregate) continue;
      found.emplace_back();
      EXPECT_TRUE(found.back().ParseFromString(output.value));
    }
    return found;
  }
  static std::vector<v1::LateMeasurement> late(const std::vector<Output>& outputs) {
    std::vector<v1::LateMeasurement> found;
    for (const auto& output : outputs) {
      if (output.topic != storage::Topic::measurement_late) continue;
      found.emplace_back();
      EXPECT_TRUE(found.back().ParseFromString(output.value));
    }
    return found;
  }

  WindowSettings settings;
  base::Counters counters;
  MapState state;
  std::unique_ptr<WindowProcessor> processor;
  std::vector<Output> committed;

  /// What was handed over to roll-ups since the last commit.
  [[nodiscard]] std::vector<v1::RollupInput> handed_over() const {
    std::vector<v1::RollupInput> found;
    for (std::size_t i = 0; i < batch_.appends(); ++i) {
      if (batch_.append_at(i).topic != storage::Topic::rollup_in) continue;
      EXPECT_TRUE(found.emplace_back().ParseFromString(std::string(batch_.append_at(i).value)));
    }
    return found;
  }

 private:
  /// All but what is handed over to roll-ups.
  [[nodiscard]] std::vector<Output> outputs_from(std::size_t first) const {
    std::vector<Output> made;
    for (auto i = first; i < batch_.appends(); ++i) {
      const auto a = batch_.append_at(i);
      if (a.topic != storage::Topic::rollup_in)
        made.push_back({a.topic, std::string(a.tenant), std::string(a.key), std::string(a.value)});
    }
    return made;
  }

  WindowBounds bounds_;
  storage::Batch batch_;
  std::vector<Output> uncommitted_;
  storage::Offset offset_ = 0;
};

/// The envelope of a record; each has a counter of its own unless told otherwise.
inline v1::Measurement record(std::uint64_t dev_eui, std::int64_t received_us, std::uint32_t f_cnt,
                              std::uint32_t nominal_s = 600) {
  v1::Measurement measurement;
  measurement.set_dev_eui(dev_eui);
  measurement.set_tenant("menden");
  measurement.set_site("school");
  measurement.set_device_name("sensor");
  measurement.set_received_us(received_us);
  measurement.set_session(7);
  measurement.set_f_cnt(f_cnt);
  measurement.set_nominal_interval_s(nominal_s);
  return measurement;
}

/// After this value the counters of tests begin anew.
inline constexpr std::int64_t kRegister = 1000;

inline void add_sample(v1::Measurement& to, v1::Kind kind, std::int64_t time_us, std::int64_t value,
                       std::uint32_t flags = 0) {
  auto& sample = *to.add_samples();
  sample.set_measure(kind == v1::KIND_STATE     ? "parking_occupied"
                     : kind == v1::KIND_COUNTER ? "water_volume"
                                                : "temperature");
  sample.set_unit(kind == v1::KIND_STATE ? "" : kind == v1::KIND_COUNTER ? "m3" : "Cel");
  sample.set_kind(kind);
  sample.set_exponent(kind == v1::KIND_STATE ? 0 : -6);
  if (kind == v1::KIND_COUNTER) sample.set_rollover_at(kRegister);
  sample.set_value(value);
  sample.set_time_us(time_us);
  sample.set_index(static_cast<std::uint32_t>(to.samples_size() - 1));
  sample.set_flags(flags);
}

inline v1::Measurement gauge(std::uint64_t dev_eui, std::int64_t received_us, std::int64_t time_us, std::int64_t value,
                             std::uint32_t f_cnt, std::uint32_t nominal_s = 600) {
  auto measurement = record(dev_eui, received_us, f_cnt, nominal_s);
  add_sample(measurement, v1::KIND_GAUGE, time_us, value);
  return measurement;
}

inline v1::Measurement bay(std::uint64_t dev_eui, std::int64_t time_us, bool occupied, std::uint32_t f_cnt,
                           std::uint32_t nominal_s = 600) {
  auto measurement = record(dev_eui, time_us, f_cnt, nominal_s);
  add_sample(measurement, v1::KIND_STATE, time_us, occupied ? 1 : 0);
  return measurement;
}

inline v1::Measurement meter(std::uint64_t dev_eui, std::int64_t received_us, std::int64_t time_us, std::int64_t value,
                             std::uint32_t f_cnt) {
  auto measurement = record(dev_eui, received_us, f_cnt, 0);
  add_sample(measurement, v1::KIND_COUNTER, time_us, value);
  return measurement;
}

/// Whether a meter says with an uplink's reading that it ran backwards: the same each time that the uplink comes.
inline bool says_reverse(const base::Random& dice, const v1::Measurement& uplink, const v1::Sample& reading) {
  const auto place = (std::uint64_t{uplink.f_cnt()} << 32) + (uplink.session() << 16) + reading.index();
  return dice.fork(place).fork(uplink.dev_eui()).chance(0.3);
}

/// 15-min and 1-h windows, no delay of the watermark, no spread, no corrections: edges are easy to hit exactly.
inline WindowSettings plain_settings() {
  WindowSettings settings;
  settings.watermark_delay = base::Duration{0};
  settings.spread = false;
  settings.horizon = base::Duration{0};
  return settings;
}

}  // namespace lenne::processing::test
