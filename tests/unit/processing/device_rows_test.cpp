#include "processing/alerts/device_rows.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "base/random.hpp"
#include "processing/alerts/keys.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

using alerts::device_row_key;
using alerts::DeviceRows;
using storage::Store;

constexpr std::size_t kAllStay = 1 << 20;

std::string row_of(std::uint64_t dev_eui, std::uint32_t interval_s) {
  v1::AlertDevice row;
  row.set_dev_eui(dev_eui);
  row.set_tenant("menden");
  row.set_nominal_interval_s(interval_s);
  return row.SerializeAsString();
}

void fill(DeviceRows& rows, std::uint64_t dev_eui, std::uint32_t interval_s) {
  auto& row = rows.insert(dev_eui);
  row.set_tenant("menden");
  row.set_nominal_interval_s(interval_s);
  rows.changed(dev_eui);
}

void commit(DeviceRows& rows, MapState& state, std::size_t most_bytes) {
  storage::Batch batch;
  rows.flush(batch, most_bytes);
  state.apply(batch);
}

/// After each random change, what is found and what is written must equal a plain map: whatever stays in memory, across
/// commits and restarts.
TEST(DeviceRows, ReadsAndWritesAsIfCommitted) {
  base::Random random(7);
  for (const std::size_t most_bytes : {std::size_t{0}, std::size_t{600}, std::size_t{2'000}, kAllStay}) {
    MapState committed;
    auto rows = std::make_unique<DeviceRows>(committed, 3);
    std::map<std::uint64_t, std::uint32_t> model;
    std::set<std::uint64_t> changed;
    for (std::uint32_t round = 1; round < 5'000; ++round) {
      const auto dev_eui = random.below(12);
      const auto found = rows->find(dev_eui);
      ASSERT_EQ(found.has_value(), model.contains(dev_eui));
      if (!found) {
        ASSERT_EQ(found.error().code, "state_damaged");
        fill(*rows, dev_eui, model[dev_eui] = round);
        changed.insert(dev_eui);
      } else {
        ASSERT_EQ((*found)->SerializeAsString(), row_of(dev_eui, model[dev_eui]));
        if (random.chance(0.2)) {
          rows->erase(dev_eui);
          model.erase(dev_eui);
          changed.insert(dev_eui);
        } else if (random.chance(0.5)) {
          (*found)->set_nominal_interval_s(model[dev_eui] = round);
          rows->changed(dev_eui);
          changed.insert(dev_eui);
        }
      }
      ASSERT_EQ(rows->pending_bytes() == 0, changed.empty());
      if (!random.chance(0.1)) continue;
      storage::Batch batch;
      rows->flush(batch, most_bytes);
      ASSERT_EQ(rows->pending_bytes(), 0u);
      ASSERT_EQ(batch.changes(), changed.size());
      auto expected = changed.begin();
      for (std::size_t i = 0; i < batch.changes(); ++i, ++expected) {
        const auto change = batch.change_at(i);
        ASSERT_EQ(change.key, device_row_key(*expected));
        ASSERT_EQ(change.partition, 3u);
        ASSERT_EQ(change.erase, !model.contains(*expected));
        if (!change.erase) {
          ASSERT_EQ(change.value, row_of(*expected, model[*expected]));
        }
      }
      changed.clear();
      committed.apply(batch);
      if (random.chance(0.1)) rows = std::make_unique<DeviceRows>(committed, 3);
    }
  }
}

TEST(DeviceRows, WritesAChangedRowOnce) {
  MapState committed;
  DeviceRows rows(committed, 0);
  fill(rows, 1, 60);
  const auto bytes = rows.pending_bytes();
  EXPECT_EQ(bytes, device_row_key(1).size() + row_of(1, 60).size());
  (*rows.find(1))->set_nominal_interval_s(61);
  rows.changed(1);
  EXPECT_EQ(rows.pending_bytes(), bytes);
  storage::Batch batch;
  rows.flush(batch, kAllStay);
  ASSERT_EQ(batch.changes(), 1u);
  EXPECT_EQ(batch.change_at(0).value, row_of(1, 61));
  ASSERT_TRUE(rows.find(1));
  rows.flush(batch, kAllStay);
  EXPECT_EQ(batch.changes(), 1u) << "what is read is not written";
  rows.changed(1);
  EXPECT_EQ(rows.pending_bytes(), bytes) << "as it was last written";
}

TEST(DeviceRows, WhatIsErasedIsNoMoreUntilItIsInserted) {
  MapState committed;
  DeviceRows rows(committed, 0);
  fill(rows, 1, 60);
  commit(rows, committed, kAllStay);
  rows.changed(1);
  rows.erase(1);
  EXPECT_EQ(rows.pending_bytes(), device_row_key(1).size());
  EXPECT_EQ(rows.find(1).error().code, "state_damaged") << "the state still has it";
  fill(rows, 1, 61);
  EXPECT_EQ(rows.pending_bytes(), device_row_key(1).size() + row_of(1, 61).size());
  storage::Batch batch;
  rows.flush(batch, kAllStay);
  ASSERT_EQ(batch.changes(), 1u);
  EXPECT_FALSE(batch.change_at(0).erase);
  EXPECT_EQ(batch.change_at(0).value, row_of(1, 61));
  committed.apply(batch);
  rows.erase(1);
  commit(rows, committed, kAllStay);
  EXPECT_EQ(committed.size(Store::alert), 0u);
  EXPECT_EQ(rows.find(1).error().code, "state_damaged");
}

/// How many of devices 1 to `devices` are found without reading.
std::set<std::uint64_t> in_memory(DeviceRows& rows, MapState& state, std::uint64_t devices) {
  std::set<std::uint64_t> found;
  state.broken = true;
  for (auto dev_eui = devices; dev_eui > 0; --dev_eui) {
    if (rows.find(dev_eui)) found.insert(dev_eui);
  }
  state.broken = false;
  return found;
}

TEST(DeviceRows, ForgetsWhatWasNotUsedForLongestBeyondItsBound) {
  MapState committed;
  DeviceRows rows(committed, 0);
  for (std::uint64_t dev_eui = 1; dev_eui <= 100; ++dev_eui) fill(rows, dev_eui, 60);
  EXPECT_EQ(in_memory(rows, committed, 100).size(), 100u) << "not before its commit";
  commit(rows, committed, kAllStay);
  EXPECT_EQ(in_memory(rows, committed, 100).size(), 100u);
  ASSERT_TRUE(rows.find(7));
  ASSERT_TRUE(rows.find(42));
  commit(rows, committed, 3'000);
  const auto stay = in_memory(rows, committed, 100);
  EXPECT_GE(stay.size(), 3u);
  EXPECT_LE(stay.size(), 15u);
  EXPECT_TRUE(stay.contains(7) && stay.contains(42));
  for (std::uint64_t dev_eui = 1; dev_eui <= 100; ++dev_eui) {
    const auto again = rows.find(dev_eui);
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->SerializeAsString(), row_of(dev_eui, 60));
  }
  commit(rows, committed, 0);
  EXPECT_TRUE(in_memory(rows, committed, 100).empty());
}

TEST(DeviceRows, ARowThatGrowsTakesMoreOfTheBound) {
  MapState committed;
  DeviceRows rows(committed, 0);
  fill(rows, 1, 60);
  commit(rows, committed, 3'000);
  (*rows.find(1))->set_device_name(std::string(5'000, 'x'));
  rows.changed(1);
  commit(rows, committed, 3'000);
  EXPECT_TRUE(in_memory(rows, committed, 1).empty());
}

TEST(DeviceRows, ARowStaysInItsPlaceWhoeverComes) {
  MapState committed;
  DeviceRows rows(committed, 0);
  fill(rows, 1, 60);
  auto* row = *rows.find(1);
  for (std::uint64_t dev_eui = 2; dev_eui < 1'000; ++dev_eui) fill(rows, dev_eui, 60);
  for (std::uint64_t dev_eui = 2; dev_eui < 1'000; ++dev_eui) rows.erase(dev_eui);
  row->set_nominal_interval_s(77);
  EXPECT_EQ(*rows.find(1), row);
  commit(rows, committed, 0);
  EXPECT_EQ((*rows.find(1))->nominal_interval_s(), 77u);
}

TEST(DeviceRows, ARowThatCannotBeReadIsAnError) {
  MapState committed;
  DeviceRows rows(committed, 0);
  storage::Batch batch;
  batch.put(Store::alert, 0, device_row_key(1), "\xff\xff");
  batch.put(Store::alert, 0, device_row_key(2), row_of(3, 60));
  batch.put(Store::alert, 0, device_row_key(4), row_of(4, 60));
  batch.put(Store::alert, 1, device_row_key(5), row_of(5, 60));
  committed.apply(batch);
  EXPECT_EQ(rows.find(1).error().code, "state_damaged");
  EXPECT_EQ(rows.find(2).error().code, "state_damaged") << "of another device";
  EXPECT_EQ(rows.find(3).error().code, "state_damaged") << "there is none";
  EXPECT_EQ(rows.find(5).error().code, "state_damaged") << "of another partition";
  committed.broken = true;
  EXPECT_EQ(rows.find(4).error().code, "log_read");
  committed.broken = false;
  EXPECT_TRUE(rows.find(4));
}

}  // namespace
}  // namespace lenne::processing::test
