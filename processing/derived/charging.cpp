#include "processing/derived/charging.hpp"

#include <map>

#include "base/int128.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {
namespace {

bool is_idle(std::int64_t energy_micro, std::int64_t length_us) {
  // kWh of 10^-6 against W times µs: 1 kWh = 1000 W for an hour.
  return base::Int128{energy_micro} * kHourUs * 1000 < base::Int128{kIdleBelowWatt} * length_us * kMicro;
}

}  // namespace

Charging charging_of(std::span<const v1::Aggregate> places, std::span<const v1::Aggregate> energy, std::int64_t from_us,
                     std::int64_t to_us) {
  Charging charging{.length_us = to_us - from_us};
  std::map<std::int64_t, std::int64_t> measured;  // by start
  for (const auto& row : energy) {
    if (row.start_us() < from_us || row.start_us() >= to_us) continue;
    const auto amount = sum_micro(row);
    if (!amount) continue;
    charging.energy_micro += *amount;
    if (covered(row, kSumCoverage) == true) measured[row.start_us()] = *amount;
  }
  for (const auto& row : places) {
    if (row.start_us() < from_us || row.start_us() >= to_us) continue;
    const auto& state = row.duration();
    charging.sessions += state.transitions_on();
    charging.occupied_us += state.occupied_us();
    charging.known_us += state.known_us();
    const auto found = measured.find(row.start_us());
    if (found == measured.end()) continue;
    charging.judged_us += state.occupied_us();
    if (is_idle(found->second, row.end_us() - row.start_us())) charging.idle_us += state.occupied_us();
  }
  return charging;
}

}  // namespace lenne::processing::derived
