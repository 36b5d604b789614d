#include "api/documents.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace lenne::api {
namespace {

const auto kVault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{7});
const DocumentRules kRules{{"EU868"}, 10};

ParsedDocuments parse(std::string_view json) {
  auto parsed = parse_documents(json, kRules, kVault);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? std::move(*parsed) : ParsedDocuments{};
}

// The one document of a text, with some fields of a valid device replaced or added; "null" leaves one out.
std::string device(std::initializer_list<std::pair<std::string_view, std::string_view>> changes) {
  boost::json::object object{{"kind", "Device"},
                             {"dev_eui", "70b3d5499a3d1c02"},
                             {"join_eui", "70b3d50000000001"},
                             {"name", "Room 3"},
                             {"tenant", "menden"},
                             {"app_key", "00112233445566778899aabbccddeeff"}};
  for (const auto& [field, value] : changes) object[field] = boost::json::parse(value);
  return boost::json::serialize(object);
}

std::string only_error(const std::string& json) {
  const auto parsed = parse(json);
  if (parsed.errors.size() != 1) return std::to_string(parsed.errors.size()) + " errors";
  return parsed.errors[0].field + ": " + parsed.errors[0].message;
}

TEST(Documents, Device) {
  const auto parsed = parse(device({}));
  ASSERT_TRUE(parsed.errors.empty());
  const auto& document = parsed.documents.at(0);
  EXPECT_EQ(document.key, "device/70b3d5499a3d1c02");
  EXPECT_EQ(document.name, "70b3d5499a3d1c02");
  const auto& record = document.object.device();
  EXPECT_EQ(record.join_eui(), 0x70b3d50000000001U);
  EXPECT_EQ(record.mac_version(), "1.0.3");
  EXPECT_EQ(record.region(), "EU868");
  EXPECT_EQ(record.device_class(), "A");
  EXPECT_EQ(record.activation(), v1::ACTIVATION_OTAA);
  EXPECT_EQ(record.key_fingerprint().size(), 16U);
  const auto keys = kVault.unwrap(base::as_bytes(record.wrapped_root_keys()));
  ASSERT_TRUE(keys && keys->size() == 2);
  EXPECT_EQ((*keys)[0], (*keys)[1]);
  EXPECT_EQ((*keys)[0].bytes[1], 0x11);
}

TEST(Documents, AbpDevice) {
  const auto parsed =
      parse(R"({"kind":"Device","dev_eui":"70B3D5499A3D1C02","name":"x","tenant":"menden","activation":"ABP",
    "dev_addr":"01020304","nwk_s_key":"00112233445566778899aabbccddeeff","app_s_key":"ff112233445566778899aabbccddeeff",
    "f_cnt_up":"4294967295","f_cnt_down":7,"f_cnt_reset":"true"})");
  ASSERT_TRUE(parsed.errors.empty()) << parsed.errors[0].field << parsed.errors[0].message;
  const auto& record = parsed.documents.at(0).object.device();
  EXPECT_EQ(record.f_cnt_up(), 4294967295U);
  EXPECT_TRUE(record.f_cnt_reset());
  const auto keys = kVault.unwrap(base::as_bytes(record.wrapped_session_keys()));
  ASSERT_TRUE(keys && keys->size() == 4);
  EXPECT_EQ((*keys)[0], (*keys)[2]);
  EXPECT_EQ((*keys)[3].bytes[0], 0xff);
}

TEST(Documents, NoKeyIsEverSaid) {
  const auto parsed = parse(device({{"app_key", R"("00112233445566778899aabbccddeefX")"}}));
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_EQ(parsed.errors[0].message, "must be 32 hex digits");
  const auto good = parse(device({}));
  const auto text = document_json(good.documents[0].object) + good.documents[0].object.ShortDebugString();
  EXPECT_EQ(text.find("00112233"), std::string::npos);
  EXPECT_EQ(document_json(good.documents[0].object).find("key"), std::string::npos);
}

TEST(Documents, FingerprintFollowsTheKeys) {
  const auto print = [](const std::string& json) {
    return parse(json).documents.at(0).object.device().key_fingerprint();
  };
  EXPECT_EQ(print(device({})), print(device({{"name", R"("other")"}})));
  EXPECT_NE(print(device({})), print(device({{"app_key", R"("ff112233445566778899aabbccddeeff")"}})));
  const auto other_vault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{8});
  EXPECT_NE(print(device({})),
            parse_documents(device({}), kRules, other_vault)->documents[0].object.device().key_fingerprint());
}

TEST(Documents, WhatIsWrongIsNamed) {
  EXPECT_EQ(only_error(device({{"nme", "1"}})), "nme: there is no such field");
  EXPECT_EQ(only_error(device({{"dev_eui", R"("70b3")"}})).substr(0, 8), "dev_eui:");
  EXPECT_EQ(only_error(device({{"app_key", "null"}})), "app_key: is required");
  EXPECT_EQ(only_error(device({{"name", "17"}})), "name: must be text (in quotes)");
  EXPECT_EQ(only_error(device({{"tenant", R"("Menden")"}})).substr(0, 7), "tenant:");
  EXPECT_EQ(only_error(device({{"tenant", R"("a.b")"}})).substr(0, 7), "tenant:")
      << "a dot would end the topic's prefix";
  EXPECT_EQ(only_error(device({{"activation", R"("otaa")"}})), "activation: must be one of OTAA, ABP");
  EXPECT_EQ(only_error(device({{"mac_version", R"("2.0")"}})).substr(0, 12), "mac_version:");
  EXPECT_EQ(only_error(device({{"f_cnt_up", "5"}})), "f_cnt_up: belongs to activation ABP");
  EXPECT_EQ(only_error(device({{"nwk_key", R"("ff112233445566778899aabbccddeeff")"}})),
            "nwk_key: must equal app_key below mac_version 1.1");
  EXPECT_EQ(only_error(R"({"kind":"Town","name":"x"})"),
            "kind: must be Tenant, Site, Gateway, Device, Profile, UseCase or Grant");
  EXPECT_EQ(only_error("[17]"), ": must be an object");
  EXPECT_EQ(only_error(R"({"kind":"Site","name":"x","tenant":"m","location":{"latitude":91,"longitude":0}})"),
            "2 errors");
  EXPECT_EQ(only_error(R"({"kind":"Site","name":"x","tenant":"m","location":{"latitude":1,"longitude":0,"alt":1}})"),
            "location.alt: there is no such field");
  EXPECT_EQ(only_error(R"([{"kind":"Tenant","name":"m"},{"kind":"Tenant","name":"m"}])"),
            ": stands twice in one request");
  const auto second = parse(R"([{"kind":"Tenant","name":"m"},{"kind":"Tenant","name":"n","x":1}])");
  EXPECT_EQ(second.errors.at(0).index, 1U);
  EXPECT_EQ(second.errors.at(0).kind, "Tenant");
  EXPECT_EQ(second.errors.at(0).name, "n");
}

TEST(Documents, WhatIsNotBuiltIsRefusedWithAReason) {
  EXPECT_EQ(parse(device({{"mac_version", R"("1.1")"}})).documents.at(0).refused,
            "mac_version 1.1 is not built yet; 1.0.0 to 1.0.4 are");
  EXPECT_EQ(parse(device({{"region", R"("US915")"}})).documents.at(0).refused,
            "this network does not serve region US915");
  EXPECT_FALSE(parse(device({{"class", R"("B")"}})).documents.at(0).refused.empty());
}

TEST(Documents, Bounds) {
  EXPECT_EQ(parse_documents("{", kRules, kVault).error().code, "bad_json");
  EXPECT_EQ(parse_documents("17", kRules, kVault).error().code, "bad_json");
  EXPECT_EQ(parse_documents(std::string(100, '['), kRules, kVault).error().code, "bad_json") << "depth";
  std::string many = "[";
  for (int i = 0; i < 11; ++i)
    many += std::string(i == 0 ? "" : ",") + R"({"kind":"Tenant","name":"t)" + std::to_string(i) + "\"}";
  EXPECT_EQ(parse_documents(many + "]", kRules, kVault).error().code, "too_large");
  std::string wrong = R"({"kind":"Tenant","name":"t")";
  for (int i = 0; i < 300; ++i) wrong += ",\"x" + std::to_string(i) + "\":1";
  EXPECT_EQ(parse(wrong + "}").errors.size(), 100U);
}

TEST(Documents, WrittenAndReadAgain) {
  for (
      const std::string json :
      {R"({"kind":"Tenant","name":"menden","title":"Stadt Menden","ags":"05962040","open":["env","util"]})",
       R"({"kind":"Site","name":"school","tenant":"menden","location":{"latitude":51.4431,"longitude":7.7963,"altitude_m":150,"approximate":true}})",
       R"({"kind":"Gateway","gateway_id":"0016c001ff10a2b3","tenant":"menden","name":"Roof","share":"region"})",
       R"({"kind":"Profile","name":"room","schema":"vendor/model","nominal_interval_s":600})",
       R"({"kind":"UseCase","name":"air","title":"Air"})",
       R"({"kind":"Grant","name":"g","from_tenant":"menden","to_tenant":"soest","dataset":"env"})"}) {
    const auto parsed = parse(json);
    ASSERT_TRUE(parsed.errors.empty()) << json << parsed.errors[0].message;
    EXPECT_EQ(document_json(parsed.documents.at(0).object), json);
  }
}

TEST(Documents, Differences) {
  const auto before = parse(device({})).documents.at(0).object;
  auto after = parse(device({{"name", R"("Room 4")"},
                             {"site", R"("school")"},
                             {"app_key", R"("ff112233445566778899aabbccddeeff")"}}))
                   .documents.at(0)
                   .object;
  after.mutable_device()->set_nominal_interval_s(600);
  std::string text;
  for (const auto& change : differences(before, after))
    text += change.field + " " + change.from + " " + change.to + ";";
  EXPECT_EQ(
      text,
      "name \"Room 3\" \"Room 4\";site null \"school\";profile.nominal_interval_s 0 600;keys \"other\" \"given\";");
  text.clear();
  for (const auto& change : differences(after, before)) text += change.field + ";";
  EXPECT_EQ(text, "name;profile.nominal_interval_s;site;keys;");
  EXPECT_TRUE(differences(before, before).empty());
}

}  // namespace
}  // namespace lenne::api
