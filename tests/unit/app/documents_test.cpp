#include "app/documents.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace lenne::app {
namespace {

TEST(Documents, keep_text_as_text_and_numbers_as_numbers) {
  const auto documents =
      parse_yaml_documents("a.yaml",
                           "kind: Device\ndev_eui: 0011223344556677\nmac_version: 1.0\nf_cnt_up: 7\n"
                           "---\n- {kind: Gateway, gateway_id: \"0200\", location: {latitude: 51.4, longitude: 8}}\n"
                           "- {kind: Tenant, name: menden, remove: true}\n");
  ASSERT_TRUE(documents) << documents.error().message;
  EXPECT_EQ(boost::json::serialize(*documents),
            R"([{"kind":"Device","dev_eui":"0011223344556677","mac_version":"1.0","f_cnt_up":7},)"
            R"({"kind":"Gateway","gateway_id":"0200","location":{"latitude":5.14E1,"longitude":8}},)"
            R"({"kind":"Tenant","name":"menden","remove":true}])");
}

TEST(Documents, keep_the_rules_of_use_cases_as_they_are_written) {
  const auto documents = parse_yaml_documents("level.yaml",
                                              "kind: UseCase\nname: level\nversion: 2\n"
                                              "alerts:\n  - name: w1\n    threshold: 1.10\n    clear_after: 30m\n"
                                              "    text: {de: Hochwasser, en: Flood}\n");
  ASSERT_TRUE(documents) << documents.error().message;
  EXPECT_EQ(boost::json::serialize(*documents),
            R"([{"kind":"UseCase","name":"level","version":2,"alerts":[{"name":"w1","threshold":"1.10",)"
            R"("clear_after":"30m","text":{"de":"Hochwasser","en":"Flood"}}]}])");
}

TEST(Documents, say_where_they_are_wrong) {
  for (const auto* text : {"kind: A\nf_cnt_up: seven\n", "just words", "a: [", "kind: A\nkind: B\n", ",kind: A\n",
                           "kind: A\n--- ]\n", "? [a]\n: b\n"}) {
    const auto documents = parse_yaml_documents("town.yaml", text);
    ASSERT_FALSE(documents) << text;
    EXPECT_TRUE(documents.error().message.starts_with("town.yaml: ")) << documents.error().message;
  }
}

TEST(Documents, refuse_numbers_that_json_does_not_have) {
  for (const auto* number : {"nan", "-inf", "infinity"}) {
    EXPECT_FALSE(parse_yaml_documents("a.yaml", std::string("latitude: ") + number)) << number;
    EXPECT_FALSE(parse_csv_documents("a.csv", std::string("latitude\n") + number)) << number;
  }
  const auto huge = parse_csv_documents("a.csv", "f_cnt_up\n1e300\n");
  ASSERT_TRUE(huge);
  EXPECT_EQ(boost::json::serialize(*huge), R"([{"f_cnt_up":1E300}])");
}

TEST(Documents, bound_what_aliases_can_do) {
  EXPECT_FALSE(parse_yaml_documents("a.yaml", "a: &a [*a]\n")) << "a list that contains itself";
  EXPECT_FALSE(parse_yaml_documents("a.yaml", "&a {b: *a}\n")) << "a map that contains itself";
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int n = 1; n < 10; ++n) text += ", " + before;
    text += "]\n";
  }
  EXPECT_FALSE(parse_yaml_documents("a.yaml", text)) << "ten to the ninth values from a page of text";
  const auto shared =
      parse_yaml_documents("a.yaml", "- {name: a, location: &here {latitude: 1}}\n- {name: b, location: *here}\n");
  ASSERT_TRUE(shared) << shared.error().message;
  EXPECT_EQ(shared->size(), 2U);
}

TEST(Documents, read_csv_with_quotes_and_places) {
  const auto documents = parse_csv_documents(
      "gateways.csv", "gateway_id,name,latitude,longitude\n0200000000000001,\"Rathaus, \"\"Turm\"\"\",51.4,7.8\n");
  ASSERT_TRUE(documents) << documents.error().message;
  EXPECT_EQ(
      boost::json::serialize(*documents),
      R"([{"kind":"Gateway","gateway_id":"0200000000000001","name":"Rathaus, \"Turm\"","location":{"latitude":5.14E1,"longitude":7.8E0}}])");
  const auto semicolons = parse_csv_documents("devices.csv", "dev_eui;name\r\n0011223344556677;x\r\n");
  ASSERT_TRUE(semicolons);
  EXPECT_EQ(boost::json::serialize(*semicolons), R"([{"kind":"Device","dev_eui":"0011223344556677","name":"x"}])");
  const auto levels = parse_csv_documents("devices.csv", "dev_eui,parameters.w1,parameters.w2\n01,1.10,\n02,,\n");
  ASSERT_TRUE(levels);
  EXPECT_EQ(boost::json::serialize(*levels),
            R"([{"kind":"Device","dev_eui":"01","parameters":{"w1":"1.10"}},{"kind":"Device","dev_eui":"02"}])");
  const auto uneven = parse_csv_documents("devices.csv", "dev_eui,name\n1\n");
  ASSERT_FALSE(uneven);
  EXPECT_NE(uneven.error().message.find("row 2"), std::string::npos);
}

}  // namespace
}  // namespace lenne::app
