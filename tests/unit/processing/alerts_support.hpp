#pragma once
// Alerts behind windows over a map: `feed` steps one record, `commit` flushes, `crash` forgets what was not committed.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lenne/v1/alert.pb.h"
#include "lenne/v1/control.pb.h"
#include "processing/alerts/alert_processor.hpp"
#include "support.hpp"

namespace lenne::processing::test {

inline constexpr std::uint64_t kGauge = 0x70b3d5499a3d1c02;

inline v1::Decimal decimal(std::int64_t value, int exponent) {
  v1::Decimal written;
  written.set_value(value);
  written.set_exponent(exponent);
  return written;
}

/// Water level in m: fires at `cm` after two samples, ends below it - 5 cm for 30 min (the flood rules of NRW's
/// information values).
inline v1::AlertRule level_rule(const std::string& name, const std::string& parameter, v1::Severity severity) {
  v1::AlertRule rule;
  rule.set_name(name);
  rule.set_measure("water_level");
  rule.set_comparison(v1::COMPARISON_ABOVE);
  rule.set_parameter(parameter);
  *rule.mutable_hysteresis() = decimal(5, -2);
  rule.set_consecutive(2);
  rule.set_clear_after_s(1800);
  rule.set_severity(severity);
  return rule;
}

inline v1::UseCase flood_use_case() {
  v1::UseCase use_case;
  use_case.set_name("flood-level");
  use_case.set_version(1);
  use_case.set_stale_after(3);
  *use_case.add_alerts() = level_rule("level-1", "w1", v1::SEVERITY_INFO);
  *use_case.add_alerts() = level_rule("level-2", "w2", v1::SEVERITY_WARNING);
  *use_case.add_alerts() = level_rule("level-3", "w3", v1::SEVERITY_ALARM);
  auto& rate = *use_case.add_alerts();
  rate.set_name("rising");
  rate.set_measure("water_level");
  rate.set_statistic("rate");
  rate.set_comparison(v1::COMPARISON_ABOVE);
  *rate.mutable_threshold() = decimal(30, -2);
  rate.set_severity(v1::SEVERITY_WARNING);
  auto& hour = *use_case.add_alerts();
  hour.set_name("high-hour");
  hour.set_measure("water_level");
  hour.set_window("PT1H");
  hour.set_statistic("mean");
  hour.set_comparison(v1::COMPARISON_ABOVE);
  *hour.mutable_threshold() = decimal(2, 0);
  hour.set_severity(v1::SEVERITY_WARNING);
  return use_case;
}

/// A level in mm, each 10 min unless told otherwise.
inline v1::Measurement level(std::int64_t received_us, std::int64_t time_us, std::int64_t mm, std::uint32_t f_cnt,
                             std::uint32_t flags = 0) {
  auto measurement = record(kGauge, received_us, f_cnt, 600);
  measurement.set_use_case("flood-level");
  for (const auto& [name, cm] : {std::pair{"w1", 110}, std::pair{"w2", 160}, std::pair{"w3", 210}}) {
    auto& parameter = *measurement.add_parameters();
    parameter.set_name(name);
    *parameter.mutable_value() = decimal(cm, -2);
  }
  add_sample(measurement, v1::KIND_GAUGE, time_us, mm, flags);
  auto& sample = *measurement.mutable_samples(0);
  sample.set_measure("water_level");
  sample.set_unit("m");
  sample.set_exponent(-3);
  return measurement;
}

inline v1::Measurement definition(std::int64_t received_us, const v1::UseCase& use_case) {
  v1::Measurement measurement;
  measurement.set_received_us(received_us);
  *measurement.mutable_definition() = use_case;
  return measurement;
}

inline v1::Measurement acknowledgement(std::int64_t received_us, const v1::Alert& alert, std::int64_t firing_since_us) {
  v1::Measurement measurement;
  measurement.set_received_us(received_us);
  auto& request = *measurement.mutable_acknowledgement();
  request.set_dev_eui(alert.dev_eui());
  request.set_rule(alert.rule());
  request.set_firing_since_us(firing_since_us);
  request.set_actor("fire brigade");
  request.set_note("sandbags are on their way");
  return measurement;
}

class Alerts {
 public:
  explicit Alerts(WindowSettings s = plain_settings(), std::size_t device_row_bytes = alerts::kDeviceRowBytes)
      : settings(std::move(s)), device_row_bytes_(device_row_bytes) {
    restart();
  }

  void restart() {
    processor = std::make_unique<alerts::AlertProcessor>(std::make_unique<WindowProcessor>(settings, counters),
                                                         counters, device_row_bytes_);
    ASSERT_TRUE(processor->assigned(0, state));
  }
  /// The alerts that this record told, in their order.
  std::vector<v1::Alert> feed(const v1::Measurement& measurement) {
    const auto value = measurement.SerializeAsString();
    const auto first = batch_.appends();
    while (processor->step({storage::Topic::measurement, 0, offset_++, base::from_us(0), {}, {}, value, false},
                           batch_) == Progress::more) {
    }
    std::vector<v1::Alert> told;
    for (auto i = first; i < batch_.appends(); ++i) {
      const auto append = batch_.append_at(i);
      if (append.topic != storage::Topic::alert) continue;
      EXPECT_TRUE(told.emplace_back().ParseFromArray(append.value.data(), static_cast<int>(append.value.size())));
      uncommitted_.push_back(
          {append.topic, std::string(append.tenant), std::string(append.key), std::string(append.value)});
    }
    EXPECT_FALSE(processor->fault());
    return told;
  }
  std::vector<v1::Alert> tick(std::int64_t now_us) {
    v1::Measurement measurement;
    measurement.set_tick(true);
    measurement.set_received_us(now_us);
    return feed(measurement);
  }
  /// Ticks of each 10 s until `now_us`, the last one at it.
  std::vector<v1::Alert> wait(std::int64_t from_us, std::int64_t now_us) {
    std::vector<v1::Alert> told;
    for (auto at = from_us + 10 * kSecond;; at = std::min(at + 10 * kSecond, now_us)) {
      for (auto& alert : tick(at)) told.push_back(std::move(alert));
      if (at >= now_us) return told;
    }
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
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> rows() const {
    std::vector<std::pair<std::string, std::string>> found;
    const auto scanned =
        state.scan(storage::Store::alert, 0, {}, {}, [&](std::string_view key, std::string_view value) {
          found.emplace_back(key, value);
          return true;
        });
    EXPECT_TRUE(scanned);
    return found;
  }

  WindowSettings settings;
  base::Counters counters;
  MapState state;
  std::unique_ptr<alerts::AlertProcessor> processor;
  std::vector<Output> committed;

 private:
  std::size_t device_row_bytes_;
  storage::Batch batch_;
  std::vector<Output> uncommitted_;
  storage::Offset offset_ = 0;
};

/// "level-1 firing, level-2 pending": what was told, in words.
inline std::string words(const std::vector<v1::Alert>& told) {
  std::string text;
  for (const auto& alert : told) {
    auto state = v1::AlertState_Name(alert.state()).substr(std::string("ALERT_STATE_").size());
    for (auto& c : state) c = static_cast<char>(std::tolower(c));
    text += (text.empty() ? "" : ", ") + alert.rule() + " " + state;
  }
  return text;
}

}  // namespace lenne::processing::test
