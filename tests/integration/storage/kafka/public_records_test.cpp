// What others subscribe to, byte by byte. It needs no broker; the program that it is in has one.

#include "storage/kafka/public_records.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "storage/kafka/framing.hpp"
#include "storage/kafka/topic_names.hpp"

namespace lenne::storage::kafka {
namespace {

std::optional<PublicRecord> copy_of(Topic topic, const std::string& value, bool tombstone = false) {
  auto copies = public_copies({}, {topic, 0, "", "key", value, tombstone});
  EXPECT_LE(copies.size(), 1U);
  return copies.empty() ? std::nullopt : std::optional(std::move(copies.front()));
}

std::string header(const PublicRecord& record, const std::string& name) {
  const auto found = std::ranges::find(record.headers, name, &std::pair<std::string, std::string>::first);
  return found == record.headers.end() ? "(none)" : found->second;
}

v1::DeviceEvent join_of(const std::string& tenant) {
  v1::DeviceEvent event;
  event.set_tenant(tenant);
  event.set_dev_eui(0x70b3d5499a3d1c02);
  event.set_time_us(1'790'000'000'000'001);
  event.mutable_join();
  return event;
}

TEST(PublicRecords, AnEventIsFramedAndHasTheHeadersOfACloudEvent) {
  const auto event = join_of("menden");
  const auto record = copy_of(Topic::event, event.SerializeAsString());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->topic, "lenne.t.menden.event.v1");
  EXPECT_EQ(record->key, "key");
  // 0x00, schema 1, then the list of one index: zigzag of 1, zigzag of DeviceEvent's place in its file.
  const std::string start{0, 0, 0, 0, 1, 2, static_cast<char>(2 * v1::DeviceEvent::descriptor()->index())};
  ASSERT_GT(v1::DeviceEvent::descriptor()->index(), 0);
  EXPECT_EQ(record->value, start + event.SerializeAsString());
  EXPECT_EQ(header(*record, "ce_specversion"), "1.0");
  EXPECT_EQ(header(*record, "ce_type"), "lenne.event.join.v1");
  EXPECT_EQ(header(*record, "ce_source"), "/tenants/menden/devices/70b3d5499a3d1c02");
  EXPECT_EQ(header(*record, "ce_time"), "2026-09-21T14:13:20.000001Z");
  EXPECT_EQ(header(*record, "ce_subject"), "70b3d5499a3d1c02");
  EXPECT_EQ(header(*record, "content-type"), "application/protobuf");
  EXPECT_EQ(header(*record, "ce_id").size(), 16U);
  EXPECT_NE(header(*record, "ce_id"), header(*copy_of(Topic::event, join_of("olpe").SerializeAsString()), "ce_id"));
}

TEST(PublicRecords, TheIdsAreTheRegistrysWhenThereIsOne) {
  KafkaSettings settings;
  settings.schema_ids = {.event = 100'001, .measurement = -2, .aggregate = 0x01020304, .command = 0, .alert = 6};
  const auto id_of = [&](Topic topic, const std::string& value) {
    const auto framed = unframed(public_copies(settings, {topic, 0, "", "key", value, false}).at(0).value);
    return framed ? framed->schema_id : 0;
  };
  v1::Measurement measurement;
  measurement.set_dev_eui(1);
  measurement.set_tenant("olpe");
  v1::Aggregate aggregate;
  aggregate.set_tenant("olpe");
  EXPECT_EQ(id_of(Topic::event, join_of("olpe").SerializeAsString()), 100'001);
  EXPECT_EQ(id_of(Topic::measurement, measurement.SerializeAsString()), -2);
  EXPECT_EQ(id_of(Topic::aggregate, aggregate.SerializeAsString()), 0x01020304);
}

TEST(PublicRecords, WhatIsFramedIsReadBack) {
  for (const int index : {0, 1, 63, 64, 8191, 8192, 1 << 20}) {
    const auto value = framed({7, index, "message"});
    const auto parts = unframed(value);
    ASSERT_TRUE(parts) << index;
    EXPECT_EQ(parts->schema_id, 7);
    EXPECT_EQ(parts->index, index);
    EXPECT_EQ(parts->message, "message");
    for (std::size_t cut = 0; cut < value.size() - parts->message.size(); ++cut)
      EXPECT_FALSE(unframed(std::string_view(value).substr(0, cut))) << index << ", cut after " << cut;
  }
}

TEST(PublicRecords, ATopicsNameSaysWhoWritesIt) {
  const KafkaSettings settings;
  const auto& info = info_of(Topic::command);
  EXPECT_EQ(written_by(settings, info, "olpe"), "lenne.t.olpe.command.v1");
  EXPECT_EQ(writer_of(settings, info, "lenne.t.olpe.command.v1"), "olpe");
  EXPECT_EQ(writer_of(settings, info, "lenne.t.olpe.event.v1"), "");
  EXPECT_EQ(writer_of(settings, info, "lenne.t.olpe.x.command.v1"), "");
  EXPECT_EQ(writer_of(settings, info, "other.t.olpe.command.v1"), "");
  EXPECT_EQ(all_written_by_tenants(settings, info), "^lenne\\.t\\.[a-zA-Z0-9_-]+\\.command\\.v1$");
}

TEST(PublicRecords, LocalDaysHaveATopicOfTheirOwn) {
  v1::Aggregate aggregate;
  aggregate.set_tenant("olpe");
  aggregate.set_window("PT15M");
  EXPECT_EQ(copy_of(Topic::aggregate, aggregate.SerializeAsString())->topic, "lenne.t.olpe.aggregate.v1");
  aggregate.set_window("P1D");
  EXPECT_EQ(copy_of(Topic::aggregate, aggregate.SerializeAsString())->topic, "lenne.t.olpe.aggregate-calendar.v1");
}

TEST(PublicRecords, AlertsAreToldWithTheTimeOfTheirChange) {
  v1::Alert alert;
  alert.set_tenant("olpe");
  alert.set_dev_eui(7);
  alert.set_changed_us(1'000'000);
  const auto record = copy_of(Topic::alert, alert.SerializeAsString());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->topic, "lenne.t.olpe.alert.v1");
  EXPECT_EQ(header(*record, "ce_type"), "lenne.alert.v1");
  EXPECT_EQ(header(*record, "ce_time"), "1970-01-01T00:00:01.000000Z");
  EXPECT_EQ(unframed(record->value)->schema_id, 5);
}

TEST(PublicRecords, WhatIsNobodysIsNotPublished) {
  v1::Measurement measurement;
  measurement.set_dev_eui(1);
  measurement.set_tenant("olpe");
  const auto copy = copy_of(Topic::measurement, measurement.SerializeAsString());
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->topic, "lenne.t.olpe.measurement.v1");
  auto request = measurement;
  request.mutable_acknowledgement();
  EXPECT_FALSE(copy_of(Topic::measurement, request.SerializeAsString()));
  measurement.clear_dev_eui();
  EXPECT_FALSE(copy_of(Topic::measurement, measurement.SerializeAsString())) << "a tick, or rules";
  EXPECT_FALSE(copy_of(Topic::event, join_of("").SerializeAsString()));
  EXPECT_FALSE(copy_of(Topic::event, join_of("a.b").SerializeAsString())) << "a dot would reach into another's topics";
  EXPECT_FALSE(copy_of(Topic::event, join_of(std::string(101, 'a')).SerializeAsString()));
  EXPECT_FALSE(copy_of(Topic::event, "\xff"));
  EXPECT_FALSE(copy_of(Topic::event, join_of("olpe").SerializeAsString(), true));
  EXPECT_FALSE(copy_of(Topic::network_in, join_of("olpe").SerializeAsString()));
}

TEST(PublicRecords, JsonStandsBesideProtobuf) {
  KafkaSettings settings;
  settings.json = true;
  settings.render = [](Topic topic, std::string_view value) {
    return std::optional(std::to_string(static_cast<int>(topic)) + " " + std::to_string(value.size()));
  };
  const auto event = join_of("menden").SerializeAsString();
  const auto copies = public_copies(settings, {Topic::event, 0, "", "key", event, false});
  ASSERT_EQ(copies.size(), 2U);
  EXPECT_EQ(copies[0].value, copy_of(Topic::event, event)->value);
  EXPECT_EQ(copies[1].topic, "lenne.t.menden.event.json.v1");
  EXPECT_EQ(copies[1].tenant, "menden");
  EXPECT_EQ(copies[1].key, "key");
  EXPECT_EQ(copies[1].value, "9 " + std::to_string(event.size()));
  EXPECT_EQ(header(copies[1], "content-type"), "application/json");
  EXPECT_EQ(header(copies[1], "ce_id"), header(copies[0], "ce_id")) << "the same event";
  v1::Aggregate aggregate;
  aggregate.set_tenant("olpe");
  for (const auto& [window, name] : {std::pair("PT15M", "aggregate"), std::pair("P1D", "aggregate-calendar")}) {
    aggregate.set_window(window);
    const auto both = public_copies(settings, {Topic::aggregate, 0, "", "key", aggregate.SerializeAsString(), false});
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[1].topic, "lenne.t.olpe." + std::string(name) + ".json.v1");
  }
  v1::Measurement measurement;
  measurement.set_dev_eui(1);
  measurement.set_tenant("olpe");
  EXPECT_EQ(public_copies(settings, {Topic::measurement, 0, "", "key", measurement.SerializeAsString(), false}).size(),
            1U);
  settings.render = [](Topic, std::string_view) { return std::optional<std::string>(); };
  EXPECT_EQ(public_copies(settings, {Topic::event, 0, "", "key", event, false}).size(), 1U) << "what has none has none";
}

TEST(PublicRecords, ATenantIsDeclaredByItsControlRecord) {
  EXPECT_EQ(declared_tenant({Topic::control, 0, "", "tenant/olpe", "x", false}), "olpe");
  EXPECT_EQ(declared_tenant({Topic::control, 0, "", "tenant/olpe", "", true}), "");
  EXPECT_EQ(declared_tenant({Topic::control, 0, "", "device/70b3", "x", false}), "");
  EXPECT_EQ(declared_tenant({Topic::keys, 0, "", "tenant/olpe", "x", false}), "");
}

}  // namespace
}  // namespace lenne::storage::kafka
