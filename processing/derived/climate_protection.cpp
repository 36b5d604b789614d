#include "processing/derived/climate_protection.hpp"

#include <algorithm>
#include <array>

#include "base/int128.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::string_view kBafa = "BAFA, CO2 factors of energy carriers";
constexpr std::string_view kStrommix = "Umweltbundesamt, CO2 of the German electricity mix of 2024 (estimate)";
constexpr std::string_view kDegreeDays = "heating_degree_days_20_15";

constexpr std::array kFactors = std::to_array<EmissionFactor>({
    {"district_heat", 0, 280'000, 1, kBafa},
    {"electricity", 2024, 363'000, 1, kStrommix},
    {"gas", 0, 201'000, 1, kBafa},
    {"heating_oil", 0, 266'000, 1, kBafa},
});

std::optional<std::int64_t> degree_days_of(const v1::Aggregate& day) {
  for (const auto& indicator : indicators_of(day)) {
    if (indicator.spec->name == kDegreeDays) return indicator.micro;
  }
  return std::nullopt;
}

}  // namespace

std::span<const EmissionFactor> emission_factors() noexcept { return kFactors; }

const EmissionFactor* emission_factor(std::string_view carrier, std::chrono::year year) noexcept {
  const EmissionFactor* found = nullptr;
  for (const auto& factor : kFactors) {
    if (factor.carrier == carrier && factor.from_year <= static_cast<int>(year)) found = &factor;
  }
  return found;
}

bool is_carrier(std::string_view carrier) noexcept {
  return std::ranges::find(kFactors, carrier, &EmissionFactor::carrier) != kFactors.end();
}

HeatUse heat_use(std::span<const v1::Aggregate> energy, std::span<const v1::Aggregate> temperature,
                 std::span<const LocalDay> days, std::string_view carrier) {
  HeatUse use{.possible_days = static_cast<int>(days.size()), .valid = {}};
  bool known = true;
  for (const auto& day : days) {
    const auto* used = row_at(energy, day.start_us);
    const auto* weather = row_at(temperature, day.start_us);
    if (used == nullptr || weather == nullptr) continue;
    const auto amount = sum_micro(*used);
    const auto cold = degree_days_of(*weather);
    const auto used_valid = covered(*used, kDayCoverage);
    const auto weather_valid = covered(*weather, kDayCoverage);
    if (!amount || !cold || used_valid == false || weather_valid == false) continue;
    known = known && used_valid && weather_valid;
    ++use.days;
    use.energy_micro += *amount;
    use.degree_days_micro += *cold;
    const auto* factor = emission_factor(carrier, std::chrono::year_month_day{day.date}.year());
    if (factor == nullptr) {
      use.co2_micro.reset();
    } else if (use.co2_micro) {
      *use.co2_micro += static_cast<std::int64_t>(base::divide_rounded(base::Int128{*amount} * factor->micro, kMicro));
    }
  }
  if (use.days < use.possible_days || use.days == 0) {
    use.valid = false;
  } else if (known) {
    use.valid = true;
  }
  return use;
}

std::optional<std::int64_t> signature_micro(const HeatUse& use) {
  if (use.degree_days_micro <= 0) return std::nullopt;
  return static_cast<std::int64_t>(
      base::divide_rounded(base::Int128{use.energy_micro} * kMicro, use.degree_days_micro));
}

std::optional<std::int64_t> saving_micro(const HeatUse& before, const HeatUse& now) {
  const auto was = signature_micro(before);
  const auto is = signature_micro(now);
  if (!was || !is || *was <= 0) return std::nullopt;
  return kMicro - static_cast<std::int64_t>(base::divide_rounded(base::Int128{*is} * kMicro, *was));
}

}  // namespace lenne::processing::derived
