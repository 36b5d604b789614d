#pragma once
// Whose data a caller may see. Every query takes one; there is no query without.

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace lenne::storage::views {

/// Either everything (operator) or a set of tenants. What belongs to no tenant is the operator's alone.
class Scope {
 public:
  [[nodiscard]] static Scope everything() { return Scope(true, {}); }
  [[nodiscard]] static Scope of(std::set<std::string, std::less<>> tenants) { return Scope(false, std::move(tenants)); }
  [[nodiscard]] static Scope nothing() { return Scope(false, {}); }

  [[nodiscard]] bool is_everything() const noexcept { return all_; }
  [[nodiscard]] bool allows(std::string_view tenant) const {
    return all_ || (!tenant.empty() && tenants_.contains(tenant));
  }
  /// The tenants, when not everything.
  [[nodiscard]] const std::set<std::string, std::less<>>& tenants() const noexcept { return tenants_; }

 private:
  Scope(bool all, std::set<std::string, std::less<>> tenants) : all_(all), tenants_(std::move(tenants)) {}

  bool all_;
  std::set<std::string, std::less<>> tenants_;
};

}  // namespace lenne::storage::views
