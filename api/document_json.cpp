// Records as documents, and what is different between two of them.
#include <array>
#include <map>

#include "api/documents.hpp"
#include "api/json_writer.hpp"
#include "api/use_case_fields.hpp"
#include "base/ids.hpp"

namespace lenne::api {
namespace {

// A document's fields in order, as JSON tokens.
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string text_token(std::string_view text) {
  std::string token;
  append_json_string(token, text);
  return token;
}

void write_parameters(JsonWriter& json, const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters) {
  json.begin_object();
  for (const auto& each : parameters) json.key(each.name()).decimal(each.value().value(), each.value().exponent());
  json.end_object();
}

class Lister {
 public:
  void text(std::string_view field, std::string_view value) {
    if (!value.empty()) fields.emplace_back(field, text_token(value));
  }
  void number(std::string_view field, std::uint64_t value) {
    if (value != 0) fields.emplace_back(field, std::to_string(value));
  }
  void location(const v1::Location& at) {
    JsonWriter json;
    json.begin_object().key("latitude").real(at.latitude()).key("longitude").real(at.longitude());
    if (at.has_altitude_m()) json.key("altitude_m").real(at.altitude_m());
    if (at.approximate()) json.key("approximate").boolean(true);
    fields.emplace_back("location", json.end_object().take());
  }
  void parameters(std::string_view field, const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters) {
    if (parameters.empty()) return;
    JsonWriter json;
    write_parameters(json, parameters);
    fields.emplace_back(field, json.take());
  }

  Fields fields;
};

void list_device(Lister& list, const v1::Device& device) {
  list.text("kind", "Device");
  list.text("dev_eui", base::hex_of(device.dev_eui(), 16));
  list.text("join_eui", base::hex_of(device.join_eui(), 16));
  list.text("name", device.name());
  list.text("tenant", device.tenant());
  list.text("site", device.site());
  list.text("profile", device.profile());
  list.text("use_case", device.use_case());
  list.parameters("parameters", device.parameters());
  list.text("region", device.region());
  list.text("mac_version", device.mac_version());
  list.text("reg_params", device.reg_params());
  list.text("class", device.device_class());
  const bool abp = device.activation() == v1::ACTIVATION_ABP;
  list.text("activation", abp ? "ABP" : "OTAA");
  if (!abp) return;
  list.text("dev_addr", base::hex_of(device.dev_addr(), 8));
  list.number("f_cnt_up", device.f_cnt_up());
  list.number("f_cnt_down", device.f_cnt_down());
  if (device.f_cnt_reset()) list.fields.emplace_back("f_cnt_reset", "true");
}

void list_tenant(Lister& list, const v1::Tenant& tenant) {
  list.text("kind", "Tenant");
  list.text("name", tenant.name());
  list.text("title", tenant.title());
  list.text("ags", tenant.ags());
  if (tenant.open().empty()) return;
  JsonWriter json;
  json.begin_array();
  for (const auto& each : tenant.open()) json.text(each);
  list.fields.emplace_back("open", json.end_array().take());
}

void write_decimal(JsonWriter& json, std::string_view field, bool there, const v1::Decimal& number) {
  if (there) json.key(field).decimal(number.value(), number.exponent());
}

void write_text(JsonWriter& json, std::string_view field, std::string_view text) {
  if (!text.empty()) json.key(field).text(text);
}

void write_number(JsonWriter& json, std::string_view field, std::uint32_t number) {
  if (number != 0) json.key(field).number(number);
}

void write_rule(JsonWriter& json, const v1::DerivationRule& rule) {
  json.key("measure").text(rule.measure());
  if (rule.parameters().empty()) return;
  json.key("parameters");
  write_parameters(json, rule.parameters());
}

void write_rule(JsonWriter& json, const v1::QualityRule& rule) {
  json.key("measure").text(rule.measure());
  write_decimal(json, "min", rule.has_min(), rule.min());
  write_decimal(json, "max", rule.has_max(), rule.max());
  write_decimal(json, "step_per_minute", rule.has_step_per_minute(), rule.step_per_minute());
  write_number(json, "flat_after", rule.flat_after());
}

void write_rule(JsonWriter& json, const v1::AlertRule& rule) {
  json.key("name").text(rule.name());
  json.key("measure").text(rule.measure());
  write_text(json, "window", rule.window());
  write_text(json, "statistic", rule.statistic());
  json.key("comparison").text(comparison_name(rule.comparison()));
  write_decimal(json, "threshold", rule.has_threshold(), rule.threshold());
  write_text(json, "parameter", rule.parameter());
  write_decimal(json, "hysteresis", rule.has_hysteresis(), rule.hysteresis());
  write_number(json, "consecutive", rule.consecutive());
  if (rule.clear_after_s() != 0) json.key("clear_after").text(duration_text(rule.clear_after_s()));
  json.key("severity").text(severity_name(rule.severity()));
  if (rule.text().empty()) return;
  json.key("text").begin_object();
  for (const auto& text : rule.text()) json.key(text.language()).text(text.text());
  json.end_object();
}

template <typename Rules>
void list_rules(Lister& list, std::string_view field, const Rules& rules) {
  if (rules.empty()) return;
  JsonWriter json;
  json.begin_array();
  for (const auto& rule : rules) {
    json.begin_object();
    write_rule(json, rule);
    json.end_object();
  }
  list.fields.emplace_back(field, json.end_array().take());
}

void list_use_case(Lister& list, const v1::UseCase& use_case) {
  list.text("kind", "UseCase");
  list.text("name", use_case.name());
  list.text("title", use_case.title());
  list.number("version", use_case.version());
  list.text("privacy", privacy_name(use_case.privacy()));
  list.number("stale_after", use_case.stale_after());
  list_rules(list, "derive", use_case.derive());
  list_rules(list, "quality", use_case.quality());
  list_rules(list, "alerts", use_case.alerts());
}

Fields fields_of(const v1::Object& object) {
  Lister list;
  if (object.has_tenant()) list_tenant(list, object.tenant());
  if (object.has_device()) list_device(list, object.device());
  if (object.has_site()) {
    list.text("kind", "Site");
    list.text("name", object.site().name());
    list.text("tenant", object.site().tenant());
    list.text("title", object.site().title());
    if (object.site().has_location()) list.location(object.site().location());
  }
  if (object.has_gateway()) {
    list.text("kind", "Gateway");
    list.text("gateway_id", base::hex_of(object.gateway().gateway_id(), 16));
    list.text("tenant", object.gateway().tenant());
    list.text("name", object.gateway().name());
    list.text("share", object.gateway().share());
    if (object.gateway().has_location()) list.location(object.gateway().location());
  }
  if (object.has_profile()) {
    list.text("kind", "Profile");
    list.text("name", object.profile().name());
    list.text("schema", object.profile().schema());
    list.number("nominal_interval_s", object.profile().nominal_interval_s());
    list.text("use_case", object.profile().use_case());
  }
  if (object.has_use_case()) list_use_case(list, object.use_case());
  if (object.has_grant()) {
    list.text("kind", "Grant");
    list.text("name", object.grant().name());
    list.text("from_tenant", object.grant().from_tenant());
    list.text("to_tenant", object.grant().to_tenant());
    list.text("dataset", object.grant().dataset());
  }
  return std::move(list.fields);
}

// What is not a field of the document but decides whether a device has to be written again.
void add_resolved(Fields& fields, const v1::Object& object) {
  if (!object.has_device()) return;
  if (!object.device().schema().empty()) fields.emplace_back("profile.schema", text_token(object.device().schema()));
  fields.emplace_back("profile.nominal_interval_s", std::to_string(object.device().nominal_interval_s()));
}

}  // namespace

std::string duration_text(std::uint32_t seconds) {
  constexpr std::array<std::pair<char, std::uint32_t>, 3> kUnits{{{'d', 86'400}, {'h', 3'600}, {'m', 60}}};
  for (const auto& [unit, length] : kUnits) {
    if (seconds >= length && seconds % length == 0) return std::to_string(seconds / length) + unit;
  }
  return std::to_string(seconds) + 's';
}

std::string document_json(const v1::Object& object) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [field, token] : fields_of(object)) json.key(field).raw(token);
  return json.end_object().take();
}

std::vector<FieldChange> differences(const v1::Object& before, const v1::Object& after) {
  auto old_fields = fields_of(before);
  auto new_fields = fields_of(after);
  add_resolved(old_fields, before);
  add_resolved(new_fields, after);
  std::map<std::string, std::string> old_values(old_fields.begin(), old_fields.end());
  std::vector<FieldChange> changes;
  for (const auto& [field, token] : new_fields) {
    const auto found = old_values.find(field);
    const std::string from = found == old_values.end() ? "null" : found->second;
    if (from != token) changes.push_back({field, from, token});
    if (found != old_values.end()) old_values.erase(found);
  }
  for (const auto& [field, token] : old_values) changes.push_back({field, token, "null"});
  if (before.has_device() && after.has_device() &&
      before.device().key_fingerprint() != after.device().key_fingerprint()) {
    changes.push_back({"keys", "\"other\"", "\"given\""});
  }
  return changes;
}

}  // namespace lenne::api
