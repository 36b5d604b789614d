// Records as documents, and what is different between two of them.
#include <array>
#include <map>

#include "api/documents.hpp"
#include "api/json_writer.hpp"
#include "api/use_case_fields.hpp"
#include "base/fixed_point.hpp"
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

std::string object_of(const Fields& fields) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [field, token] : fields) json.key(field).raw(token);
  return json.end_object().take();
}

// What a document says, field by field. Flat: of lists and objects with names each part is a field of its own, such as
// "alerts.level-1.threshold".
class Lister {
 public:
  explicit Lister(bool flat) : flat_(flat) {}

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
  void decimal(std::string_view field, bool there, const v1::Decimal& number) {
    if (there) fields.emplace_back(field, base::to_decimal(number.value(), number.exponent()));
  }
  void parameters(std::string_view field, const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters) {
    Lister parts(flat_);
    for (const auto& each : parameters) parts.decimal(each.name(), true, each.value());
    if (!parameters.empty()) add(field, std::move(parts.fields));
  }
  void texts(std::string_view field, const google::protobuf::RepeatedPtrField<v1::Text>& texts) {
    Lister parts(flat_);
    for (const auto& each : texts) parts.text(each.language(), each.text());
    if (!texts.empty()) add(field, std::move(parts.fields));
  }
  // `name_of` says what a rule is called; `list` lists its fields.
  template <typename Rules, typename NameOf, typename List>
  void rules(std::string_view field, const Rules& rules, const NameOf& name_of, const List& list) {
    if (rules.empty()) return;
    JsonWriter json;
    json.begin_array();
    for (const auto& rule : rules) {
      Lister parts(flat_);
      list(parts, rule);
      if (flat_) {
        add(std::string(field) + "." + name_of(rule), std::move(parts.fields));
      } else {
        json.raw(object_of(parts.fields));
      }
    }
    if (!flat_) fields.emplace_back(field, json.end_array().take());
  }

  Fields fields;

 private:
  void add(std::string_view field, Fields parts) {
    if (!flat_) {
      fields.emplace_back(field, object_of(parts));
      return;
    }
    for (auto& [name, token] : parts) fields.emplace_back(std::string(field) + "." + name, std::move(token));
  }

  bool flat_;
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
  list.text("meter_purpose", device.meter_purpose());
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
  list.text("district", tenant.district());
  if (tenant.open().empty()) return;
  JsonWriter json;
  json.begin_array();
  for (const auto& each : tenant.open()) json.text(each);
  list.fields.emplace_back("open", json.end_array().take());
}

void list_derivation(Lister& list, const v1::DerivationRule& rule) {
  list.text("measure", rule.measure());
  list.parameters("parameters", rule.parameters());
}

void list_quality(Lister& list, const v1::QualityRule& rule) {
  list.text("measure", rule.measure());
  list.decimal("min", rule.has_min(), rule.min());
  list.decimal("max", rule.has_max(), rule.max());
  list.decimal("step_per_minute", rule.has_step_per_minute(), rule.step_per_minute());
  list.number("flat_after", rule.flat_after());
}

void list_alert(Lister& list, const v1::AlertRule& rule) {
  list.text("name", rule.name());
  list.text("measure", rule.measure());
  list.text("window", rule.window());
  list.text("statistic", rule.statistic());
  list.text("comparison", comparison_name(rule.comparison()));
  list.decimal("threshold", rule.has_threshold(), rule.threshold());
  list.text("parameter", rule.parameter());
  list.decimal("hysteresis", rule.has_hysteresis(), rule.hysteresis());
  list.number("consecutive", rule.consecutive());
  if (rule.clear_after_s() != 0) list.text("clear_after", duration_text(rule.clear_after_s()));
  list.text("severity", severity_name(rule.severity()));
  list.texts("text", rule.text());
}

void list_use_case(Lister& list, const v1::UseCase& use_case) {
  list.text("kind", "UseCase");
  list.text("name", use_case.name());
  list.text("title", use_case.title());
  list.number("version", use_case.version());
  list.text("privacy", privacy_name(use_case.privacy()));
  list.number("stale_after", use_case.stale_after());
  const auto by_measure = [](const auto& rule) { return rule.measure(); };
  list.rules("derive", use_case.derive(), by_measure, list_derivation);
  list.rules("quality", use_case.quality(), by_measure, list_quality);
  list.rules("alerts", use_case.alerts(), [](const auto& rule) { return rule.name(); }, list_alert);
}

Fields fields_of(const v1::Object& object, bool flat) {
  Lister list(flat);
  if (object.has_tenant()) list_tenant(list, object.tenant());
  if (object.has_device()) list_device(list, object.device());
  if (object.has_site()) {
    list.text("kind", "Site");
    list.text("name", object.site().name());
    list.text("tenant", object.site().tenant());
    list.text("title", object.site().title());
    list.text("area", object.site().area());
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

std::string document_json(const v1::Object& object) { return object_of(fields_of(object, false)); }

std::vector<FieldChange> differences(const v1::Object& before, const v1::Object& after) {
  auto old_fields = fields_of(before, true);
  auto new_fields = fields_of(after, true);
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
