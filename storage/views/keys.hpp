#pragma once
// Keys of the view rows. Every key starts with the tenant and a zero byte; what belongs to nobody has the empty tenant.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/rollup.pb.h"

namespace lenne::storage::views {

/// Longest tenant, measure or window name that gets a key.
inline constexpr std::size_t kMaxName = 128;

/// Whether a name can stand in a key: not longer than kMaxName and without a zero byte.
[[nodiscard]] bool is_key_name(std::string_view name) noexcept;

[[nodiscard]] std::string tenant_prefix(std::string_view tenant);
/// view_object: tenant, control key.
[[nodiscard]] std::string object_key(std::string_view tenant, std::string_view control_key);
/// view_latest: tenant, DevEUI.
[[nodiscard]] std::string device_key(std::string_view tenant, std::uint64_t dev_eui);
/// view_series: tenant, measure, DevEUI.
[[nodiscard]] std::string series_prefix(std::string_view tenant, std::string_view measure);
[[nodiscard]] std::string series_key(std::string_view tenant, std::string_view measure, std::uint64_t dev_eui);
/// view_aggregate: tenant, measure, window, start, DevEUI.
[[nodiscard]] std::string aggregate_prefix(std::string_view tenant, std::string_view measure, std::string_view window);
[[nodiscard]] std::string aggregate_key(std::string_view prefix, base::Timestamp start, std::uint64_t dev_eui);
/// view_rollup: tenant (empty for districts and the region), level (one byte), measure, window, start, site, area or
/// district.
[[nodiscard]] std::string rollup_prefix(std::string_view tenant, v1::RollupLevel level, std::string_view measure,
                                        std::string_view window);
/// The first key of windows that begin at `start`.
[[nodiscard]] std::string rollup_key(std::string_view prefix, base::Timestamp start);
[[nodiscard]] std::string rollup_key(const v1::Rollup& rollup);
/// view_open: the same, then the privacy class (one byte).
[[nodiscard]] std::string open_rollup_key(const v1::OpenRollup& open);
/// How urgent an alert is: rows of one tenant lie in this order.
enum class AlertClass : std::uint8_t { firing = '1', acknowledged = '2', pending = '3', ended = '4' };
[[nodiscard]] AlertClass alert_class(v1::AlertState state) noexcept;
/// view_alert: tenant, class, worst severity first, newest first, DevEUI, rule.
[[nodiscard]] std::string alert_prefix(std::string_view tenant, AlertClass of);
[[nodiscard]] std::string alert_key(const v1::Alert& alert);
/// view_alert: tenant, 'i', DevEUI, rule: under which key its row is.
[[nodiscard]] std::string alert_index_prefix(std::string_view tenant, std::uint64_t dev_eui);
[[nodiscard]] std::string alert_index_key(std::string_view tenant, std::uint64_t dev_eui, std::string_view rule);
[[nodiscard]] bool is_alert_index_key(std::string_view key) noexcept;
/// view_alert: tenant, 'h', DevEUI, rule: its last kAlertChanges changes, by revision modulo their number.
[[nodiscard]] std::string alert_changes_prefix(std::string_view tenant, std::uint64_t dev_eui, std::string_view rule);
[[nodiscard]] std::string alert_change_key(const v1::Alert& alert);
/// view_meta.
[[nodiscard]] std::string tenant_key(std::string_view tenant);
[[nodiscard]] std::string gateway_prefix(std::string_view tenant);
[[nodiscard]] std::string gateway_key(std::string_view tenant, std::uint64_t gateway_id);
/// view_meta, the operator's: which tenant has this device, gateway or grant now.
[[nodiscard]] std::string locator_key(std::string_view control_key);
[[nodiscard]] std::string applied_key();
/// view_event, the operator's.
[[nodiscard]] std::string outcome_key(std::uint64_t request_id);

/// The smallest key that is above all keys that start with `prefix`; empty when there is none.
[[nodiscard]] std::string after_prefix(std::string prefix);
/// The tenant of a key; nothing when it is none of ours.
[[nodiscard]] std::optional<std::string_view> tenant_of_key(std::string_view key) noexcept;
/// A big-endian number at the end of a key that has at least `from_end` bytes.
[[nodiscard]] std::uint64_t number_at(std::string_view key, std::size_t from_end) noexcept;
[[nodiscard]] base::Timestamp start_of_aggregate_key(std::string_view key) noexcept;

/// An object's key on topic control, e.g. "site/menden/rathaus"; empty when the object has no kind.
[[nodiscard]] std::string control_key_of(const v1::Object& object);
/// Who an object belongs to; empty for profiles and use cases.
[[nodiscard]] std::string owner_of(const v1::Object& object);
/// Whether the tenant of such an object can only be known from a look-up.
[[nodiscard]] bool needs_locator(std::string_view control_key) noexcept;
/// The tenant that a control key without locator names ("tenant/…", "site/…/…"), else empty.
[[nodiscard]] std::string_view tenant_in_control_key(std::string_view control_key) noexcept;

}  // namespace lenne::storage::views
