// POST /v1/apply: comparing, refusing, writing, waiting.
#include "storage/views/queries.hpp"
#include "tests/unit/api/world.hpp"

namespace lenne::api {
namespace {

const std::string kKey = "00112233445566778899aabbccddeeff";

std::string device(const std::string& eui, const std::string& more = {}) {
  return R"({"kind":"Device","dev_eui":")" + eui +
         R"(","join_eui":"0000000000000000","name":"x","tenant":"menden","app_key":")" + kKey + "\"" + more + "}";
}

std::string reason(const Reply& reply, std::size_t index) {
  const auto& value = reply.json().at("results").as_array().at(index).as_object().at("reason");
  return value.is_string() ? std::string(value.as_string()) : "";
}

TEST(Apply, TheSameAgainChangesNothing) {
  World world;
  const auto documents = R"([)" + device("0000000000000001", R"(,"site":"school","profile":"room")") + R"(,
    {"kind":"Profile","name":"room","schema":"vendor/model","nominal_interval_s":600},
    {"kind":"Site","name":"school","tenant":"menden"},{"kind":"Tenant","name":"menden","title":"Stadt Menden"}])";
  EXPECT_EQ(world.apply(documents, "?dry_run=true"), "created, created, created, created") << "in any order";
  EXPECT_EQ(world.control_records, 0U) << "a dry run writes nothing";
  EXPECT_EQ(world.apply(documents), "created, created, created, created");
  const auto written = world.control_records.load();
  EXPECT_EQ(world.apply(documents), "unchanged, unchanged, unchanged, unchanged");
  EXPECT_EQ(world.control_records, written);
  EXPECT_TRUE(world.post("/v1/apply", documents).json().at("position").is_null());
  // What was resolved from the profile is in the record.
  const auto state =
      storage::views::Queries(world.log.state()).object(storage::views::Scope::everything(), "device/0000000000000001");
  ASSERT_TRUE(state && *state);
  EXPECT_EQ((**state).object().device().schema(), "vendor/model");
  EXPECT_EQ((**state).object().device().nominal_interval_s(), 600U);
  EXPECT_EQ(
      world.get("/v1/objects/device/0000000000000001").body,
      R"({"kind":"Device","dev_eui":"0000000000000001","join_eui":"0000000000000000","name":"x","tenant":"menden","site":"school","profile":"room",)"
      R"("region":"EU868","mac_version":"1.0.3","reg_params":"A","class":"A","activation":"OTAA"})");
  EXPECT_EQ(world.get("/v1/objects/site/menden/school").status, 200U);
  EXPECT_EQ(world.get("/v1/objects/device").items().size(), 1U);
}

TEST(Apply, ChangesAreNamed) {
  World world;
  ASSERT_EQ(world.apply("[{\"kind\":\"Tenant\",\"name\":\"menden\"}," + device("0000000000000001") + "]"),
            "created, created");
  auto changed = device("0000000000000001", R"(,"class":"C")");
  changed.replace(changed.find(kKey), 2, "ff");
  const auto reply = world.post("/v1/apply?dry_run=1", changed);
  EXPECT_EQ(boost::json::serialize(reply.json().at("results").as_array().at(0).at("changes")),
            R"([{"field":"class","from":"A","to":"C"},{"field":"keys","from":"other","to":"given"}])");
  EXPECT_EQ(reply.body.find("ff112233"), std::string::npos) << "keys are never said";
  EXPECT_EQ(world.apply(changed), "updated");
  EXPECT_EQ(world.apply(changed), "unchanged");
  // A changed profile reaches devices that are applied again.
  const auto with_profile = device("0000000000000001", R"(,"profile":"room")");
  EXPECT_EQ(world.apply(R"([{"kind":"Profile","name":"room","schema":"vendor/model"},)" + with_profile + "]"),
            "created, updated");
  const auto slower =
      R"([{"kind":"Profile","name":"room","schema":"vendor/model","nominal_interval_s":900},)" + with_profile + "]";
  EXPECT_EQ(world.apply(slower), "updated, updated");
  EXPECT_EQ(world.apply(slower), "unchanged, unchanged");
}

TEST(Apply, WhatIsReferredToMustExist) {
  World world;
  ASSERT_EQ(world.apply(R"([{"kind":"Tenant","name":"menden"}])"), "created");
  const auto reply = world.post(
      "/v1/apply",
      R"([{"kind":"Site","name":"x","tenant":"nowhere"},)" + device("0000000000000001", R"(,"site":"nowhere")") + "," +
          device("0000000000000002", R"(,"profile":"nothing")") + "," +
          device("0000000000000003", R"(,"mac_version":"1.1")") +
          R"(,{"kind":"Profile","name":"p","schema":"no/such"},{"kind":"Grant","name":"g","from_tenant":"menden","to_tenant":"y","dataset":"env"},)" +
          device("0000000000000004") + "]");
  EXPECT_EQ(reason(reply, 0), "tenant nowhere does not exist");
  EXPECT_EQ(reason(reply, 1), "site menden/nowhere does not exist");
  EXPECT_EQ(reason(reply, 2), "profile nothing does not exist");
  EXPECT_EQ(reason(reply, 3), "mac_version 1.1 is not built yet; 1.0.0 to 1.0.4 are");
  EXPECT_EQ(reason(reply, 4), "schema no/such does not exist");
  EXPECT_EQ(reason(reply, 5), "tenant y does not exist");
  EXPECT_EQ(reply.json().at("results").as_array().at(6).at("action"), "created") << "the others go on";
}

TEST(Apply, RemovesWhatNothingNeedsAnyMore) {
  World world;
  world.two_towns();
  const auto remove_tenant = std::string(R"({"kind":"Tenant","name":"menden","remove":true})");
  const auto remove_site = std::string(R"({"kind":"Site","name":"school","tenant":"menden","remove":true})");
  const auto remove_device = std::string(R"({"kind":"Device","dev_eui":"0000000000000001","remove":true})");
  const auto remove_gateway = std::string(R"({"kind":"Gateway","gateway_id":"00000000000000a1","remove":"true"})");
  EXPECT_EQ(reason(world.post("/v1/apply", remove_site), 0), "the site still has device/0000000000000001");
  EXPECT_EQ(reason(world.post("/v1/apply", "[" + remove_tenant + "," + remove_device + "]"), 0),
            "the tenant still has site/menden/school");
  EXPECT_EQ(world.apply("[" + remove_tenant + "," + remove_site + "," + remove_gateway + "]"),
            "removed, removed, removed");
  EXPECT_EQ(world.get("/v1/tenants").items().size(), 1U);
  EXPECT_EQ(world.get("/v1/devices").items().size(), 1U);
  EXPECT_EQ(world.apply("[" + remove_tenant + "]"), "unchanged") << "it is gone already";
}

TEST(Apply, AnAbpDeviceIsToldInBothItsPartitions) {
  World world;
  ASSERT_EQ(world.apply(R"([{"kind":"Tenant","name":"menden"}])"), "created");
  const auto home = base::partition_of(base::slot_of(base::DevEui{1}), 4);
  const auto written = [&](std::uint8_t slot) {
    const auto before = world.control_records.load();
    std::string address = "010203";
    address += base::hex_of(slot, 2);
    const auto document =
        R"({"kind":"Device","dev_eui":"0000000000000001","name":"x","tenant":"menden","activation":"ABP","dev_addr":")" +
        address + R"(","nwk_s_key":")" + kKey + R"(","app_s_key":")" + kKey + "\"}";
    const auto reply = world.post("/v1/apply", document);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    const auto position = std::string(reply.json().at("position").as_string());
    EXPECT_EQ(world.get("/v1/devices?min_position=" + position).status, 200U);
    world.wait_until([&] { return world.control_records.load() > before; });
    return std::pair(std::count(position.begin(), position.end(), ':'), position);
  };
  EXPECT_EQ(written(static_cast<std::uint8_t>(home)).first, 1);
  EXPECT_EQ(written(static_cast<std::uint8_t>(home + 1)).first, 2);
}

TEST(Apply, RefusalsOfTheNetworkComeBack) {
  World world;
  world.refuse_writes = true;
  const auto reply = world.post("/v1/apply", R"([{"kind":"Tenant","name":"menden"}])");
  EXPECT_EQ(reply.json().at("results").as_array().at(0).at("action"), "refused");
  EXPECT_EQ(reason(reply, 0), "no room");
}

TEST(Apply, SaysSoWhenTheNetworkIsSilent) {
  World world({.limits = {.wait = std::chrono::milliseconds{100}}});
  world.answer_writes = false;
  const auto reply = world.post("/v1/apply", R"([{"kind":"Tenant","name":"menden"}])");
  EXPECT_EQ(reply.status, 202U);
  EXPECT_EQ(reply.json().at("results").as_array().at(0).at("pending"), true);
  EXPECT_EQ(world.counters.value("api.refused.apply_outcome_late"), 1U);
}

TEST(Apply, OneMalformedDocumentRefusesAll) {
  World world;
  const auto reply =
      world.post("/v1/apply", R"([{"kind":"Tenant","name":"menden"},{"kind":"Tenant","name":"soest","nme":"x"}])");
  EXPECT_EQ(reply.status, 400U);
  EXPECT_EQ(reply.json().at("error"), "bad_document");
  EXPECT_EQ(reply.json().at("message"), "document 1 (Tenant soest): nme: there is no such field; nothing was applied");
  EXPECT_EQ(reply.json().at("errors").as_array().at(0).at("index"), 1);
  EXPECT_TRUE(world.get("/v1/tenants").items().empty());
}

TEST(Apply, ALogThatDoesNotWriteIsAnError) {
  World world({}, {}, false);
  world.log.disk().fail_write(1);
  const auto reply = world.post("/v1/apply", R"([{"kind":"Tenant","name":"menden"}])");
  EXPECT_GE(reply.status, 400U) << reply.body;
}

TEST(Apply, NoKeyIsOnTheLogInClear) {
  World world;
  ASSERT_EQ(world.apply("[{\"kind\":\"Tenant\",\"name\":\"menden\"}," + device("0000000000000001") + "]"),
            "created, created");
  auto reader = world.log.reader({storage::Topic::network_in});
  ASSERT_TRUE(reader && (*reader)->seek({storage::SeekTo::Where::beginning}));
  const auto key = *base::from_hex(kKey);
  std::size_t records = 0;
  for (auto poll = (*reader)->poll(base::Duration{0}, 100); poll && !poll->records.empty();
       poll = (*reader)->poll(base::Duration{0}, 100)) {
    for (const auto& record : poll->records) {
      ++records;
      EXPECT_EQ(record.value.find(base::as_text(key)), std::string_view::npos);
      EXPECT_EQ(record.value.find(kKey), std::string_view::npos);
    }
  }
  EXPECT_EQ(records, 2U);
}

}  // namespace
}  // namespace lenne::api
