#pragma once
// What happens in the region in 2026 beside its everyday life: the rows of events2026.csv. Pure: the same region, the
// same events, whenever a simulation begins.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/simulate/region.hpp"
#include "base/time.hpp"

namespace lenne::app::simulate {

/// What an event changes, and in which unit its amount is.
enum class Effect : std::uint8_t {
  warmth,           ///< outdoors, K
  rain,             ///< mm per hour
  level,            ///< of streams, m: instead of their everyday waves
  pm10,             ///< ug/m3
  visitors,         ///< what is counted is (1 + amount) times as many
  leak,             ///< l per hour through a water meter, day and night
  register_begins,  ///< once, at a full hour inside the event, a register shows so many litres: reset or exchanged
  register_ends,    ///< a register begins fewer litres than this before it is full
  clock,            ///< hours that a meter's clock is ahead, or behind
  gateway_silent,   ///< a gateway is off: it hears nothing and says nothing
  gateway_cut_off,  ///< what a gateway hears reaches the server after the event, in its order
};

/// One row. It grows from `from` to its full amount at `full_from`, and ends between `full_until` and `until`.
struct ScriptedEvent {
  std::string name;
  Effect effect;
  std::string effect_name;
  std::string town;      ///< empty: all
  std::uint64_t first;   ///< only the first so many of each class (or gateways) of a town; 0: all
  std::uint64_t one_in;  ///< only one of so many devices
  base::Timestamp from;
  base::Timestamp full_from;
  base::Timestamp full_until;
  base::Timestamp until;
  double amount;
};

[[nodiscard]] std::span<const ScriptedEvent> script();

/// The events that a device lives through: of its town, of what it measures, and if it is among those chosen.
[[nodiscard]] std::vector<const ScriptedEvent*> events_of(const Region& region, const DevicePlan& device);
[[nodiscard]] bool is_silent(const Region& region, const VirtualGatewayPlan& gateway, base::Timestamp at);
/// When a datagram arrives that would at `at` if its gateway were not cut off: what was kept leaves within a few
/// minutes after the event, and nothing overtakes it.
[[nodiscard]] base::Timestamp arrival_of(const Region& region, const VirtualGatewayPlan& gateway, base::Timestamp at);

/// The sum of what the events of one effect amount to at a moment.
[[nodiscard]] double amount_at(std::span<const ScriptedEvent* const> events, Effect effect, base::Timestamp at);
/// The rain of [from, to) in thousandths of a millimetre. Whole numbers of neighbouring spans add up to that of both.
[[nodiscard]] std::int64_t rain_between(std::span<const ScriptedEvent* const> events, base::Timestamp from,
                                        base::Timestamp to);
/// The full hour at which an event that happens once happens to a device.
[[nodiscard]] base::Timestamp moment_of(const ScriptedEvent& event, const DevicePlan& device);

}  // namespace lenne::app::simulate
