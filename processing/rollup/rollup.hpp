#pragma once
// From devices' results to those of sites, areas, tenants, districts and the region: pure functions.
// docs/internals/rollups.md has the rules.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lenne/v1/rollup.pb.h"
#include "processing/window_settings.hpp"

namespace lenne::processing::rollup {

/// A share of the window below which a device's own result is not used (2008/50/EC annex XI, as for results).
inline constexpr std::int64_t kValidPercent = 75;
/// A device or site belongs to the total of a window if it had a result that began on the UTC day on which the window
/// begins, or in so many days before that.
inline constexpr std::int64_t kSeenDays = 7;

/// Hours and local days are rolled up, of all that sensors measure, but levels of sound: a mean of decibels over places
/// is none of their noise. Their energies are (sound_energy).
[[nodiscard]] bool is_rolled_up(SeriesClass series, const Window& window) noexcept;

/// A device's share; nothing without a site.
[[nodiscard]] std::optional<v1::RollupMember> member_of(const v1::Aggregate& result);

/// By (tenant, site): how many devices belong to the total.
using Totals = std::map<std::pair<std::string, std::string>, std::uint32_t>;

/// What places are part of, as operators declare it. What is not here is part of no area, no district.
struct Places {
  std::map<std::pair<std::string, std::string>, std::string> areas = {};  ///< of sites, by (tenant, site)
  std::map<std::string, std::string> districts = {};                      ///< of tenants
};

/// All results of a group: sites by (tenant, site), then areas by (tenant, area), tenants, districts by name, and the
/// region. All but revision and emitted_us. `members` in any order, each device once, none null; they share measure,
/// start and window. Members that differ from the first one (by tenant, site, unit, kind, exponent) in unit, kind or
/// exponent are not used. Empty without members.
[[nodiscard]] std::vector<v1::Rollup> fold(const std::string& measure, const std::string& window, std::int64_t start_us,
                                           std::vector<const v1::RollupMember*> members, const Totals& totals,
                                           const Places& places);

/// What takes the place of a result whose devices have all left: the same names and window, made of nothing.
void make_empty(v1::Rollup& result);

}  // namespace lenne::processing::rollup
