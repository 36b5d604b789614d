#include "api/documents.hpp"

#include <boost/json.hpp>

#include <array>
#include <unordered_set>

#include "api/document_fields.hpp"
#include "api/use_case_fields.hpp"
#include "base/bytes.hpp"
#include "base/crypto/sha256.hpp"
#include "base/ids.hpp"
#include "processing/meters/purpose.hpp"
#include "storage/views/keys.hpp"

namespace lenne::api {
namespace {

using base::crypto::Key128;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kKinds{{
    {"Tenant", "tenant"},
    {"Site", "site"},
    {"Gateway", "gateway"},
    {"Device", "device"},
    {"Profile", "profile"},
    {"UseCase", "use_case"},
    {"Grant", "grant"},
}};

// RFC 3394 wraps the same keys to the same blob under one key-encryption key, and its digest tells nothing without
// that.
std::string fingerprint(const base::Bytes& wrapped) {
  const auto digest = base::crypto::sha256(wrapped);
  return std::string(base::as_text(base::ByteView(digest).first(16)));
}

void set_keys(v1::Device& device, std::string& field, std::span<const Key128> keys,
              const base::crypto::KeyVault& vault) {
  const auto wrapped = vault.wrap(keys);
  field.assign(base::as_text(wrapped));
  device.set_key_fingerprint(fingerprint(wrapped));
}

void read_tenant(DocumentFields& fields, v1::Tenant& tenant) {
  tenant.set_name(fields.name("name", true, false));
  tenant.set_title(fields.text("title", false));
  tenant.set_ags(fields.text("ags", false, 12));
  for (auto& each : fields.names("open")) tenant.add_open(std::move(each));
  tenant.set_district(fields.name("district", false));
}

void read_site(DocumentFields& fields, v1::Site& site) {
  site.set_name(fields.name("name", true));
  site.set_tenant(fields.name("tenant", true, false));
  site.set_title(fields.text("title", false));
  site.set_area(fields.name("area", false));
  if (auto location = fields.location("location")) *site.mutable_location() = *location;
}

void read_gateway(DocumentFields& fields, v1::Gateway& gateway, bool remove) {
  gateway.set_gateway_id(fields.hex("gateway_id", 16, true));
  gateway.set_tenant(fields.name("tenant", !remove, false));
  gateway.set_name(fields.text("name", false));
  gateway.set_share(fields.one_of("share", {"none", "region"}, ""));
  if (auto location = fields.location("location")) *gateway.mutable_location() = *location;
}

void read_profile(DocumentFields& fields, v1::Profile& profile, bool remove) {
  profile.set_name(fields.name("name", true));
  profile.set_schema(fields.text("schema", !remove));
  profile.set_nominal_interval_s(fields.number("nominal_interval_s", 0, 31 * 86'400));
  profile.set_use_case(fields.name("use_case", false));
}

void read_grant(DocumentFields& fields, v1::Grant& grant, bool remove) {
  grant.set_name(fields.name("name", true));
  grant.set_from_tenant(fields.name("from_tenant", !remove, false));
  grant.set_to_tenant(fields.name("to_tenant", !remove, false));
  grant.set_dataset(fields.text("dataset", !remove));
}

struct DeviceKeys {
  std::optional<Key128> app, nwk, nwk_s, app_s, f_nwk_s_int, s_nwk_s_int, nwk_s_enc;
};

DeviceKeys read_keys(DocumentFields& fields) {
  DeviceKeys keys;
  keys.app = fields.key("app_key");
  keys.nwk = fields.key("nwk_key");
  keys.nwk_s = fields.key("nwk_s_key");
  keys.app_s = fields.key("app_s_key");
  keys.f_nwk_s_int = fields.key("f_nwk_s_int_key");
  keys.s_nwk_s_int = fields.key("s_nwk_s_int_key");
  keys.nwk_s_enc = fields.key("nwk_s_enc_key");
  return keys;
}

// Under 1.0.x a device has one root key, or one network session key: more of them must say the same.
void set_otaa(DocumentFields& fields, Document& document, const DeviceKeys& keys, const base::crypto::KeyVault& vault) {
  for (const std::string_view field : {"dev_addr", "nwk_s_key", "app_s_key", "f_nwk_s_int_key", "s_nwk_s_int_key",
                                       "nwk_s_enc_key", "f_cnt_up", "f_cnt_down", "f_cnt_reset"}) {
    if (fields.has(field)) fields.wrong(field, "belongs to activation ABP");
  }
  if (!fields.has("app_key")) fields.wrong("app_key", "is required");
  if (!keys.app) return;
  if (keys.nwk && !(*keys.nwk == *keys.app)) fields.wrong("nwk_key", "must equal app_key below mac_version 1.1");
  const std::array both{*keys.app, *keys.app};
  auto& device = *document.object.mutable_device();
  set_keys(device, *device.mutable_wrapped_root_keys(), both, vault);
}

void set_abp(DocumentFields& fields, Document& document, const DeviceKeys& keys, const base::crypto::KeyVault& vault) {
  for (const std::string_view field : {"app_key", "nwk_key"}) {
    if (fields.has(field)) fields.wrong(field, "belongs to activation OTAA");
  }
  for (const std::string_view field : {"dev_addr", "nwk_s_key", "app_s_key"}) {
    if (!fields.has(field)) fields.wrong(field, "is required");
  }
  if (!keys.nwk_s || !keys.app_s) return;
  const std::array<std::pair<std::string_view, const std::optional<Key128>*>, 3> same{
      {{"f_nwk_s_int_key", &keys.f_nwk_s_int},
       {"s_nwk_s_int_key", &keys.s_nwk_s_int},
       {"nwk_s_enc_key", &keys.nwk_s_enc}}};
  for (const auto& [field, key] : same) {
    if (*key && !(**key == *keys.nwk_s)) fields.wrong(field, "must equal nwk_s_key below mac_version 1.1");
  }
  const std::array session{*keys.nwk_s, *keys.nwk_s, *keys.nwk_s, *keys.app_s};
  auto& device = *document.object.mutable_device();
  set_keys(device, *device.mutable_wrapped_session_keys(), session, vault);
}

void refuse_what_is_not_built(Document& document, const DocumentRules& rules) {
  const auto& device = document.object.device();
  if (device.mac_version().starts_with("1.1")) {
    document.refused = "mac_version 1.1 is not built yet; 1.0.0 to 1.0.4 are";
  } else if (!rules.regions.contains(device.region())) {
    document.refused = "this network does not serve region " + device.region();
  } else if (device.device_class() == "B") {
    document.refused = "class B is not built yet; A and C are";
  }
}

void read_device(DocumentFields& fields, Document& document, const DocumentRules& rules,
                 const base::crypto::KeyVault& vault) {
  auto& device = *document.object.mutable_device();
  device.set_dev_eui(fields.hex("dev_eui", 16, true));
  const auto activation = fields.one_of("activation", {"OTAA", "ABP"}, "OTAA");
  const bool otaa = activation != "ABP";
  device.set_activation(otaa ? v1::ACTIVATION_OTAA : v1::ACTIVATION_ABP);
  device.set_join_eui(fields.hex("join_eui", 16, otaa && !document.remove));
  device.set_name(fields.text("name", !document.remove));
  device.set_tenant(fields.name("tenant", !document.remove, false));
  device.set_site(fields.name("site", false));
  device.set_profile(fields.name("profile", false));
  device.set_use_case(fields.name("use_case", false));
  for (auto& each : fields.parameters("parameters")) *device.add_parameters() = std::move(each);
  device.set_meter_purpose(fields.text("meter_purpose", false, 32));
  if (processing::meters::purpose_named(device.meter_purpose()) == nullptr)
    fields.wrong("meter_purpose", "must be one of " + processing::meters::purpose_names());
  const auto region = fields.text("region", false, 16);
  device.set_region(region.empty() ? "EU868" : region);
  device.set_mac_version(
      fields.one_of("mac_version", {"1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.1", "1.1.0"}, "1.0.3"));
  const auto parameters = fields.text("reg_params", false, 32);
  device.set_reg_params(parameters.empty() ? "A" : parameters);
  device.set_device_class(fields.one_of("class", {"A", "B", "C"}, "A"));
  device.set_dev_addr(static_cast<std::uint32_t>(fields.hex("dev_addr", 8, false)));
  device.set_f_cnt_up(fields.number("f_cnt_up", 0, 0xffffffffU));
  device.set_f_cnt_down(fields.number("f_cnt_down", 0, 0xffffffffU));
  device.set_f_cnt_reset(fields.boolean("f_cnt_reset", false));
  const auto keys = read_keys(fields);
  refuse_what_is_not_built(document, rules);
  if (document.remove || !document.refused.empty()) return;
  otaa ? set_otaa(fields, document, keys, vault) : set_abp(fields, document, keys, vault);
}

// What identifies a document, as far as it can be said before it is read: for error messages.
std::string first_name(const boost::json::object& object) {
  for (const std::string_view field : {"dev_eui", "gateway_id", "name"}) {
    const auto* value = object.if_contains(field);
    if (value != nullptr && value->is_string()) return std::string(value->get_string().c_str()).substr(0, 128);
  }
  return {};
}

void read_document(const boost::json::value& value, Document& document, std::vector<DocumentError>& errors,
                   const DocumentRules& rules, const base::crypto::KeyVault& vault) {
  static const boost::json::object kNone;
  const auto* object = value.if_object();
  if (object != nullptr) document.name = first_name(*object);
  DocumentFields fields(object != nullptr ? *object : kNone, document, errors);
  if (object == nullptr) return fields.wrong("", "must be an object");
  document.kind = fields.text("kind", true);
  document.remove = fields.boolean("remove", false);
  const auto kind = control_kind(document.kind);
  if (kind == "tenant") {
    read_tenant(fields, *document.object.mutable_tenant());
  } else if (kind == "site") {
    read_site(fields, *document.object.mutable_site());
  } else if (kind == "gateway") {
    read_gateway(fields, *document.object.mutable_gateway(), document.remove);
  } else if (kind == "device") {
    read_device(fields, document, rules, vault);
  } else if (kind == "profile") {
    read_profile(fields, *document.object.mutable_profile(), document.remove);
  } else if (kind == "use_case") {
    read_use_case(fields, *document.object.mutable_use_case());
  } else if (kind == "grant") {
    read_grant(fields, *document.object.mutable_grant(), document.remove);
  } else {
    return fields.wrong("kind", "must be Tenant, Site, Gateway, Device, Profile, UseCase or Grant");
  }
  fields.refuse_others();
  document.key = storage::views::control_key_of(document.object);
  document.name = document.key.substr(kind.size() + 1);
}

}  // namespace

std::string_view control_kind(std::string_view kind) noexcept {
  for (const auto& [name, control] : kKinds) {
    if (name == kind) return control;
  }
  return {};
}

base::Result<ParsedDocuments> parse_documents(std::string_view json, const DocumentRules& rules,
                                              const base::crypto::KeyVault& vault) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = 8;
  const auto value = boost::json::parse(boost::json::string_view(json.data(), json.size()), error, {}, options);
  if (error) return base::fail("bad_json", "the body is not JSON: " + error.message());
  if (!value.is_array() && !value.is_object()) return base::fail("bad_json", "the body must be an array of documents");
  const std::size_t count = value.is_array() ? value.get_array().size() : 1;
  if (count > rules.most) return base::fail("too_large", "more than " + std::to_string(rules.most) + " documents");
  ParsedDocuments parsed;
  parsed.documents.reserve(count);
  std::unordered_set<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) {
    Document document;
    document.index = i;
    const auto errors_before = parsed.errors.size();
    read_document(value.is_array() ? value.get_array()[i] : value, document, parsed.errors, rules, vault);
    if (parsed.errors.size() == errors_before && !keys.insert(document.key).second) {
      parsed.errors.push_back({i, document.kind, document.name, "", "stands twice in one request"});
    }
    parsed.documents.push_back(std::move(document));
  }
  return parsed;
}

}  // namespace lenne::api
