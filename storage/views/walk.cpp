#include "storage/views/walk.hpp"

#include "base/bytes.hpp"
#include "storage/views/keys.hpp"

namespace lenne::storage::views {

using base::Result;

Result<std::vector<std::string>> tenants_of(const StateReader& state, const Scope& scope, Store store,
                                            std::string_view only, std::string_view from) {
  if (!only.empty()) {
    if (!scope.allows(only) || only < from) return std::vector<std::string>{};
    return std::vector<std::string>{std::string(only)};
  }
  std::vector<std::string> tenants;
  if (!scope.is_everything()) {
    for (const auto& tenant : scope.tenants()) {
      if (tenant >= from) tenants.push_back(tenant);
    }
    return tenants;
  }
  std::string next(from);
  for (bool found = true; found;) {
    found = false;
    auto scanned = state.scan(store, 0, next, {}, [&](std::string_view key, std::string_view) {
      if (const auto tenant = tenant_of_key(key)) {
        tenants.emplace_back(*tenant);
        found = true;
      }
      return false;
    });
    if (!scanned) return std::unexpected(scanned.error());
    if (found) next = tenants.back() + '\1';
  }
  return tenants;
}

Result<std::string> Walk::run() const {
  std::string after;
  std::string tenant_from;
  if (!page.cursor.empty()) {
    const auto bytes = base::from_hex(page.cursor);
    if (!bytes) return base::fail("bad_cursor", "this is not a cursor of ours");
    after.assign(base::as_text(*bytes));
    const auto tenant = tenant_of_key(after);
    if (!tenant || !(scope.allows(*tenant))) return base::fail("bad_cursor", "this is not a cursor of this query");
    tenant_from.assign(*tenant);
  }
  auto tenants = tenants_of(state, scope, store, only_tenant, tenant_from);
  if (!tenants) return std::unexpected(tenants.error());
  std::size_t looked_at = 0;
  std::string last;
  bool more = false;
  for (const auto& tenant : *tenants) {
    auto [from, to] = range(tenant);
    if (!after.empty() && after >= from) from = after + '\0';
    if (!to.empty() && from >= to) continue;
    auto scanned = state.scan(store, 0, from, to, [&](std::string_view key, std::string_view value) {
      if (looked_at++ >= page.scan_limit || visit(tenant, key, value) == Visit::full) {
        more = true;
        return false;
      }
      last.assign(key);
      return true;
    });
    if (!scanned) return std::unexpected(scanned.error());
    if (more) break;
  }
  if (!more) return std::string{};
  return base::to_hex(base::as_bytes(last.empty() ? after : last));
}

}  // namespace lenne::storage::views
