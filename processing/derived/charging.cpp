#include "processing/derived/charging.hpp"

#include <algorithm>
#include <map>

#include "base/int128.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {
namespace {

bool is_idle(std::int64_t energy_micro, std::int64_t length_us) {
  // kWh of 10^-6 against W times µs: 1 kWh = 1000 W for an hour.
  return base::Int128{energy_micro} * kHourUs * 1000 < base::Int128{kIdleBelowWatt} * length_us * kMicro;
}

/// Of the windows that the stay touches.
std::optional<std::int64_t> session_energy(const Stay& stay, std::span<const v1::Aggregate> places,
                                           std::span<const v1::Aggregate> energy) {
  const auto start_us = stay.end_us - stay.length_us;
  std::int64_t occupied_us = 0;
  std::int64_t sum = 0;
  // Windows begin before what they contain: the first may have begun up to its own length before the stay.
  const auto first = std::ranges::partition_point(places, [&](const auto& row) { return row.end_us() <= start_us; });
  for (const auto& place : std::span(first, places.end())) {
    if (place.start_us() >= stay.end_us) break;
    occupied_us += place.duration().occupied_us();
    const auto* row = row_at(energy, place.start_us());
    const auto amount = row == nullptr ? std::nullopt : sum_micro(*row);
    if (!amount || covered(*row, kSumCoverage) != true) return std::nullopt;
    sum += *amount;
  }
  return occupied_us == stay.length_us ? std::optional(sum) : std::nullopt;
}

}  // namespace

std::vector<ChargeSession> charge_sessions(std::span<const Stay> ended, std::span<const v1::Aggregate> places,
                                           std::span<const v1::Aggregate> energy) {
  std::vector<ChargeSession> sessions;
  sessions.reserve(ended.size());
  for (const auto& stay : ended)
    sessions.push_back({stay.end_us - stay.length_us, stay.end_us, session_energy(stay, places, energy)});
  return sessions;
}

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
