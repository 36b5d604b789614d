#include "processing/meters/substations.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "processing/meters/heat.hpp"

namespace lenne::processing::meters {
namespace {

using base::Int128;

constexpr std::array<std::string_view, 3> kCoolings{"return_temperature", "temperature_difference", "specific_volume"};
constexpr std::array<std::string_view, 4> kReasons{"no_volume", "too_few_days", "nothing_ran", "no_return_temperature"};
constexpr int kLeastPercent = 75;

bool is_enough(Int128 part, Int128 whole) { return part * 100 >= whole * kLeastPercent; }

std::optional<LeftOut> reason_of(const Substation& each, Cooling by, unsigned possible_days) {
  if (!each.has_volume) return LeftOut::no_volume;
  if (each.days == 0 || !is_enough(each.days, possible_days)) return LeftOut::too_few_days;
  if (each.energy_wh <= 0 || each.volume_ml <= 0) return LeftOut::nothing_ran;
  if (by == Cooling::return_temperature && (!each.return_ukel || !is_enough(each.return_volume_ml, each.volume_ml)))
    return LeftOut::no_return_temperature;
  return std::nullopt;
}

/// The larger the worse.
Int128 badness_of(const Substation& each, Cooling by) {
  switch (by) {
    case Cooling::return_temperature:
      return *each.return_ukel;
    case Cooling::temperature_difference:
      return -*temperature_difference(each.energy_wh, each.volume_ml);
    case Cooling::specific_volume:
      break;
  }
  return *specific_volume(each.energy_wh, each.volume_ml);
}

}  // namespace

std::optional<Cooling> cooling_named(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kCoolings, name);
  return found == kCoolings.end() ? std::nullopt : std::optional(static_cast<Cooling>(found - kCoolings.begin()));
}

std::string_view name_of(LeftOut why) noexcept { return kReasons[static_cast<std::size_t>(why)]; }

Ranking rank_substations(std::span<const Substation> all, Cooling by, unsigned possible_days) {
  Ranking ranking;
  std::vector<std::pair<Int128, std::size_t>> places;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const auto why = reason_of(all[i], by, possible_days))
      ranking.left_out.push_back({i, *why});
    else
      places.emplace_back(badness_of(all[i], by), i);
  }
  std::ranges::stable_sort(places, std::ranges::greater{}, &std::pair<Int128, std::size_t>::first);
  for (const auto& [badness, place] : places) ranking.worst_first.push_back(place);
  return ranking;
}

}  // namespace lenne::processing::meters
