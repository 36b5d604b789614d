#pragma once
// Reads of the views. Every call but that of open results takes the caller's Scope and is bounded in rows returned and
// rows looked at.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/rollup.pb.h"
#include "lenne/v1/view.pb.h"
#include "storage/log.hpp"
#include "storage/views/buckets.hpp"
#include "storage/views/keys.hpp"
#include "storage/views/scope.hpp"

namespace lenne::storage::views {

/// A page to be read. `cursor` is a page's `next`, or empty for the first one.
struct PageRequest {
  std::size_t limit = 100;  ///< rows returned
  std::string cursor = {};
  std::size_t scan_limit = 50'000;  ///< rows looked at; a page may be shorter than `limit` and still have a next
};

template <typename Row>
struct Page {
  std::vector<Row> items;
  std::string next;  ///< empty: this was the last page
};

struct GatewayItem {
  std::string tenant;
  v1::Gateway object;      ///< with the id alone when no object declares it
  v1::GatewayView status;  ///< all zero when it was never heard
};

struct DeviceFilter {
  std::string tenant = {};  ///< empty: all in scope
  std::string site = {};
  std::string text = {};  ///< part of the name or of the DevEUI, without regard to ASCII case
};

struct SeriesFilter {
  std::string tenant = {};
  std::string measure = {};  ///< empty: all
  std::string site = {};
  std::optional<base::DevEui> device = {};
};

/// One series with the device it belongs to (the device's `series` is empty here).
struct SeriesItem {
  v1::DeviceView device;
  v1::SeriesView series;
};

struct AggregateFilter {
  std::string measure;   ///< required
  std::string window;    ///< required: "PT15M"
  base::Timestamp from;  ///< window starts in [from, to)
  base::Timestamp to;
  std::string tenant = {};
  std::string site = {};
  std::optional<base::DevEui> device = {};
};

struct RollupFilter {
  v1::RollupLevel level = v1::ROLLUP_LEVEL_TENANT;
  std::string measure;   ///< required
  std::string window;    ///< required
  base::Timestamp from;  ///< window starts in [from, to)
  base::Timestamp to;
  std::string tenant = {};
  std::string site = {};
};

struct AlertFilter {
  std::string tenant = {};
  std::optional<base::DevEui> device = {};
  std::set<AlertClass> classes = {};  ///< empty: all
  v1::Severity least = v1::SEVERITY_UNSPECIFIED;
};

/// The result that a row has, whether or not more is said of its release.
[[nodiscard]] inline const v1::Rollup& rollup_of(const v1::Rollup& row) { return row; }
[[nodiscard]] inline const v1::Rollup& rollup_of(const v1::OpenRollup& row) { return row.result(); }

/// What the scope does not show of meters is taken off the rows, or the rows are left out. A device is a meter by the
/// series that it has.
///
/// Any thread. Rows come in the order of their keys: by tenant, then as stated at each query.
/// Errors: log_read; bad_cursor.
class Queries {
 public:
  explicit Queries(const StateReader& state) : state_(state) {}

  /// Tenants in scope that have an object or data, with their totals.
  [[nodiscard]] base::Result<std::vector<std::pair<v1::Tenant, v1::TenantView>>> tenants(const Scope& scope) const;
  /// By gateway id. Gateways without an object are the operator's.
  [[nodiscard]] base::Result<Page<GatewayItem>> gateways(const Scope& scope, std::string_view tenant,
                                                         const PageRequest& page) const;
  /// Registered devices, by DevEUI.
  [[nodiscard]] base::Result<Page<v1::DeviceView>> devices(const Scope& scope, const DeviceFilter& filter,
                                                           const PageRequest& page) const;
  /// One registered device. `tenant` empty: wherever it is, if in scope.
  [[nodiscard]] base::Result<std::optional<v1::DeviceView>> device(const Scope& scope, base::DevEui eui) const;
  /// Series of registered devices; with a measure by (DevEUI), else by (DevEUI, measure). A device's series are never
  /// cut, so a page may have up to kMaxSeries - 1 rows more than its limit.
  [[nodiscard]] base::Result<Page<SeriesItem>> series(const Scope& scope, const SeriesFilter& filter,
                                                      const PageRequest& page) const;
  /// Stored results, by (start, DevEUI); of meters those that the scope shows.
  [[nodiscard]] base::Result<Page<v1::Aggregate>> aggregates(const Scope& scope, const AggregateFilter& filter,
                                                             const PageRequest& page) const;
  /// Stored results of places of one level, by (start, name). Those of districts and the region belong to no tenant.
  /// A scope that does not show all of meters has none that a meter is a part of: a place may have one meter alone.
  [[nodiscard]] base::Result<Page<v1::Rollup>> rollups(const Scope& scope, const RollupFilter& filter,
                                                       const PageRequest& page) const;
  /// The same of what is released to everybody: the one query without a scope, on a store that holds nothing else.
  [[nodiscard]] base::Result<Page<v1::OpenRollup>> open_rollups(const RollupFilter& filter,
                                                                const PageRequest& page) const;
  /// Whether results of that window may be shown, wherever they come from.
  [[nodiscard]] base::Result<bool> shows_results(const Scope& scope, const std::string& tenant, base::DevEui eui,
                                                 std::string_view measure, std::string_view window) const;
  [[nodiscard]] base::Result<bool> has_aggregate(std::string_view tenant, std::string_view measure,
                                                 std::string_view window, base::Timestamp start,
                                                 base::DevEui eui) const;

  /// Alerts: firing ones first, then acknowledged, pending and ended ones; each by tenant, then the worst first, then
  /// the newest.
  [[nodiscard]] base::Result<Page<v1::AlertView>> alerts(const Scope& scope, const AlertFilter& filter,
                                                         const PageRequest& page) const;
  /// One alert. `tenant` empty: that of the device.
  [[nodiscard]] base::Result<std::optional<v1::AlertView>> alert(const Scope& scope, std::string_view tenant,
                                                                 base::DevEui eui, std::string_view rule) const;
  /// Its last changes, newest first.
  [[nodiscard]] base::Result<std::vector<v1::AlertView>> alert_changes(const Scope& scope,
                                                                       const v1::Alert& alert) const;

  /// An object by its key on topic control, e.g. "device/70b3…", "site/menden/rathaus".
  [[nodiscard]] base::Result<std::optional<v1::ControlState>> object(const Scope& scope,
                                                                     std::string_view control_key) const;
  /// Objects of a kind ("tenant", "site", "gateway", "device", "profile", "use_case", "grant"), by name.
  [[nodiscard]] base::Result<Page<v1::ControlState>> objects(const Scope& scope, std::string_view kind,
                                                             std::string_view tenant, const PageRequest& page) const;
  /// Where a site is; nothing when it is unknown or has no location.
  [[nodiscard]] base::Result<std::optional<v1::Location>> site_location(std::string_view tenant,
                                                                        std::string_view site) const;

  /// For the operator's writes: what became of one, and up to where network-in is contained in the views.
  [[nodiscard]] base::Result<std::optional<v1::OutcomeView>> outcome(std::uint64_t request_id) const;
  [[nodiscard]] base::Result<std::map<std::uint32_t, Offset>> applied() const;

 private:
  const StateReader& state_;
};

}  // namespace lenne::storage::views
