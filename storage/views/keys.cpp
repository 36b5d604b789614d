#include "storage/views/keys.hpp"

#include <algorithm>
#include <array>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "storage/views/views.hpp"

namespace lenne::storage::views {
namespace {

void append_number(std::string& key, std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  base::write_be(bytes.data(), value);
  key.append(base::as_text(bytes));
}

// Signed numbers in the order of their bytes.
std::uint64_t ordered(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63);
}

}  // namespace

bool is_key_name(std::string_view name) noexcept {
  return name.size() <= kMaxName && name.find('\0') == std::string_view::npos;
}

std::string tenant_prefix(std::string_view tenant) {
  std::string key(tenant);
  key.push_back('\0');
  return key;
}

std::string object_key(std::string_view tenant, std::string_view control_key) {
  return tenant_prefix(tenant).append(control_key);
}

std::string device_key(std::string_view tenant, std::uint64_t dev_eui) {
  auto key = tenant_prefix(tenant);
  append_number(key, dev_eui);
  return key;
}

std::string series_prefix(std::string_view tenant, std::string_view measure) {
  auto key = tenant_prefix(tenant).append(measure);
  key.push_back('\0');
  return key;
}

std::string series_key(std::string_view tenant, std::string_view measure, std::uint64_t dev_eui) {
  auto key = series_prefix(tenant, measure);
  append_number(key, dev_eui);
  return key;
}

std::string aggregate_prefix(std::string_view tenant, std::string_view measure, std::string_view window) {
  auto key = series_prefix(tenant, measure).append(window);
  key.push_back('\0');
  return key;
}

std::string aggregate_key(std::string_view prefix, base::Timestamp start, std::uint64_t dev_eui) {
  std::string key(prefix);
  append_number(key, ordered(base::to_us(start)));
  append_number(key, dev_eui);
  return key;
}

std::string rollup_prefix(std::string_view tenant, v1::RollupLevel level, std::string_view measure,
                          std::string_view window) {
  auto key = tenant_prefix(tenant);
  key.push_back(static_cast<char>(level));
  key.append(measure).push_back('\0');
  key.append(window).push_back('\0');
  return key;
}

std::string rollup_key(std::string_view prefix, base::Timestamp start) {
  std::string key(prefix);
  append_number(key, ordered(base::to_us(start)));
  return key;
}

std::string rollup_key(const v1::Rollup& rollup) {
  return rollup_key(rollup_prefix(rollup.tenant(), rollup.level(), rollup.measure(), rollup.window()),
                    base::from_us(rollup.start_us()))
      .append(rollup.site())
      .append(rollup.area())
      .append(rollup.district());
}

std::string open_rollup_key(const v1::OpenRollup& open) {
  auto key = rollup_key(open.result());
  key.push_back('\0');
  key.push_back(static_cast<char>(open.privacy()));
  return key;
}

AlertClass alert_class(v1::AlertState state) noexcept {
  switch (state) {
    case v1::ALERT_STATE_FIRING:
      return AlertClass::firing;
    case v1::ALERT_STATE_ACKNOWLEDGED:
      return AlertClass::acknowledged;
    case v1::ALERT_STATE_PENDING:
      return AlertClass::pending;
    default:
      return AlertClass::ended;
  }
}

std::string alert_prefix(std::string_view tenant, AlertClass of) {
  auto key = tenant_prefix(tenant);
  key.push_back(static_cast<char>(of));
  return key;
}

std::string alert_key(const v1::Alert& alert) {
  const auto of = alert_class(alert.state());
  auto key = alert_prefix(alert.tenant(), of);
  // What is over is not urgent any more, whatever it was.
  const auto severity = of == AlertClass::ended ? 0 : std::clamp(static_cast<int>(alert.severity()), 0, 0xff);
  key.push_back(static_cast<char>(0xff - severity));
  append_number(key, ~ordered(alert.since_us()));
  append_number(key, alert.dev_eui());
  return key.append(alert.rule());
}

std::string alert_index_prefix(std::string_view tenant, std::uint64_t dev_eui) {
  auto key = tenant_prefix(tenant).append("i");
  append_number(key, dev_eui);
  return key;
}

std::string alert_index_key(std::string_view tenant, std::uint64_t dev_eui, std::string_view rule) {
  return alert_index_prefix(tenant, dev_eui).append(rule);
}

bool is_alert_index_key(std::string_view key) noexcept {
  const auto tenant = tenant_of_key(key);
  return tenant && key.size() > tenant->size() + 1 && key[tenant->size() + 1] == 'i';
}

std::string alert_changes_prefix(std::string_view tenant, std::uint64_t dev_eui, std::string_view rule) {
  auto key = tenant_prefix(tenant).append("h");
  append_number(key, dev_eui);
  key.append(rule).push_back('\0');
  return key;
}

std::string alert_change_key(const v1::Alert& alert) {
  auto key = alert_changes_prefix(alert.tenant(), alert.dev_eui(), alert.rule());
  key.push_back(static_cast<char>(alert.revision() % kAlertChanges));
  return key;
}

std::string tenant_key(std::string_view tenant) { return tenant_prefix(tenant).append("T"); }
std::string gateway_prefix(std::string_view tenant) { return tenant_prefix(tenant).append("G"); }

std::string gateway_key(std::string_view tenant, std::uint64_t gateway_id) {
  auto key = gateway_prefix(tenant);
  append_number(key, gateway_id);
  return key;
}

std::string locator_key(std::string_view control_key) { return tenant_prefix("").append("L").append(control_key); }
std::string applied_key() { return tenant_prefix("").append("A"); }

std::string outcome_key(std::uint64_t request_id) {
  auto key = tenant_prefix("");
  append_number(key, request_id % kOutcomes);
  return key;
}

std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<std::uint8_t>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1);
  return prefix;
}

std::optional<std::string_view> tenant_of_key(std::string_view key) noexcept {
  const auto end = key.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return key.substr(0, end);
}

std::uint64_t number_at(std::string_view key, std::size_t from_end) noexcept {
  if (from_end < 8 || key.size() < from_end) return 0;
  return base::read_be<std::uint64_t>(base::as_bytes(key.substr(key.size() - from_end, 8)));
}

base::Timestamp start_of_aggregate_key(std::string_view key) noexcept {
  return base::from_us(static_cast<std::int64_t>(number_at(key, 16) ^ (std::uint64_t{1} << 63)));
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

std::string owner_of(const v1::Object& object) {
  switch (object.kind_case()) {
    case v1::Object::kTenant:
      return object.tenant().name();
    case v1::Object::kSite:
      return object.site().tenant();
    case v1::Object::kGateway:
      return object.gateway().tenant();
    case v1::Object::kDevice:
      return object.device().tenant();
    case v1::Object::kGrant:
      return object.grant().from_tenant();
    case v1::Object::kProfile:
    case v1::Object::kUseCase:
    case v1::Object::KIND_NOT_SET:
      break;
  }
  return {};
}

bool needs_locator(std::string_view control_key) noexcept {
  return control_key.starts_with("device/") || control_key.starts_with("gateway/") || control_key.starts_with("grant/");
}

std::string_view tenant_in_control_key(std::string_view control_key) noexcept {
  if (control_key.starts_with("tenant/")) return control_key.substr(7);
  if (!control_key.starts_with("site/")) return {};
  const auto rest = control_key.substr(5);
  const auto slash = rest.find('/');
  return slash == std::string_view::npos ? std::string_view{} : rest.substr(0, slash);
}

}  // namespace lenne::storage::views
