#pragma once
// Whose data a caller may see, and how much of meters. Every query takes one; there is no query without.

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace lenne::storage::views {

/// How much of a device is seen. Each says more than the one before.
enum class Detail : std::uint8_t {
  nothing,  ///< as if there were no such device
  name,     ///< which device it is, and how it was heard; none of its series
  alerts,   ///< and its alerts, without what was measured
  results,  ///< and which series it has, with results of windows that are long enough; no single samples
  all
};

/// How much of devices that are meters is seen: of each one that has a series which counts.
struct MeterRule {
  Detail of_all;
  Detail of_named;  ///< of those that are named, instead
  std::set<std::uint64_t> named;
  bool (&is_meter)(std::string_view measure);       ///< whether a device with this series is a meter
  bool (&is_long_enough)(std::string_view window);  ///< whether Detail::results has windows of this name
};

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
  /// The same tenants with less of their meters.
  [[nodiscard]] Scope with(MeterRule rule) const {
    auto scope = *this;
    scope.meters_ = std::make_shared<const MeterRule>(std::move(rule));
    return scope;
  }
  /// How meters are seen; null: as other devices are.
  [[nodiscard]] const MeterRule* meters() const noexcept { return meters_.get(); }
  /// The tenants, when not everything.
  [[nodiscard]] const std::set<std::string, std::less<>>& tenants() const noexcept { return tenants_; }

 private:
  Scope(bool all, std::set<std::string, std::less<>> tenants) : all_(all), tenants_(std::move(tenants)) {}

  bool all_;
  std::set<std::string, std::less<>> tenants_;
  std::shared_ptr<const MeterRule> meters_ = nullptr;
};

}  // namespace lenne::storage::views
