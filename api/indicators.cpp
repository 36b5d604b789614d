#include "api/indicators.hpp"

#include "base/fixed_point.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::api {
namespace {

constexpr int kMicroExponent = -6;

}  // namespace

void write_micro(JsonWriter& json, std::string_view key, std::optional<std::int64_t> micro) {
  json.key(key);
  micro ? json.decimal(*micro, kMicroExponent) : json.null();
}

void write_validity(JsonWriter& json, std::string_view key, std::optional<bool> valid) {
  json.key(key);
  valid ? json.boolean(*valid) : json.null();
}

void write_indicators(JsonWriter& json, const v1::Aggregate& aggregate) {
  const auto indicators = processing::derived::indicators_of(aggregate);
  if (indicators.empty()) return;
  json.key("indicators").begin_array();
  for (const auto& indicator : indicators) {
    json.begin_object().key("name").text(indicator.spec->name);
    write_micro(json, "value", indicator.micro);
    json.key("unit").text(indicator.spec->unit).key("level");
    indicator.level.empty() ? json.null() : json.text(indicator.level);
    write_validity(json, "valid", indicator.valid);
    json.key("version").number(indicator.version);
    json.key("indicative").boolean(indicator.spec->indicative).end_object();
  }
  json.end_array();
}

std::string indicators_text(const v1::Aggregate& aggregate) {
  std::string text;
  for (const auto& indicator : processing::derived::indicators_of(aggregate)) {
    if (!text.empty()) text += "; ";
    text.append(indicator.spec->name).append("=");
    text += indicator.level.empty() ? base::to_decimal(indicator.micro, kMicroExponent) : std::string(indicator.level);
  }
  return text;
}

}  // namespace lenne::api
