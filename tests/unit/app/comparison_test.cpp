// How records that processors append are held against those of a directory.

#include "app/replay/comparison.hpp"

#include <gtest/gtest.h>

#include "lenne/v1/event.pb.h"

namespace lenne::app {
namespace {

using storage::Topic;

constexpr int kFirst = 0;
constexpr int kSecond = 1;

storage::Batch batch_of(Topic topic, std::string_view value, std::uint32_t partition = 0) {
  storage::Batch batch;
  batch.append(topic, partition, "menden", "key", value);
  return batch;
}

storage::Record record_of(Topic topic, std::string_view value, std::uint32_t partition = 0) {
  return {topic, partition, 99, {}, "menden", "key", value, false};
}

class ComparisonTest : public ::testing::Test {
 protected:
  ComparisonTest() {
    comparison_.compare(Topic::event);
    comparison_.compare(Topic::network_in);
    comparison_.compare(Topic::dead_letter);
  }
  bool says(std::string_view what) const {
    return comparison_.difference() && comparison_.difference()->find(what) != std::string::npos;
  }
  Comparison comparison_;
};

TEST_F(ComparisonTest, TheSameInTheSameOrderIsEqual) {
  for (const auto* value : {"a", "b"}) comparison_.expect(kFirst, batch_of(Topic::event, value), 1);
  comparison_.expect(kFirst, batch_of(Topic::event, "c", 1), 2);
  comparison_.found(kFirst, record_of(Topic::event, "c", 1));  // partitions do not wait for each other
  for (const auto* value : {"a", "b"}) comparison_.found(kFirst, record_of(Topic::event, value));
  comparison_.finish();
  EXPECT_EQ(comparison_.difference(), std::nullopt);
  EXPECT_EQ(comparison_.equal().at(Topic::event), 3U);
}

TEST_F(ComparisonTest, AnotherOrderIsADifference) {
  for (const auto* value : {"a", "b"}) comparison_.expect(kFirst, batch_of(Topic::event, value), 7);
  comparison_.found(kFirst, record_of(Topic::event, "b"));
  EXPECT_TRUE(says("event.v1 partition 0 offset 99: something else came of the record at offset 7"));
}

TEST_F(ComparisonTest, AFieldThatDiffersIsNamed) {
  v1::DeviceEvent event;
  event.set_tenant("menden");
  const auto made = event.SerializeAsString();
  event.set_device_name("Saal");
  const auto held = event.SerializeAsString();
  comparison_.expect(kFirst, batch_of(Topic::event, made), 7);
  comparison_.found(kFirst, record_of(Topic::event, held));
  EXPECT_TRUE(says("deleted: device_name: \"Saal\"")) << *comparison_.difference();
}

TEST_F(ComparisonTest, ATombstoneIsNoValue) {
  storage::Batch removal;
  removal.append_tombstone(Topic::event, 0, "menden", "key");
  comparison_.expect(kFirst, removal, 7);
  comparison_.found(kFirst, record_of(Topic::event, ""));
  EXPECT_TRUE(says("its tenant or key"));
}

TEST_F(ComparisonTest, WhatIsMissingAndWhatIsTooManyAreDifferences) {
  comparison_.expect(kFirst, batch_of(Topic::event, "a"), 7);
  comparison_.finish();
  EXPECT_TRUE(says("event.v1 partition 0: what came of the record at offset 7 is missing"));
  Comparison other;
  other.compare(Topic::event);
  other.found(kFirst, record_of(Topic::event, "a"));
  EXPECT_NE(other.difference()->find("nothing led to it"), std::string::npos);
}

TEST_F(ComparisonTest, EachProcessorHasItsOwnOrder) {
  comparison_.expect(kFirst, batch_of(Topic::dead_letter, "a"), 1);
  comparison_.expect(kSecond, batch_of(Topic::dead_letter, "b"), 2);
  comparison_.found(kSecond, record_of(Topic::dead_letter, "b"));
  comparison_.found(kFirst, record_of(Topic::dead_letter, "a"));
  comparison_.finish();
  EXPECT_EQ(comparison_.difference(), std::nullopt);
}

TEST_F(ComparisonTest, AmongOthersOnlyOursAreLookedFor) {
  comparison_.expect(kFirst, batch_of(Topic::network_in, "ours"), 1);
  comparison_.found_among_others(kFirst, record_of(Topic::network_in, "theirs"));
  comparison_.found_among_others(kFirst, record_of(Topic::network_in, "ours"));
  comparison_.found_among_others(kFirst, record_of(Topic::network_in, "theirs"));
  comparison_.finish();
  EXPECT_EQ(comparison_.difference(), std::nullopt);
  EXPECT_EQ(comparison_.equal().at(Topic::network_in), 1U);
}

TEST_F(ComparisonTest, WhatIsNotComparedIsNotKept) {
  comparison_.expect(kFirst, batch_of(Topic::aggregate, "a"), 1);
  comparison_.found(kFirst, record_of(Topic::aggregate, "b"));
  comparison_.finish();
  EXPECT_EQ(comparison_.difference(), std::nullopt);
  EXPECT_TRUE(comparison_.equal().empty());
}

}  // namespace
}  // namespace lenne::app
