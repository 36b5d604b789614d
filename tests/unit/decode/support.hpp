#pragma once
// What the decode tests share: catalogues from text, vectors from proto/devices.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "decode/decoder.hpp"
#include "decode/message_json.hpp"
#include "decode/schema_catalog.hpp"

namespace lenne::decode::tests {

using Catalog = std::shared_ptr<const SchemaCatalog>;

inline Catalog builtin() {
  static const Catalog catalog = [] {
    auto loaded = SchemaCatalog::load();
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return *loaded;
  }();
  return catalog;
}

// A schema "test/t" whose first message is given.
inline base::Result<Catalog> compile(const std::string& messages) {
  return SchemaCatalog::from_files(
      {{"test/t.proto",
        "syntax = \"proto3\";\npackage lenne.dev.test;\nimport \"codec/options.proto\";\n" + messages}});
}

inline Catalog compiled(const std::string& messages) {
  auto catalog = compile(messages);
  if (!catalog) {
    ADD_FAILURE() << catalog.error().message;
    throw std::runtime_error(catalog.error().message);
  }
  return *catalog;
}

struct Vector {
  std::string schema;
  boost::json::object value;

  [[nodiscard]] std::string name() const { return schema + ": " + std::string{value.at("name").as_string()}; }
  [[nodiscard]] std::string payload() const { return std::string{value.at("payload").as_string()}; }
  [[nodiscard]] std::uint32_t f_port() const { return static_cast<std::uint32_t>(value.at("f_port").as_int64()); }
  [[nodiscard]] std::string status() const {
    return value.contains("status") ? std::string{value.at("status").as_string()} : "complete";
  }
};

// `kind`: "vectors" of uplinks, or "downlinks".
inline std::vector<Vector> vectors(std::string_view kind = "vectors") {
  std::vector<Vector> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{LENNE_SOURCE_DIR "/proto/devices"}) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in{entry.path()};
    std::ostringstream text;
    text << in.rdbuf();
    const auto file = boost::json::parse(text.str());
    const std::string schema{file.at("schema").as_string()};
    const auto* const list = file.as_object().if_contains(kind);
    if (list == nullptr) continue;
    for (const auto& vector : list->as_array()) all.push_back({schema, vector.as_object()});
  }
  return all;
}

// Equal as JSON, 41 and 41.0 being the same number.
inline bool same(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  if (a.is_array() && b.is_array()) {
    return a.as_array().size() == b.as_array().size() &&
           std::equal(a.as_array().begin(), a.as_array().end(), b.as_array().begin(), same);
  }
  if (a.is_object() && b.is_object()) {
    if (a.as_object().size() != b.as_object().size()) return false;
    for (const auto& [key, value] : a.as_object()) {
      const auto* const other = b.as_object().if_contains(key);
      if (other == nullptr || !same(value, *other)) return false;
    }
    return true;
  }
  return a == b;
}

inline boost::json::object decoded(const SchemaCatalog& catalog, std::string_view schema, std::uint32_t f_port,
                                   std::string_view hex) {
  const auto text = decode_text(catalog, schema, f_port, hex);
  if (!text) {
    ADD_FAILURE() << text.error().message;
    return {};
  }
  return boost::json::parse(*text).as_object();
}

}  // namespace lenne::decode::tests
