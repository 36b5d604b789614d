#pragma once
// Walks over rows of the views that several queries share. Internal to this folder.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "storage/log.hpp"
#include "storage/views/queries.hpp"
#include "storage/views/scope.hpp"

namespace lenne::storage::views {

/// The tenants that have keys in a store, from one tenant on: one seek each. `only` empty: all in scope.
[[nodiscard]] base::Result<std::vector<std::string>> tenants_of(const StateReader& state, const Scope& scope,
                                                                Store store, std::string_view only,
                                                                std::string_view from);

enum class Visit : std::uint8_t { skipped, taken, full };

/// Visits, tenant by tenant, the keys of a range, from a cursor on, until a page is full or enough was looked at.
struct Walk {
  const StateReader& state;
  const Scope& scope;
  Store store;
  std::string_view only_tenant;
  const PageRequest& page;
  std::function<std::pair<std::string, std::string>(const std::string& tenant)> range;
  std::function<Visit(const std::string& tenant, std::string_view key, std::string_view value)> visit;

  /// The cursor of what follows, empty at the end. Errors: log_read; bad_cursor.
  [[nodiscard]] base::Result<std::string> run() const;
};

}  // namespace lenne::storage::views
