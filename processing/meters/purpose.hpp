#pragma once
// What a water meter's connection is for: by that the rules of findings differ.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "processing/meters/slice.hpp"

namespace lenne::processing::meters {

/// 0: the rule says nothing of such a connection.
struct FindingRules {
  std::int64_t standstill_us = kHourUs;  ///< a leak: not so long on end at rest within 24 h
  std::int64_t burst_us = kHourUs / 2;   ///< a burst: above the limit for so long on end
  std::int64_t dry_us = 7 * kDayUs;      ///< dry: nothing ran for so long; at most seven days
  int unusual_hours = 3;                 ///< unusual flow: more than usual for so many hours on end
};

struct Purpose {
  std::string_view name;
  FindingRules rules;
};

/// Version 1, own rules. The first one is that of a connection of which nothing is said; its hour, half an hour and
/// seven days are usual for alarms of German utilities' meters.
inline constexpr std::array<Purpose, 6> kPurposes{{
    {"household", {}},
    // May run around the clock.
    {"industry", {.standstill_us = 0}},
    // Sprinklers run for hours on end in summer; in winter nothing does. They follow the weather, not the week.
    {"irrigation", {.burst_us = 6 * kHourUs, .dry_us = 0, .unusual_hours = 0}},
    // Stands still nearly always, for months: whoever draws water there for long is worth a look.
    {"hydrant", {.standstill_us = 12 * kHourUs, .dry_us = 0, .unusual_hours = 0}},
    // Lent for building sites and fairs: what runs is what is wanted, and in between it lies in a store.
    {"standpipe", {.burst_us = 0, .dry_us = 0, .unusual_hours = 0}},
    // Counts what runs into a zone and is no customer's: with many behind it something always runs.
    {"zone_inflow", {.standstill_us = 0}},
}};

/// "household, industry, …".
[[nodiscard]] inline std::string purpose_names() {
  std::string names;
  for (const auto& purpose : kPurposes) names.append(names.empty() ? "" : ", ").append(purpose.name);
  return names;
}

/// That of the name; nothing for another one. An empty name is that of the first.
[[nodiscard]] constexpr const Purpose* purpose_named(std::string_view name) noexcept {
  if (name.empty()) return kPurposes.data();
  const auto* found = std::ranges::find(kPurposes, name, &Purpose::name);
  return found == kPurposes.end() ? nullptr : found;
}

}  // namespace lenne::processing::meters
