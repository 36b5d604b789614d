// Alerts: lists over all devices, and one alert with its changes.
#include <algorithm>
#include <array>

#include "base/bytes.hpp"
#include "storage/views/keys.hpp"
#include "storage/views/queries.hpp"
#include "storage/views/sight.hpp"
#include "storage/views/walk.hpp"

namespace lenne::storage::views {
namespace {

using base::Result;

constexpr std::array kClasses{AlertClass::firing, AlertClass::acknowledged, AlertClass::pending, AlertClass::ended};

bool parse_alert(v1::AlertView& row, std::string_view value) {
  return row.ParseFromArray(value.data(), static_cast<int>(value.size()));
}

}  // namespace

/// A cursor is the class, then that of the walk inside of it.
Result<Page<v1::AlertView>> Queries::alerts(const Scope& scope, const AlertFilter& filter,
                                            const PageRequest& page) const {
  Page<v1::AlertView> found;
  auto first = kClasses.front();
  auto rest = page;
  if (!page.cursor.empty()) {
    const auto at = std::ranges::find(kClasses, page.cursor.front(), [](AlertClass c) { return static_cast<char>(c); });
    if (at == kClasses.end()) return base::fail("bad_cursor", "this is not a cursor of this query");
    first = *at;
    rest.cursor.erase(0, 1);
  }
  Sight sight(state_, scope);
  base::Result<void> inner{};
  const auto visit = [&](const std::string&, std::string_view, std::string_view value) {
    v1::AlertView row;
    if (!parse_alert(row, value) || row.alert().severity() < filter.least ||
        (filter.device && row.alert().dev_eui() != filter.device->value))
      return Visit::skipped;
    const auto shown = sight.cut(*row.mutable_alert());
    if (!shown) {
      inner = std::unexpected(shown.error());
      return Visit::full;
    }
    if (!*shown) return Visit::skipped;
    if (found.items.size() >= page.limit) return Visit::full;
    found.items.push_back(std::move(row));
    return Visit::taken;
  };
  for (const auto of : kClasses) {
    if (of < first || (!filter.classes.empty() && !filter.classes.contains(of))) continue;
    if (found.items.size() >= page.limit) {
      found.next = std::string(1, static_cast<char>(of));
      return found;
    }
    const auto range = [&](const std::string& tenant) {
      auto prefix = alert_prefix(tenant, of);
      auto end = after_prefix(prefix);
      return std::pair{std::move(prefix), std::move(end)};
    };
    auto next = Walk{state_, scope, Store::view_alert, filter.tenant, rest, range, visit}.run();
    if (!inner) return std::unexpected(inner.error());
    if (!next) return std::unexpected(next.error());
    rest.cursor.clear();
    if (next->empty()) continue;
    found.next = static_cast<char>(of) + *next;
    return found;
  }
  return found;
}

Result<std::optional<v1::AlertView>> Queries::alert(const Scope& scope, std::string_view tenant, base::DevEui eui,
                                                    std::string_view rule) const {
  std::string owner(tenant);
  if (owner.empty()) {
    auto known = state_.get(Store::view_meta, 0, locator_key("device/" + base::to_hex(eui)));
    if (!known) return std::unexpected(known.error());
    if (!*known) return std::optional<v1::AlertView>{};
    owner = **known;
  }
  if (!scope.allows(owner)) return std::optional<v1::AlertView>{};
  const auto key = state_.get(Store::view_alert, 0, alert_index_key(owner, eui.value, rule));
  if (!key) return std::unexpected(key.error());
  if (!*key) return std::optional<v1::AlertView>{};
  const auto value = state_.get(Store::view_alert, 0, **key);
  if (!value) return std::unexpected(value.error());
  v1::AlertView row;
  if (!*value || !parse_alert(row, **value)) return base::fail("log_read", "a view row of an alert cannot be parsed");
  const auto shown = Sight(state_, scope).cut(*row.mutable_alert());
  if (!shown) return std::unexpected(shown.error());
  return *shown ? std::optional{std::move(row)} : std::nullopt;
}

Result<std::vector<v1::AlertView>> Queries::alert_changes(const Scope& scope, const v1::Alert& alert) const {
  std::vector<v1::AlertView> changes;
  if (!scope.allows(alert.tenant())) return changes;
  Sight sight(state_, scope);
  const auto prefix = alert_changes_prefix(alert.tenant(), alert.dev_eui(), alert.rule());
  auto scanned =
      state_.scan(Store::view_alert, 0, prefix, after_prefix(prefix), [&](std::string_view, std::string_view value) {
        if (!parse_alert(changes.emplace_back(), value)) changes.pop_back();
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  for (auto& change : changes) {
    const auto shown = sight.cut(*change.mutable_alert());
    if (!shown) return std::unexpected(shown.error());
    if (!*shown) return std::vector<v1::AlertView>{};
  }
  std::ranges::sort(changes, std::ranges::greater{}, [](const v1::AlertView& view) {
    return std::pair{view.alert().changed_us(), view.alert().revision()};
  });
  return changes;
}

}  // namespace lenne::storage::views
