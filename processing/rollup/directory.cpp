#include "processing/rollup/directory.hpp"

#include "processing/keys.hpp"
#include "processing/rollup/rollup_rows.hpp"

namespace lenne::processing::rollup {
namespace {

using storage::Store;

/// Empty: of no kind that matters here.
std::string row_key(const v1::Object& object) {
  switch (object.kind_case()) {
    case v1::Object::kTenant:
      return declared_key("tenant/" + object.tenant().name());
    case v1::Object::kSite:
      return declared_key("site/" + object.site().tenant() + "/" + object.site().name());
    case v1::Object::kUseCase:
      return declared_key("use_case/" + object.use_case().name());
    case v1::Object::kDevice:
      return declared_key("device/" + device_key(object.device().dev_eui()));
    default:
      return {};
  }
}

/// A name or nothing.
void set_or_erase(auto& map, auto key, const std::string& name) {
  if (name.empty()) {
    map.erase(key);
  } else {
    map.insert_or_assign(std::move(key), name);
  }
}

}  // namespace

base::Result<void> Directory::load(const Overlay& rows) {
  *this = {};
  return each_row(rows, std::string(kDeclared), [&](std::string_view, std::string_view value) {
    v1::Object object;
    if (!object.ParseFromArray(value.data(), static_cast<int>(value.size()))) return false;
    learn(object);
    return true;
  });
}

void Directory::declare(const v1::Object& object, Overlay& rows) {
  auto key = row_key(object);
  if (key.empty()) return;
  learn(object);
  rows.put(Store::rollup, std::move(key), object.SerializeAsString());
}

void Directory::withdraw(const v1::Object& object, Overlay& rows) {
  auto key = row_key(object);
  if (key.empty()) return;
  forget(object);
  rows.erase(Store::rollup, std::move(key));
}

v1::PrivacyClass Directory::privacy_of(const std::string& tenant, std::uint64_t dev_eui) const {
  const auto device = devices_.find(dev_eui);
  const auto published = published_.find(tenant);
  if (device == devices_.end() || published == published_.end() || !published->second.contains(device->second))
    return v1::PRIVACY_CLASS_UNSPECIFIED;
  const auto use_case = use_cases_.find(device->second);
  return use_case == use_cases_.end() ? v1::PRIVACY_CLASS_UNSPECIFIED : use_case->second;
}

void Directory::learn(const v1::Object& object) {
  if (object.has_tenant()) {
    const auto& tenant = object.tenant();
    set_or_erase(places_.districts, tenant.name(), tenant.district());
    published_[tenant.name()] = {tenant.open().begin(), tenant.open().end()};
  } else if (object.has_site()) {
    set_or_erase(places_.areas, std::pair(object.site().tenant(), object.site().name()), object.site().area());
  } else if (object.has_use_case()) {
    use_cases_[object.use_case().name()] = object.use_case().privacy();
  } else if (object.has_device()) {
    set_or_erase(devices_, object.device().dev_eui(), object.device().use_case());
  }
}

void Directory::forget(const v1::Object& object) {
  places_.districts.erase(object.tenant().name());
  published_.erase(object.tenant().name());
  places_.areas.erase({object.site().tenant(), object.site().name()});
  use_cases_.erase(object.use_case().name());
  devices_.erase(object.device().dev_eui());
}

}  // namespace lenne::processing::rollup
