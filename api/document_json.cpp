// Records as documents, and what is different between two of them.
#include <map>

#include "api/documents.hpp"
#include "api/json_writer.hpp"
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
  }
  if (object.has_use_case()) {
    list.text("kind", "UseCase");
    list.text("name", object.use_case().name());
    list.text("title", object.use_case().title());
  }
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
