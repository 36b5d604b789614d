// POST /v1/devices/{dev_eui}/downlinks: form, where it is written, and what becomes of it.
#include "tests/unit/api/world.hpp"

namespace lenne::api {
namespace {

const std::string kTarget = "/v1/devices/a81758fffe03a1b2/downlinks";

TEST(Downlinks, AreWrittenToThePartitionOfTheDevEuiAndAnsweredWithTheOutcome) {
  World world;
  const auto reply = world.post(kTarget, R"({"f_port":5,"payload":"0A0b","confirmed":true})");
  ASSERT_EQ(reply.status, 200U) << reply.body;
  world.stop();
  ASSERT_EQ(world.downlinks.size(), 1U);
  const auto& request = world.downlinks[0];
  EXPECT_EQ(request.dev_eui(), 0xa81758fffe03a1b2U);
  EXPECT_EQ(request.f_port(), 5U);
  EXPECT_EQ(request.payload(), "\x0a\x0b");
  EXPECT_TRUE(request.confirmed());
  EXPECT_TRUE(request.tenant().empty()) << "the operator's";
  EXPECT_EQ(reply.json().at("request_id").as_string(), base::hex_of(request.request_id(), 16));
  EXPECT_EQ(reply.json().at("pending"), false);
  const auto home = base::partition_of(base::slot_of(base::DevEui{request.dev_eui()}), 4);
  EXPECT_TRUE(std::string(reply.json().at("position").as_string()).starts_with(std::to_string(home) + ":"));
}

TEST(Downlinks, ARefusalIsTheAnswer) {
  World world;
  world.refuse_writes = true;
  const auto reply = world.post(kTarget, R"({"f_port":5})");
  EXPECT_EQ(reply.status, 404U);
  EXPECT_EQ(reply.json().at("error"), "unknown_device");
}

TEST(Downlinks, WhatIsMalformedIsNamedAndNotWritten) {
  World world;
  const std::pair<const char*, const char*> cases[] = {
      {"", "bad_json"},
      {"[]", "bad_json"},
      {"{}", "f_port is required"},
      {R"({"f_port":"5"})", "f_port"},
      {R"({"f_port":256})", "f_port"},
      {R"({"f_port":-1})", "f_port"},
      {R"({"f_port":5,"payload":"0"})", "payload"},
      {R"({"f_port":5,"payload":"zz"})", "payload"},
      {R"({"f_port":5,"confirmed":"yes"})", "confirmed"},
      {R"({"f_port":5,"class":"C"})", "class"},
  };
  for (const auto& [body, word] : cases) {
    const auto reply = world.post(kTarget, body);
    EXPECT_EQ(reply.status, 400U) << body;
    EXPECT_NE(reply.body.find(word), std::string::npos) << reply.body;
  }
  EXPECT_EQ(world.post("/v1/devices/a817/downlinks", R"({"f_port":5})").status, 400U);
  world.stop();
  EXPECT_TRUE(world.downlinks.empty());
}

}  // namespace
}  // namespace lenne::api
