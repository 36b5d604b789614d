// Tables of what results come to. Their columns are those of the interface's description, whatever it becomes.
#include "app/reports.hpp"

#include <yaml-cpp/yaml.h>

#include <gtest/gtest.h>

namespace lenne::app {
namespace {

namespace json = boost::json;

const YAML::Node& interface() {
  static const auto document = YAML::LoadFile(LENNE_SOURCE_DIR "/api/openapi.yaml");
  return document;
}

YAML::Node resolved(const YAML::Node& schema) {
  if (!schema["$ref"]) return schema;
  const auto name = schema["$ref"].as<std::string>();
  return interface()["components"]["schemas"][name.substr(name.rfind('/') + 1)];
}

// Of lists the item; `name` is a property, or a place in a list.
std::optional<YAML::Node> inside(const YAML::Node& of, const std::string& name) {
  const auto schema = resolved(of);
  if (schema["items"] && name.find_first_not_of("0123456789") == std::string::npos) return resolved(schema["items"]);
  const auto found = schema["properties"][name];
  return found ? std::optional(resolved(found)) : std::nullopt;
}

bool has_path(YAML::Node schema, const std::string& path) {
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const auto end = std::min(path.find('.', begin), path.size());
    const auto found = inside(schema, path.substr(begin, end - begin));
    if (!found) return false;
    schema.reset(*found);
    begin = end + 1;
  }
  return true;
}

std::vector<std::string> words(std::string_view text, char separator) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

TEST(Reports, ColumnsAreInTheDescriptionOfTheInterface) {
  for (const auto& report : reports()) {
    const auto path = interface()["paths"]["/v1/" + std::string(report.endpoint)];
    ASSERT_TRUE(path) << report.endpoint;
    std::vector<YAML::Node> chain{resolved(path["get"]["responses"]["200"]["content"]["application/json"]["schema"])};
    for (const auto& list : words(report.rows, '.')) {
      const auto found = inside(chain.back(), list);
      ASSERT_TRUE(found && (*found)["items"]) << report.name << ": " << list;
      chain.push_back(resolved((*found)["items"]));
    }
    for (const auto& column : words(report.columns, ' ')) {
      const bool known = std::ranges::any_of(chain, [&](const auto& schema) { return has_path(schema, column); });
      EXPECT_TRUE(known) << report.name << ": " << column;
    }
  }
}

TEST(Reports, FoundByName) {
  ASSERT_NE(find_report("waste"), nullptr);
  EXPECT_EQ(find_report("meter")->endpoint, "meter/report");
  EXPECT_EQ(find_report("nothing"), nullptr);
  EXPECT_EQ(find_report(""), nullptr);
}

TEST(Reports, RowsOfListsInLists) {
  const auto& noise = *find_report("noise");
  const auto rows = cells_of(noise, json::parse(R"({"items":[
    {"device":"Markt","valid":true,"days":[
      {"date":"2026-11-24","lden":65.1257,"day":{"level":64.0},"evening":null,"night":{"level":-0.0001},"valid":false},
      {"date":"2026-11-25","lden":null}]},
    {"device":"Tor","days":[]}],"next":null})"));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"Markt", "2026-11-24", "65.126", "64", "–", "0", "no"}));
  EXPECT_EQ(rows[1], (std::vector<std::string>{"Markt", "2026-11-25", "–", "–", "–", "–", "yes"}))
      << "what a day does not say its device does";
}

TEST(Reports, PlacesInListsAndTimes) {
  const auto rows = cells_of(*find_report("water-levels"), json::parse(R"({"items":[{"device":"Hönne","site":null,
    "level":1.2,"rise_per_hour":0.15,"time":"2026-11-24T00:15:00.000000Z","thresholds":[{"value":1.1,"at":null}]}]})"));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0],
            (std::vector<std::string>{"Hönne", "–", "1.2", "0.15", "1.1", "–", "–", "–", "2026-11-24T00:15:00Z"}));
}

TEST(Reports, WhatHasAnotherFormHasNoRows) {
  const auto& waste = *find_report("waste");
  for (const auto* text : {"[]", "7", "{}", R"({"items":{}})", R"({"items":null})"})
    EXPECT_TRUE(cells_of(waste, json::parse(text)).empty()) << text;
  EXPECT_EQ(cells_of(waste, json::parse(R"({"items":[5]})")).size(), 1U) << "a row of nothing";
  EXPECT_EQ(table_of(waste, {}), "");
}

TEST(Reports, ATableIsAsWideAsItsCells) {
  const Report report{"r", "r", "", "items", "device fill due"};
  const std::vector<std::vector<std::string>> rows{{"Behälter", "7.5", "–"}, {"B", "–", "2026-11-24"}};
  EXPECT_EQ(table_of(report, rows),
            "device    fill  due\n"
            "Behälter   7.5  –\n"
            "B            –  2026-11-24\n");
}

}  // namespace
}  // namespace lenne::app
