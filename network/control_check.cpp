#include <algorithm>
#include <cmath>
#include <string_view>

#include "network/control.hpp"
#include "network/versions.hpp"

namespace lenne::network {
namespace {

constexpr std::size_t kTenantName = 63;
constexpr std::size_t kName = 128;

// A tenant's name is part of topic names, whose parts end in a dot.
[[nodiscard]] bool is_tenant_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kTenantName && letter(name.front()) && letter(name.back()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || c == '-' || c == '_'; });
}

[[nodiscard]] bool is_plain(std::string_view text, std::size_t most) {
  return text.size() <= most &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

[[nodiscard]] bool is_name(std::string_view name) { return !name.empty() && is_plain(name, kName); }

[[nodiscard]] base::Result<void> check_tenant_name(std::string_view name) {
  if (is_tenant_name(name)) return {};
  return base::fail("tenant_name",
                    "a tenant's name has 1 to 63 of a-z, 0-9, - and _, a letter or digit first and last");
}

[[nodiscard]] base::Result<void> check_name(std::string_view name) {
  if (is_name(name)) return {};
  return base::fail("name", "a name has 1 to 128 bytes without control characters");
}

[[nodiscard]] base::Result<void> check_location(const v1::Location& location) {
  const bool good = std::isfinite(location.latitude()) && std::isfinite(location.longitude()) &&
                    std::abs(location.latitude()) <= 90.0 && std::abs(location.longitude()) <= 180.0;
  if (good) return {};
  return base::fail("location", "latitude is -90 to 90, longitude -180 to 180 degrees");
}

[[nodiscard]] base::Result<void> check_owned(std::string_view tenant, std::string_view name) {
  if (auto good = check_tenant_name(tenant); !good) return good;
  return check_name(name);
}

[[nodiscard]] base::Result<void> check_versions(const Services& services, const v1::Device& device) {
  const auto& regions = services.settings.regions;
  if (std::ranges::find(regions, device.region()) == regions.end() ||
      lorawan::find_region(device.region()) == nullptr) {
    return base::fail("region", "region " + device.region() + " is not one of this network's");
  }
  if (!mac_version_of(device.mac_version())) {
    if (device.mac_version().starts_with("1.1"))
      return base::fail("mac_version", "LoRaWAN 1.1 is not supported yet: 1.0.0 to 1.0.4 are");
    return base::fail("mac_version", "no LoRaWAN version " + device.mac_version() + ": 1.0.0 to 1.0.4 are supported");
  }
  if (!is_plain(device.reg_params(), 32)) return base::fail("reg_params", "a revision such as A, B or RP002-1.0.4");
  if (const auto& c = device.device_class(); !c.empty() && c != "A" && c != "C") {
    return base::fail("device_class", "class " + c + " is not supported yet: A and C are");
  }
  return {};
}

[[nodiscard]] base::Result<void> check_keys(const Services& services, const v1::Device& device) {
  if (device.activation() == v1::ACTIVATION_OTAA) {
    const auto keys = services.vault.unwrap(base::as_bytes(device.wrapped_root_keys()));
    if (!keys || keys->empty() || keys->size() > 2)
      return base::fail("root_keys", "app_key is missing, or not wrapped by this network's key");
    return {};
  }
  const auto keys = services.vault.unwrap(base::as_bytes(device.wrapped_session_keys()));
  if (!keys || keys->size() != 4)
    return base::fail("session_keys", "nwk_s_key or app_s_key is missing, or not wrapped by this network's key");
  if (device.dev_addr() == 0) return base::fail("dev_addr", "a device with fixed keys has a DevAddr");
  if (!services.settings.foreign_addresses && !services.addresses.contains(base::DevAddr{device.dev_addr()})) {
    return base::fail("dev_addr", base::to_hex(base::DevAddr{device.dev_addr()}) + " is not in this network's range");
  }
  return {};
}

}  // namespace

base::Result<void> check_device(const Services& services, const v1::Device& device) {
  if (device.dev_eui() == 0) return base::fail("dev_eui_missing", "a device has a DevEUI");
  if (auto good = check_tenant_name(device.tenant()); !good) return good;
  for (const auto* text : {&device.name(), &device.site(), &device.profile(), &device.schema(), &device.use_case()}) {
    if (!is_plain(*text, kName)) return base::fail("name", "a name has at most 128 bytes without control characters");
  }
  if (auto good = check_parameters(device.parameters()); !good) return good;
  if (device.activation() != v1::ACTIVATION_OTAA && device.activation() != v1::ACTIVATION_ABP) {
    return base::fail("activation", "activation is OTAA or ABP");
  }
  if (auto good = check_versions(services, device); !good) return good;
  return check_keys(services, device);
}

base::Result<void> check_object(const v1::Object& object) {
  switch (object.kind_case()) {
    case v1::Object::kTenant:
      if (!is_plain(object.tenant().district(), kName))
        return base::fail("name", "a district has at most 128 bytes without control characters");
      return check_tenant_name(object.tenant().name());
    case v1::Object::kSite:
      if (auto good = check_owned(object.site().tenant(), object.site().name()); !good) return good;
      if (!is_plain(object.site().area(), kName))
        return base::fail("name", "an area has at most 128 bytes without control characters");
      return object.site().has_location() ? check_location(object.site().location()) : base::Result<void>{};
    case v1::Object::kGateway:
      if (object.gateway().gateway_id() == 0) return base::fail("gateway_id_missing", "a gateway has an EUI");
      if (auto good = check_tenant_name(object.gateway().tenant()); !good) return good;
      if (!is_plain(object.gateway().name(), kName))
        return base::fail("name", "a name has at most 128 bytes without control characters");
      return object.gateway().has_location() ? check_location(object.gateway().location()) : base::Result<void>{};
    case v1::Object::kProfile:
      return check_name(object.profile().name());
    case v1::Object::kUseCase:
      return check_use_case(object.use_case());
    case v1::Object::kGrant:
      if (auto good = check_owned(object.grant().from_tenant(), object.grant().name()); !good) return good;
      return check_tenant_name(object.grant().to_tenant());
    case v1::Object::kDevice:
    case v1::Object::KIND_NOT_SET:
      break;
  }
  return base::fail("empty_object", "nothing is named");
}

std::string control_key_of(const v1::Object& object) {
  switch (object.kind_case()) {
    case v1::Object::kTenant:
      return "tenant/" + object.tenant().name();
    case v1::Object::kSite:
      return "site/" + object.site().tenant() + "/" + object.site().name();
    case v1::Object::kGateway:
      return "gateway/" + base::to_hex(base::GatewayId{object.gateway().gateway_id()});
    case v1::Object::kDevice:
      return "device/" + base::to_hex(base::DevEui{object.device().dev_eui()});
    case v1::Object::kProfile:
      return "profile/" + object.profile().name();
    case v1::Object::kUseCase:
      return "use_case/" + object.use_case().name();
    case v1::Object::kGrant:
      return "grant/" + object.grant().name();
    case v1::Object::KIND_NOT_SET:
      break;
  }
  return {};
}

std::string tenant_of(const v1::Object& object) {
  std::string_view tenant;
  if (object.has_tenant()) tenant = object.tenant().name();
  if (object.has_site()) tenant = object.site().tenant();
  if (object.has_gateway()) tenant = object.gateway().tenant();
  if (object.has_device()) tenant = object.device().tenant();
  if (object.has_grant()) tenant = object.grant().from_tenant();
  return is_tenant_name(tenant) ? std::string(tenant) : std::string();
}

}  // namespace lenne::network
