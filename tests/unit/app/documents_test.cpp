#include "app/documents.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace lenne::app {
namespace {

TEST(Documents, keep_text_as_text_and_numbers_as_numbers) {
  const auto documents = parse_yaml_documents("a.yaml",
                                              "kind: Device\ndev_eui: 0011223344556677\nmac_version: 1.0\nf_cnt_up: 7\n"
                                              "---\n- {kind: Gateway, gateway_id: \"0200\", location: {latitude: 51.4, longitude: 8}}\n"
                                              "- {kind: Tenant, name: menden, remove: true}\n");
  ASSERT_TRUE(documents) << documents.error().message;
  EXPECT_EQ(boost::json::serialize(*documents),
            R"([{"kind":"Device","dev_eui":"0011223344556677","mac_version":"1.0","f_cnt_up":7},)"
            R"({"kind":"Gateway","gateway_id":"0200","location":{"latitude":5.14E1,"longitude":8}},)"
            R"({"kind":"Tenant","name":"menden","remove":true}])");
}

TEST(Documents, say_where_they_are_wrong) {
  for (const auto* text : {"kind: A\nf_cnt_up: seven\n", "just words", "a: [", "kind: A\nkind: B\n"}) {
    const auto documents = parse_yaml_documents("town.yaml", text);
    ASSERT_FALSE(documents) << text;
    EXPECT_TRUE(documents.error().message.starts_with("town.yaml: ")) << documents.error().message;
  }
}

TEST(Documents, read_csv_with_quotes_and_places) {
  const auto documents = parse_csv_documents("gateways.csv", "gateway_id,name,latitude,longitude\n0200000000000001,\"Rathaus, \"\"Turm\"\"\",51.4,7.8\n");
  ASSERT_TRUE(documents) << documents.error().message;
  EXPECT_EQ(boost::json::serialize(*documents),
            R"([{"kind":"Gateway","gateway_id":"0200000000000001","name":"Rathaus, \"Turm\"","location":{"latitude":5.14E1,"longitude":7.8E0}}])");
  const auto semicolons = parse_csv_documents("devices.csv", "dev_eui;name\r\n0011223344556677;x\r\n");
  ASSERT_TRUE(semicolons);
  EXPECT_EQ(boost::json::serialize(*semicolons), R"([{"kind":"Device","dev_eui":"0011223344556677","name":"x"}])");
  const auto uneven = parse_csv_documents("devices.csv", "dev_eui,name\n1\n");
  ASSERT_FALSE(uneven);
  EXPECT_NE(uneven.error().message.find("row 2"), std::string::npos);
}

}  // namespace
}  // namespace lenne::app
