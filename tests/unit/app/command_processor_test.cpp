// What tenants write: a command becomes one request in its own tenant's name, everything else is kept and counted.

#include "app/command_processor.hpp"

#include <gtest/gtest.h>

#include "base/slot.hpp"
#include "lenne/v1/command.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "lenne/v1/quarantine.pb.h"
#include "storage/kafka/framing.hpp"

namespace lenne::app {
namespace {

using namespace std::chrono_literals;
using storage::Topic;

constexpr base::Timestamp kCommandNow = base::from_us(1'790'000'000'000'000);
constexpr std::uint64_t kCommandDevice = 0x70b3d5499a3d1c02;
constexpr std::uint32_t kCommandPartitions = 4;

v1::DownlinkCommand command() {
  v1::DownlinkCommand command;
  command.set_dev_eui(kCommandDevice);
  command.set_f_port(9);
  command.set_payload(std::string("\x01\0\xff", 3));
  command.set_confirmed(true);
  command.set_correlation_id("valve 7");
  return command;
}

std::string framed(const v1::DownlinkCommand& command, std::int32_t schema = 4) {
  const auto bytes = command.SerializeAsString();
  return storage::kafka::framed({schema, 0, bytes});
}

struct CommandsTest : ::testing::Test {
  /// What comes of a record, the only one of its batch.
  storage::Batch step(const std::string& value, base::Timestamp appended = kCommandNow) {
    storage::Batch out;
    const auto progress = processor.step({Topic::command, 3, 77, appended, "menden", "key", value, false}, out);
    EXPECT_EQ(progress, processing::Progress::done);
    processor.flush(out);
    EXPECT_EQ(out.appends(), 1U);
    EXPECT_EQ(out.changes(), 0U);
    return out;
  }
  v1::NetworkIn request(const std::string& value, base::Timestamp appended = kCommandNow) {
    const auto out = step(value, appended);
    const auto append = out.append_at(0);
    EXPECT_EQ(append.topic, Topic::network_in);
    const auto slot = base::slot_of(base::DevEui{kCommandDevice});
    EXPECT_EQ(append.partition, base::partition_of(slot, kCommandPartitions));
    EXPECT_EQ(append.key, std::string(1, static_cast<char>(slot)));
    v1::NetworkIn in;
    EXPECT_TRUE(in.ParseFromString(std::string(append.value)));
    return in;
  }
  v1::DeadLetter letter(const std::string& value, base::Timestamp appended = kCommandNow) {
    const auto out = step(value, appended);
    EXPECT_EQ(out.append_at(0).topic, Topic::dead_letter);
    EXPECT_EQ(out.append_at(0).partition, 0U);
    v1::DeadLetter letter;
    EXPECT_TRUE(letter.ParseFromString(std::string(out.append_at(0).value)));
    EXPECT_EQ(letter.topic(), "t.menden.command.v1");
    EXPECT_EQ(letter.offset(), 77U);
    return letter;
  }

  base::ManualClock clock{kCommandNow};
  base::Counters counters;
  CommandProcessor processor{{kCommandPartitions, 4}, clock, counters};
};

TEST_F(CommandsTest, ACommandBecomesARequestInTheNameOfTheTopicsTenant) {
  const auto in = request(framed(command()));
  EXPECT_EQ(in.received_us(), base::to_us(kCommandNow));
  EXPECT_EQ(in.downlink().dev_eui(), kCommandDevice);
  EXPECT_EQ(in.downlink().tenant(), "menden");
  EXPECT_EQ(in.downlink().f_port(), 9U);
  EXPECT_EQ(in.downlink().payload(), std::string("\x01\0\xff", 3));
  EXPECT_TRUE(in.downlink().confirmed());
  EXPECT_EQ(in.downlink().correlation_id(), "valve 7");
  EXPECT_EQ(in.downlink().request_id(), 0U) << "those are the API's";
  EXPECT_EQ(counters.value("commands.accepted"), 1U);
}

TEST_F(CommandsTest, WithoutACorrelationIdTheOffsetIsIt) {
  auto plain = command();
  plain.clear_correlation_id();
  EXPECT_EQ(request(framed(plain)).downlink().correlation_id(), "77");
}

TEST_F(CommandsTest, ItsTimeIsTheRecordsButNotAheadOfTheLogsClock) {
  EXPECT_EQ(request(framed(command()), kCommandNow - 5s).received_us(), base::to_us(kCommandNow - 5s));
  EXPECT_EQ(request(framed(command()), kCommandNow + 5s).received_us(), base::to_us(kCommandNow));
}

TEST_F(CommandsTest, TheLongFormOfTheMessagesPlaceIsUnderstood) {
  const auto bytes = command().SerializeAsString();
  EXPECT_EQ(request(std::string("\0\0\0\0\4\2\0", 7) + bytes).downlink().f_port(), 9U);
}

TEST_F(CommandsTest, WhatIsNoCommandGoesToDeadLetterWithItsReason) {
  const auto whole = framed(command());
  EXPECT_EQ(letter("").reason(), "not_framed");
  EXPECT_EQ(letter("{\"dev_eui\":\"70b3d5499a3d1c02\"}").reason(), "not_framed");
  EXPECT_EQ(letter(whole.substr(0, 5)).reason(), "not_framed");
  EXPECT_EQ(letter(std::string("\0\0\0\0\4\xff\xff\xff\xff\xff", 10)).reason(), "not_framed");
  EXPECT_EQ(letter(std::string("\0\0\0\0\4\1\0", 7)).reason(), "not_framed") << "a list of -1 places";
  EXPECT_EQ(letter(std::string("\0\0\0\0\4\4\0\0", 8)).reason(), "not_framed") << "a message in a message";
  EXPECT_EQ(letter(framed(command(), 1)).reason(), "unknown_schema");
  EXPECT_EQ(letter(std::string("\0\0\0\0\4\2\2", 7)).reason(), "unknown_schema") << "its file has one message";
  EXPECT_EQ(letter(whole.substr(0, whole.size() - 1)).reason(), "not_a_command");
}

TEST_F(CommandsTest, BoundsAreKept) {
  auto long_one = command();
  long_one.set_correlation_id(std::string(64, 'x'));
  EXPECT_EQ(request(framed(long_one)).downlink().correlation_id().size(), 64U);
  long_one.set_correlation_id(std::string(65, 'x'));
  EXPECT_EQ(letter(framed(long_one)).reason(), "correlation_id");
  auto of_nobody = command();
  of_nobody.set_dev_eui(0);
  EXPECT_EQ(letter(framed(of_nobody)).reason(), "not_a_command");
  const auto cut = letter(std::string(10'000, 'x'));
  EXPECT_EQ(cut.record().size(), 4'096U);
  EXPECT_NE(cut.detail().find("10000"), std::string::npos);
  EXPECT_EQ(counters.value("commands.refused.not_a_command"), 1U);
}

TEST_F(CommandsTest, WhatIsOlderThanTheTopicKeepsIsNotCarriedOutAgain) {
  EXPECT_TRUE(request(framed(command()), kCommandNow - 24h * 7).has_downlink());
  EXPECT_EQ(letter(framed(command()), kCommandNow - 24h * 7 - 1us).reason(), "too_old");
}

}  // namespace
}  // namespace lenne::app
