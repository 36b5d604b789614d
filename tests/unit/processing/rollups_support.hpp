#pragma once
// Results of devices as the windows hand them over, and the roll-ups' processor on a map of rows.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "processing/rollup/rollup_processor.hpp"
#include "processing/states.hpp"
#include "support.hpp"

namespace lenne::processing::test {

/// An hour's result of a gauge: the mean of its samples, which lie around it.
inline v1::Aggregate hour_of(std::uint64_t dev_eui, const std::string& tenant, const std::string& site,
                             std::int64_t mean, std::int64_t start_us = kStart) {
  v1::Aggregate result;
  result.set_dev_eui(dev_eui);
  result.set_tenant(tenant);
  result.set_site(site);
  result.set_measure("temperature");
  result.set_unit("Cel");
  result.set_kind(v1::KIND_GAUGE);
  result.set_exponent(-1);
  result.set_start_us(start_us);
  result.set_end_us(start_us + kHour);
  result.set_window("PT1H");
  result.set_nominal_interval_s(600);
  result.set_covered_us(kHour);
  GaugeState state{2, 2 * mean, 2 * mean * mean + 2, {mean - 1, start_us + 5}, {mean + 1, start_us + 6}};
  to_proto(state, *result.mutable_gauge());
  return result;
}

/// A local day of a water meter.
inline v1::Aggregate water_day(std::uint64_t dev_eui, const std::string& tenant, const std::string& site,
                               std::int64_t litres, std::int64_t start_us = kStart) {
  auto result = hour_of(dev_eui, tenant, site, 0, start_us);
  result.set_measure("water_volume");
  result.set_unit("m3");
  result.set_exponent(-3);
  result.set_kind(v1::KIND_COUNTER);
  result.set_end_us(start_us + 24 * kHour);
  result.set_covered_us(24 * kHour);
  result.set_window("P1D");
  result.mutable_counter()->set_count(1);
  to_proto(base::Int128{litres}, *result.mutable_counter()->mutable_amount());
  return result;
}

/// rollup::fold of members that it is given.
inline std::vector<v1::Rollup> fold_all(const std::string& measure, const std::string& window, std::int64_t start_us,
                                        const std::vector<v1::RollupMember>& members, const rollup::Totals& totals,
                                        const rollup::Places& places) {
  std::vector<const v1::RollupMember*> all;
  for (const auto& member : members) all.push_back(&member);
  return rollup::fold(measure, window, start_us, std::move(all), totals, places);
}

/// With two partitions that hand over.
class Rollups {
 public:
  explicit Rollups(std::size_t portion_bytes = kPortionBytes, const WindowSettings& settings = plain_settings(),
                   std::size_t most_members = 1000)
      : settings_(settings), portion_bytes_(portion_bytes), most_members_(most_members) {
    restart();
  }
  void restart() {
    batch_.clear();
    processor = std::make_unique<rollup::RollupProcessor>(settings_, 2, counters, portion_bytes_, most_members_);
    ASSERT_TRUE(processor->assigned(0, state));
  }
  std::vector<v1::Rollup> feed(const v1::RollupInput& input) {
    const auto value = input.SerializeAsString();
    std::vector<v1::Rollup> made;
    for (auto progress = Progress::more; progress == Progress::more;) {
      const auto first = batch_.appends();
      progress = processor->step({storage::Topic::rollup_in, 0, 0, base::from_us(0), {}, {}, value, false}, batch_);
      for (auto i = first; i < batch_.appends(); ++i) note(batch_.append_at(i), made);
      if (progress == Progress::done) break;
      ++parts;
      commit();
      restart();
    }
    return made;
  }
  std::vector<v1::Rollup> take(const v1::Aggregate& result) {
    v1::RollupInput input;
    *input.mutable_member() = result;
    return feed(input);
  }
  std::vector<v1::Rollup> time(std::uint32_t partition, std::int64_t watermark_us) {
    v1::RollupInput input;
    input.mutable_time()->set_partition(partition);
    input.mutable_time()->set_watermark_us(watermark_us);
    return feed(input);
  }
  /// Of both partitions.
  std::vector<v1::Rollup> until(std::int64_t watermark_us) {
    auto made = time(0, watermark_us);
    for (auto& each : time(1, watermark_us)) made.push_back(std::move(each));
    return made;
  }
  void site(const std::string& tenant, const std::string& name, const std::string& area) {
    v1::RollupInput input;
    auto& of = *input.mutable_declared()->mutable_site();
    of.set_tenant(tenant);
    of.set_name(name);
    of.set_area(area);
    feed(input);
  }
  void tenant(const std::string& name, const std::string& district, const std::vector<std::string>& published = {}) {
    v1::RollupInput input;
    auto& of = *input.mutable_declared()->mutable_tenant();
    of.set_name(name);
    of.set_district(district);
    for (const auto& each : published) of.add_open(each);
    feed(input);
  }
  void use_case(const std::string& name, v1::PrivacyClass privacy) {
    v1::RollupInput input;
    input.mutable_declared()->mutable_use_case()->set_name(name);
    input.mutable_declared()->mutable_use_case()->set_privacy(privacy);
    feed(input);
  }
  void device(std::uint64_t dev_eui, const std::string& use_case) {
    v1::RollupInput input;
    input.mutable_declared()->mutable_device()->set_dev_eui(dev_eui);
    input.mutable_declared()->mutable_device()->set_use_case(use_case);
    feed(input);
  }
  void commit() {
    processor->flush(batch_);
    state.apply(batch_);
    batch_.clear();
  }

  base::Counters counters;
  test::MapState state;
  std::unique_ptr<rollup::RollupProcessor> processor;
  std::vector<v1::OpenRollup> open;  ///< all that everybody was told
  int parts = 0;

 private:
  void note(const auto& append, std::vector<v1::Rollup>& made) {
    if (append.topic == storage::Topic::open_rollup) {
      EXPECT_TRUE(open.emplace_back().ParseFromString(std::string(append.value)));
      EXPECT_EQ(append.key, rollup::topic_key(open.back()));
      return;
    }
    EXPECT_EQ(append.topic, storage::Topic::rollup);
    EXPECT_TRUE(made.emplace_back().ParseFromString(std::string(append.value)));
    EXPECT_EQ(append.key, rollup::topic_key(made.back()));
    EXPECT_EQ(append.tenant, made.back().tenant());
  }

  WindowSettings settings_;
  std::size_t portion_bytes_;
  std::size_t most_members_;
  storage::Batch batch_;
};

}  // namespace lenne::processing::test
