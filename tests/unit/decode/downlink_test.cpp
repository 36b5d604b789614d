// What is sent to devices: the second side of a schema.
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "tests/unit/decode/support.hpp"

namespace lenne::decode::tests {
namespace {

const std::string kUplink = "message M { uint32 a = 1 [(codec.f) = {bits: 8}]; } ";
const std::string kCommands =
    kUplink +
    "message D { option (codec.layout) = {downlink: true type_bytes: 1}; optional Interval interval = 1 [(codec.f) = "
    "{type: 1}]; optional Reset reset = 2 [(codec.f) = {type: 4}]; } "
    "message Interval { uint32 seconds = 1 [(codec.f) = {bits: 24}]; } "
    "message Reset { uint32 what = 1 [(codec.f) = {bits: 8 check: 0xff}]; }";
const std::string kSettings = kUplink +
                              "message D { option (codec.layout) = {downlink: true tlv_key_bytes: 1 port: [85, 86]}; "
                              "optional uint32 interval = 1 "
                              "[(codec.f) = {key: 3 bits: 16}]; }";

// "<FPort> <hex>" or "<code>: <message>".
std::string sent(const std::string& messages, std::optional<std::uint32_t> f_port, std::string_view json) {
  const auto result = encode_downlink(*compiled(messages), "test/t", f_port, json);
  if (!result) return result.error().code + ": " + result.error().message;
  return std::to_string(result->f_port) + " " + base::to_hex(result->payload);
}

TEST(Downlink, IsEncodedByItsOwnMessage) {
  EXPECT_EQ(sent(kCommands, 2, R"({"interval":{"seconds":60}})"), "2 0100003c");
  EXPECT_EQ(sent(kCommands, 2, R"({"reset":{}})"), "2 04ff");
  EXPECT_EQ(sent(kSettings, std::nullopt, R"({"interval":1200})"), "85 0304b0");
  EXPECT_EQ(sent(kSettings, 86, R"({"interval":1200})"), "86 0304b0");
}

TEST(Downlink, RefusalsNameTheField) {
  EXPECT_EQ(sent(kCommands, 2, R"({"interval":{"seconds":16777216}})"),
            "encode_refused: Interval.seconds: 16777216 does not fit 24 bits");
  EXPECT_EQ(sent(kCommands, 2, R"({"interval":{"seconds":60},"reset":{}})"),
            "encode_refused: D.reset: does not fit a frame with interval");
  EXPECT_EQ(sent(kCommands, 2, "{}"), "encode_refused: D: nothing to encode");
  EXPECT_EQ(sent(kSettings, 1, R"({"interval":1200})"), "encode_refused: no layout for FPort 1");
  EXPECT_NE(sent(kSettings, 85, R"({"intervall":1200})").find("intervall"), std::string::npos);
  EXPECT_EQ(sent(kSettings, 85, R"({"a":1})").substr(0, 8), "bad_json");  // a field of the uplink
}

TEST(Downlink, TheFPortIsTheSchemasOrTheCallers) {
  EXPECT_EQ(sent(kCommands, std::nullopt, R"({"reset":{}})"),
            "no_f_port: schema \"test/t\" leaves the FPort open: say which");
  EXPECT_EQ(sent(kUplink, 1, R"({"a":1})"), "no_downlinks: schema \"test/t\" has no downlinks");
  const auto unknown = encode_downlink(*builtin(), "no/such", 1, "{}");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "unknown_schema");
}

TEST(Downlink, AndUplinkAreTwoPlansOfOneSchema) {
  const auto catalog = compiled(kCommands);
  const Plan* up = catalog->find("test/t");
  const Plan* down = catalog->find_downlink("test/t");
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(up->full_name(), down->full_name());
  EXPECT_NE(catalog->new_message("test/t")->GetDescriptor(), catalog->new_downlink("test/t")->GetDescriptor());
  EXPECT_EQ(compiled(kUplink)->find_downlink("test/t"), nullptr);
  EXPECT_EQ(compiled(kUplink)->new_downlink("test/t"), nullptr);
  EXPECT_EQ(builtin()->find_downlink("no/such"), nullptr);
}

}  // namespace
}  // namespace lenne::decode::tests
