#include "storage/views/queries.hpp"

#include <algorithm>
#include <functional>

#include "base/bytes.hpp"
#include "storage/views/keys.hpp"
#include "storage/views/sight.hpp"
#include "storage/views/walk.hpp"

namespace lenne::storage::views {
namespace {

using base::Result;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

template <typename Row>
bool parse(Row& row, std::string_view value) {
  return row.ParseFromArray(value.data(), static_cast<int>(value.size()));
}

template <typename Row>
Result<std::optional<Row>> get_row(const StateReader& state, Store store, const std::string& key) {
  auto value = state.get(store, 0, key);
  if (!value) return std::unexpected(value.error());
  if (!*value) return std::optional<Row>{};
  Row row;
  if (!parse(row, **value)) return base::fail("log_read", "a view row cannot be parsed");
  return std::optional<Row>{std::move(row)};
}

std::function<std::pair<std::string, std::string>(const std::string&)> under(
    std::string (*prefix_of)(std::string_view)) {
  return [prefix_of](const std::string& tenant) {
    auto prefix = prefix_of(tenant);
    auto end = after_prefix(prefix);
    return std::pair{std::move(prefix), std::move(end)};
  };
}

}  // namespace

Result<std::vector<std::pair<v1::Tenant, v1::TenantView>>> Queries::tenants(const Scope& scope) const {
  auto names = tenants_of(state_, scope, Store::view_meta, {}, {});
  if (!names) return std::unexpected(names.error());
  std::vector<std::pair<v1::Tenant, v1::TenantView>> found;
  for (const auto& name : *names) {
    if (name.empty()) continue;
    auto row = get_row<v1::TenantView>(state_, Store::view_meta, tenant_key(name));
    if (!row) return std::unexpected(row.error());
    auto object = get_row<v1::ControlState>(state_, Store::view_object, object_key(name, "tenant/" + name));
    if (!object) return std::unexpected(object.error());
    if (!*object && (!*row || (**row).uplinks() == 0)) continue;
    v1::Tenant tenant;
    tenant.set_name(name);
    if (*object) tenant = (**object).object().tenant();
    found.emplace_back(std::move(tenant), *row ? std::move(**row) : v1::TenantView{});
  }
  return found;
}

Result<Page<GatewayItem>> Queries::gateways(const Scope& scope, std::string_view tenant,
                                            const PageRequest& page) const {
  Page<GatewayItem> found;
  base::Result<void> inner{};
  const auto visit = [&](const std::string& owner, std::string_view, std::string_view value) {
    if (found.items.size() >= page.limit) return Visit::full;
    GatewayItem item{owner, {}, {}};
    if (!parse(item.status, value)) return Visit::skipped;
    const auto key = "gateway/" + base::to_hex(base::GatewayId{item.status.gateway_id()});
    auto object = get_row<v1::ControlState>(state_, Store::view_object, object_key(owner, key));
    if (!object) {
      inner = std::unexpected(object.error());
      return Visit::full;
    }
    item.object.set_gateway_id(item.status.gateway_id());
    if (*object) item.object = (**object).object().gateway();
    found.items.push_back(std::move(item));
    return Visit::taken;
  };
  auto next = Walk{state_, scope, Store::view_meta, tenant, page, under(gateway_prefix), visit}.run();
  if (!inner) return std::unexpected(inner.error());
  if (!next) return std::unexpected(next.error());
  found.next = std::move(*next);
  return found;
}

Result<Page<v1::DeviceView>> Queries::devices(const Scope& scope, const DeviceFilter& filter,
                                              const PageRequest& page) const {
  Page<v1::DeviceView> found;
  const Sight sight(state_, scope);
  const auto visit = [&](const std::string&, std::string_view, std::string_view value) {
    v1::DeviceView row;
    if (!parse(row, value) || !row.registered() || !sight.cut(row)) return Visit::skipped;
    if (!filter.site.empty() && row.site() != filter.site) return Visit::skipped;
    if (!filter.text.empty() && !contains(row.name(), filter.text) &&
        !contains(base::to_hex(base::DevEui{row.dev_eui()}), filter.text)) {
      return Visit::skipped;
    }
    if (found.items.size() >= page.limit) return Visit::full;
    found.items.push_back(std::move(row));
    return Visit::taken;
  };
  auto next = Walk{state_, scope, Store::view_latest, filter.tenant, page, under(tenant_prefix), visit}.run();
  if (!next) return std::unexpected(next.error());
  found.next = std::move(*next);
  return found;
}

Result<std::optional<v1::DeviceView>> Queries::device(const Scope& scope, base::DevEui eui) const {
  auto tenant = state_.get(Store::view_meta, 0, locator_key("device/" + base::to_hex(eui)));
  if (!tenant) return std::unexpected(tenant.error());
  if (!*tenant || !scope.allows(**tenant)) return std::optional<v1::DeviceView>{};
  auto row = get_row<v1::DeviceView>(state_, Store::view_latest, device_key(**tenant, eui.value));
  if (row && *row && !Sight(state_, scope).cut(**row)) row->reset();
  return row;
}

Result<Page<SeriesItem>> Queries::series(const Scope& scope, const SeriesFilter& filter,
                                         const PageRequest& page) const {
  Page<SeriesItem> found;
  const Sight sight(state_, scope);
  const auto take = [&](v1::DeviceView& row) {
    if (!sight.cut(row)) return Visit::skipped;
    if (!row.registered() || (!filter.site.empty() && row.site() != filter.site)) return Visit::skipped;
    if (filter.device && filter.device->value != row.dev_eui()) return Visit::skipped;
    if (found.items.size() >= page.limit) return Visit::full;
    google::protobuf::RepeatedPtrField<v1::SeriesView> all;
    all.Swap(row.mutable_series());
    for (auto& series : all) {
      if (filter.measure.empty() || series.measure() == filter.measure) found.items.push_back({row, std::move(series)});
    }
    return Visit::taken;
  };
  if (filter.device) {  // no walk: one row
    auto row = device(scope, *filter.device);
    if (!row) return std::unexpected(row.error());
    if (*row && (filter.tenant.empty() || (**row).tenant() == filter.tenant)) take(**row);
    return found;
  }
  base::Result<void> inner{};
  const auto by_device = [&](const std::string&, std::string_view, std::string_view value) {
    v1::DeviceView row;
    return parse(row, value) ? take(row) : Visit::skipped;
  };
  const auto by_measure = [&](const std::string& tenant, std::string_view key, std::string_view) {
    auto row = get_row<v1::DeviceView>(state_, Store::view_latest, device_key(tenant, number_at(key, 8)));
    if (!row) {
      inner = std::unexpected(row.error());
      return Visit::full;
    }
    return *row ? take(**row) : Visit::skipped;
  };
  const auto measure_range = [&](const std::string& tenant) {
    auto prefix = series_prefix(tenant, filter.measure);
    auto end = after_prefix(prefix);
    return std::pair{std::move(prefix), std::move(end)};
  };
  if (!is_key_name(filter.measure)) return found;
  auto next = filter.measure.empty()
                  ? Walk{state_, scope, Store::view_latest, filter.tenant, page, under(tenant_prefix), by_device}.run()
                  : Walk{state_, scope, Store::view_series, filter.tenant, page, measure_range, by_measure}.run();
  if (!inner) return std::unexpected(inner.error());
  if (!next) return std::unexpected(next.error());
  found.next = std::move(*next);
  return found;
}

namespace {

// One device's results: a look-up a window where they follow each other, a seek over gaps. So a year of one series does
// not read the other devices' rows.
struct DeviceWalk {
  const StateReader& state;
  const AggregateFilter& filter;
  const PageRequest& page;
  std::size_t looked_at = 0;

  // Returns the start to go on with, or nothing at the end of this tenant.
  Result<std::optional<base::Timestamp>> run(const std::string& prefix, base::Timestamp start,
                                             Page<v1::Aggregate>& found) {
    const auto end = after_prefix(prefix);
    while (start < filter.to) {
      if (looked_at++ >= page.scan_limit || found.items.size() >= page.limit) return std::optional{start};
      const auto key = aggregate_key(prefix, start, filter.device->value);
      auto row = get_row<v1::Aggregate>(state, Store::view_aggregate, key);
      if (!row) return std::unexpected(row.error());
      if (*row) {
        const auto next = std::max(base::from_us((**row).end_us()), start + base::Duration{1});
        if (filter.site.empty() || (**row).site() == filter.site) found.items.push_back(std::move(**row));
        start = next;
        continue;
      }
      std::string there;
      auto scanned = state.scan(Store::view_aggregate, 0, key, end, [&](std::string_view at, std::string_view) {
        there.assign(at);
        return false;
      });
      if (!scanned) return std::unexpected(scanned.error());
      if (there.empty()) return std::optional<base::Timestamp>{};
      const auto at = start_of_aggregate_key(there);
      start = number_at(there, 8) > filter.device->value ? at + base::Duration{1} : at;
    }
    return std::optional<base::Timestamp>{};
  }
};

Result<Page<v1::Aggregate>> device_aggregates(const StateReader& state, const Scope& scope,
                                              const AggregateFilter& filter, const PageRequest& page) {
  Page<v1::Aggregate> found;
  std::string tenant_from;
  auto start_from = filter.from;
  if (!page.cursor.empty()) {
    const auto bytes = base::from_hex(page.cursor);
    const auto key = bytes ? base::as_text(*bytes) : std::string_view{};
    const auto tenant = tenant_of_key(key);
    if (!tenant || !scope.allows(*tenant)) return base::fail("bad_cursor", "this is not a cursor of this query");
    tenant_from.assign(*tenant);
    start_from = std::max(start_from, start_of_aggregate_key(key));
  }
  auto tenants = tenants_of(state, scope, Store::view_aggregate, filter.tenant, tenant_from);
  if (!tenants) return std::unexpected(tenants.error());
  Sight sight(state, scope);
  DeviceWalk walk{state, filter, page};
  for (const auto& tenant : *tenants) {
    const auto shown = sight.shows_results(tenant, filter.device->value, filter.measure, filter.window);
    if (!shown) return std::unexpected(shown.error());
    if (!*shown) continue;
    const auto prefix = aggregate_prefix(tenant, filter.measure, filter.window);
    auto stopped = walk.run(prefix, tenant == tenant_from ? start_from : filter.from, found);
    if (!stopped) return std::unexpected(stopped.error());
    if (*stopped) {
      found.next = base::to_hex(base::as_bytes(aggregate_key(prefix, **stopped, filter.device->value)));
      return found;
    }
  }
  return found;
}

}  // namespace

Result<Page<v1::Aggregate>> Queries::aggregates(const Scope& scope, const AggregateFilter& filter,
                                                const PageRequest& page) const {
  Page<v1::Aggregate> found;
  if (!is_key_name(filter.measure) || !is_key_name(filter.window) || filter.from >= filter.to) return found;
  if (filter.device) return device_aggregates(state_, scope, filter, page);
  const auto range = [&](const std::string& tenant) {
    const auto prefix = aggregate_prefix(tenant, filter.measure, filter.window);
    return std::pair{aggregate_key(prefix, filter.from, 0), aggregate_key(prefix, filter.to, 0)};
  };
  Sight sight(state_, scope);
  base::Result<void> inner{};
  const auto visit = [&](const std::string& tenant, std::string_view, std::string_view value) {
    v1::Aggregate row;
    if (!parse(row, value) || (!filter.site.empty() && row.site() != filter.site)) return Visit::skipped;
    const auto shown = sight.shows_results(tenant, row.dev_eui(), filter.measure, filter.window);
    if (!shown) {
      inner = std::unexpected(shown.error());
      return Visit::full;
    }
    if (!*shown) return Visit::skipped;
    if (found.items.size() >= page.limit) return Visit::full;
    found.items.push_back(std::move(row));
    return Visit::taken;
  };
  auto next = Walk{state_, scope, Store::view_aggregate, filter.tenant, page, range, visit}.run();
  if (!inner) return std::unexpected(inner.error());
  if (!next) return std::unexpected(next.error());
  found.next = std::move(*next);
  return found;
}

namespace {

template <typename Row>
Result<Page<Row>> rollup_page(const StateReader& state, Store store, const Scope& scope, const RollupFilter& filter,
                              const PageRequest& page) {
  Page<Row> found;
  if (!is_key_name(filter.measure) || !is_key_name(filter.window) || filter.from >= filter.to) return found;
  const auto range = [&](const std::string& tenant) {
    const auto prefix = rollup_prefix(tenant, filter.level, filter.measure, filter.window);
    return std::pair{rollup_key(prefix, filter.from), rollup_key(prefix, filter.to)};
  };
  Sight sight(state, scope);
  base::Result<void> inner{};
  const auto visit = [&](const std::string& tenant, std::string_view, std::string_view value) {
    Row row;
    if (!parse(row, value)) return Visit::skipped;
    if (!filter.site.empty() && rollup_of(row).site() != filter.site) return Visit::skipped;
    const auto shown = sight.shows_rollups(tenant, rollup_of(row).site(), filter.measure, page.scan_limit);
    if (!shown) {
      inner = std::unexpected(shown.error());
      return Visit::full;
    }
    if (!*shown) return Visit::skipped;
    if (found.items.size() >= page.limit) return Visit::full;
    found.items.push_back(std::move(row));
    return Visit::taken;
  };
  auto next = Walk{state, scope, store, filter.tenant, page, range, visit}.run();
  if (!inner) return std::unexpected(inner.error());
  if (!next) return std::unexpected(next.error());
  found.next = std::move(*next);
  return found;
}

}  // namespace

Result<Page<v1::Rollup>> Queries::rollups(const Scope& scope, const RollupFilter& filter,
                                          const PageRequest& page) const {
  return rollup_page<v1::Rollup>(state_, Store::view_rollup, scope, filter, page);
}

Result<Page<v1::OpenRollup>> Queries::open_rollups(const RollupFilter& filter, const PageRequest& page) const {
  return rollup_page<v1::OpenRollup>(state_, Store::view_open, Scope::everything(), filter, page);
}

Result<bool> Queries::shows_results(const Scope& scope, const std::string& tenant, base::DevEui eui,
                                    std::string_view measure, std::string_view window) const {
  if (!scope.allows(tenant)) return false;
  return Sight(state_, scope).shows_results(tenant, eui.value, measure, window);
}

Result<bool> Queries::has_aggregate(std::string_view tenant, std::string_view measure, std::string_view window,
                                    base::Timestamp start, base::DevEui eui) const {
  auto row =
      state_.get(Store::view_aggregate, 0, aggregate_key(aggregate_prefix(tenant, measure, window), start, eui.value));
  if (!row) return std::unexpected(row.error());
  return row->has_value();
}

Result<std::optional<v1::ControlState>> Queries::object(const Scope& scope, std::string_view control_key) const {
  std::string tenant(tenant_in_control_key(control_key));
  if (needs_locator(control_key)) {
    auto found = state_.get(Store::view_meta, 0, locator_key(control_key));
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::optional<v1::ControlState>{};
    tenant = std::move(**found);
  }
  if (!scope.allows(tenant)) return std::optional<v1::ControlState>{};
  return get_row<v1::ControlState>(state_, Store::view_object, object_key(tenant, control_key));
}

Result<Page<v1::ControlState>> Queries::objects(const Scope& scope, std::string_view kind, std::string_view tenant,
                                                const PageRequest& page) const {
  Page<v1::ControlState> found;
  const auto range = [&](const std::string& owner) {
    auto prefix = object_key(owner, std::string(kind) + "/");
    auto end = after_prefix(prefix);
    return std::pair{std::move(prefix), std::move(end)};
  };
  const auto visit = [&](const std::string&, std::string_view, std::string_view value) {
    v1::ControlState row;
    if (!parse(row, value)) return Visit::skipped;
    if (found.items.size() >= page.limit) return Visit::full;
    found.items.push_back(std::move(row));
    return Visit::taken;
  };
  auto next = Walk{state_, scope, Store::view_object, tenant, page, range, visit}.run();
  if (!next) return std::unexpected(next.error());
  found.next = std::move(*next);
  return found;
}

Result<std::optional<v1::Location>> Queries::site_location(std::string_view tenant, std::string_view site) const {
  if (site.empty()) return std::optional<v1::Location>{};
  const auto key = std::string("site/").append(tenant).append("/").append(site);
  auto row = get_row<v1::ControlState>(state_, Store::view_object, object_key(tenant, key));
  if (!row) return std::unexpected(row.error());
  if (!*row || !(**row).object().site().has_location()) return std::optional<v1::Location>{};
  return std::optional{(**row).object().site().location()};
}

Result<std::optional<v1::OutcomeView>> Queries::outcome(std::uint64_t request_id) const {
  auto row = get_row<v1::OutcomeView>(state_, Store::view_event, outcome_key(request_id));
  if (!row) return std::unexpected(row.error());
  if (*row && (**row).request_id() != request_id) return std::optional<v1::OutcomeView>{};
  return row;
}

Result<std::map<std::uint32_t, Offset>> Queries::applied() const {
  auto row = get_row<v1::AppliedView>(state_, Store::view_meta, applied_key());
  if (!row) return std::unexpected(row.error());
  std::map<std::uint32_t, Offset> positions;
  if (*row) {
    for (const auto& position : (**row).positions()) positions[position.partition()] = position.offset();
  }
  return positions;
}

}  // namespace lenne::storage::views
