#include "app/documents.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>
#include <boost/json.hpp>

namespace lenne::app {
namespace {

namespace json = boost::json;
using base::fail;
using base::Result;

/// All other fields are text: an EUI of digits alone must not become a number.
constexpr std::array<std::string_view, 8> kNumbers{"f_cnt_up",  "f_cnt_down", "nominal_interval_s", "latitude",
                                                   "longitude", "altitude_m", "nominal_interval",   "version"};
/// Of a CSV: what follows is the name of a device's parameter.
constexpr std::string_view kParameterColumn = "parameters.";
constexpr std::array<std::string_view, 3> kFlags{"f_cnt_reset", "approximate", "remove"};

Result<json::value> scalar_of(std::string_view field, const std::string& text) {
  if (std::ranges::find(kNumbers, field) != kNumbers.end()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    // from_chars also reads "nan" and "inf", which JSON does not have.
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
      return fail("document_format", fmt::format("{}: '{}' is no number", field, text));
    // Beyond it a double does not say which whole number was meant.
    constexpr double kMostExact = 9'007'199'254'740'992.0;
    if (std::abs(number) <= kMostExact && number == std::trunc(number))
      return json::value(static_cast<std::int64_t>(number));
    return json::value(number);
  }
  if (std::ranges::find(kFlags, field) != kFlags.end()) {
    if (text != "true" && text != "false")
      return fail("document_format", fmt::format("{}: '{}' is neither true nor false", field, text));
    return json::value(text == "true");
  }
  return json::value(text);
}

/// What one file may become: an alias can name a node that contains it, or double what it names at each level.
struct Bounds {
  std::size_t values;  ///< that may still come
  static constexpr int kDepth = 16;
};

Result<json::value> value_of(const std::string& field, const YAML::Node& node, Bounds& bounds, int depth) {
  if (depth > Bounds::kDepth)
    return fail("document_format", fmt::format("{}: nested more than {} deep", field, Bounds::kDepth));
  if (bounds.values-- == 0)
    return fail("document_format", fmt::format("{}: aliases make it far longer than it is written", field));
  if (node.IsScalar()) return scalar_of(field, node.Scalar());
  if (node.IsSequence()) {
    json::array items;
    for (const auto& item : node) {
      auto value = value_of(field, item, bounds, depth + 1);
      if (!value) return value;
      items.push_back(std::move(*value));
    }
    return items;
  }
  if (node.IsMap()) {
    json::object object;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return fail("document_format", "a field's name is plain text");
      const auto name = entry.first.Scalar();
      if (object.contains(name)) return fail("document_format", fmt::format("field '{}' stands twice", name));
      auto value = value_of(name, entry.second, bounds, depth + 1);
      if (!value) return value;
      object[name] = std::move(*value);
    }
    return object;
  }
  return json::value(nullptr);
}

/// Refuses a text on which YAML::LoadAll of yaml-cpp 0.7 would make documents for ever: a document that begins with a
/// token which begins nothing (such as ",") is empty and leaves the token to the next one.
class EveryDocumentGoesOn final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos == before_) throw YAML::ParserException(mark, "nothing can begin here");
    before_ = mark.pos;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int before_ = -1;
};

void check_that_it_ends(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  EveryDocumentGoesOn check;
  while (parser.HandleNextDocument(check)) {
  }
}

/// RFC 4180: quoted fields may hold commas, quotes and line breaks. Semicolons separate when the header has no comma.
std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  const auto header = text.substr(0, text.find('\n'));
  const char separator = header.find(',') == std::string::npos && header.find(';') != std::string::npos ? ';' : ',';
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"')
        row.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        row.back() += text[++i];
      else
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == separator) {
      row.emplace_back();
    } else if (c == '\n') {
      rows.push_back(std::exchange(row, std::vector<std::string>(1)));
    } else if (c != '\r') {
      row.back() += c;
    }
  }
  if (row.size() > 1 || !row.front().empty()) rows.push_back(std::move(row));
  std::erase_if(rows, [](const auto& r) { return r.size() == 1 && r.front().empty(); });
  return rows;
}

std::string kind_of_file(const std::string& name) {
  static const std::map<std::string, std::string, std::less<>> kKinds{
      {"tenants", "Tenant"},   {"sites", "Site"},        {"gateways", "Gateway"}, {"devices", "Device"},
      {"profiles", "Profile"}, {"use_cases", "UseCase"}, {"grants", "Grant"}};
  const auto found = kKinds.find(std::filesystem::path(name).stem().string());
  return found == kKinds.end() ? "" : found->second;
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return fail("document_file", fmt::format("{}: cannot be read", path.string()));
  return text.str();
}

}  // namespace

Result<json::array> parse_yaml_documents(const std::string& name, const std::string& text) {
  json::array documents;
  // A value takes a byte at least; what aliases repeat may take as many again.
  Bounds bounds{2 * text.size() + 1};
  try {
    check_that_it_ends(text);
    for (const auto& node : YAML::LoadAll(text)) {
      if (node.IsNull()) continue;
      // A document is one thing or a list of them.
      for (std::size_t i = 0; i < (node.IsSequence() ? node.size() : 1); ++i) {
        const auto& item = node.IsSequence() ? node[i] : node;
        if (!item.IsMap())
          return fail("document_format",
                      fmt::format("{}: document {}: expected `field: value` lines", name, documents.size() + 1));
        auto value = value_of("", item, bounds, 0);
        if (!value)
          return fail(value.error().code,
                      fmt::format("{}: document {}: {}", name, documents.size() + 1, value.error().message));
        documents.push_back(std::move(*value));
      }
    }
  } catch (const YAML::Exception& problem) {
    return fail("document_format", fmt::format("{}: {}", name, problem.what()));
  }
  return documents;
}

Result<json::array> parse_csv_documents(const std::string& name, const std::string& text) {
  auto rows = rows_of(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
  json::array documents;
  if (rows.empty()) return documents;
  const auto header = rows.front();
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].size() != header.size()) {
      return fail("document_format", fmt::format("{}: row {}: {} fields, the header names {}", name, i + 1,
                                                 rows[i].size(), header.size()));
    }
    json::object document;
    if (const auto kind = kind_of_file(name); !kind.empty()) document["kind"] = kind;
    json::object location;
    json::object parameters;
    for (std::size_t column = 0; column < header.size(); ++column) {
      if (rows[i][column].empty()) continue;
      if (header[column].starts_with(kParameterColumn)) {
        parameters[header[column].substr(kParameterColumn.size())] = rows[i][column];
        continue;
      }
      auto value = scalar_of(header[column], rows[i][column]);
      if (!value) return fail(value.error().code, fmt::format("{}: row {}: {}", name, i + 1, value.error().message));
      const bool place =
          header[column] == "latitude" || header[column] == "longitude" || header[column] == "altitude_m";
      (place ? location : document)[header[column]] = std::move(*value);
    }
    if (!location.empty()) document["location"] = std::move(location);
    if (!parameters.empty()) document["parameters"] = std::move(parameters);
    documents.push_back(std::move(document));
  }
  return documents;
}

Result<json::array> read_documents(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    std::error_code problem;
    if (!std::filesystem::is_directory(path, problem)) {
      files.push_back(path);
      continue;
    }
    std::set<std::filesystem::path> sorted;
    for (const auto& entry : std::filesystem::directory_iterator(path, problem)) {
      const auto extension = entry.path().extension();
      if (extension == ".yaml" || extension == ".yml" || extension == ".csv") sorted.insert(entry.path());
    }
    if (problem) return fail("document_file", fmt::format("{}: {}", path.string(), problem.message()));
    files.insert(files.end(), sorted.begin(), sorted.end());
  }
  json::array all;
  for (const auto& file : files) {
    const auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    auto documents = file.extension() == ".csv" ? parse_csv_documents(file.string(), *text)
                                                : parse_yaml_documents(file.string(), *text);
    if (!documents) return documents;
    all.insert(all.end(), documents->begin(), documents->end());
  }
  return all;
}

}  // namespace lenne::app
