#include "app/simulate/script.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

#include "app/simulate/scenario.hpp"
#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"

namespace lenne::app::simulate {
namespace {

using namespace std::chrono_literals;

constexpr int kCatchUp = 500;

/// What the devices measure that an effect changes; none: it is of gateways.
struct EffectRow {
  Effect effect;
  std::vector<Signal> signals;
};

const std::map<std::string, EffectRow, std::less<>>& effects() {
  static const std::map<std::string, EffectRow, std::less<>> rows{
      {"warmth", {Effect::warmth, {Signal::outdoor_climate, Signal::weather}}},
      {"rain", {Effect::rain, {Signal::weather}}},
      {"level", {Effect::level, {Signal::water_level}}},
      {"pm10", {Effect::pm10, {Signal::particles}}},
      {"visitors", {Effect::visitors, {Signal::visitors}}},
      {"leak", {Effect::leak, {Signal::water_meter}}},
      {"register_begins", {Effect::register_begins, {Signal::water_meter}}},
      {"register_ends", {Effect::register_ends, {Signal::water_meter}}},
      {"clock", {Effect::clock, {Signal::water_meter}}},
      {"gateway_silent", {Effect::gateway_silent, {}}},
      {"gateway_cut_off", {Effect::gateway_cut_off, {}}}};
  return rows;
}

base::Timestamp time_of(const std::string& text) {
  const auto time = base::parse_rfc3339(text);
  if (!time) throw std::logic_error("events2026.csv: '" + text + "': " + time.error());
  return *time;
}

/// Part of the program, as the device mix is: a bad row is a mistake of ours and ends it.
std::vector<ScriptedEvent> read_script() {
  std::vector<ScriptedEvent> events;
  std::istringstream in(kEvents);
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    std::istringstream row(line);
    std::array<std::string, 10> cells;
    for (auto& cell : cells) std::getline(row, cell, ',');
    events.push_back({cells[0], effects().at(cells[1]).effect, cells[1], cells[2], std::stoull(cells[3]),
                      std::stoull(cells[4]), time_of(cells[5]), time_of(cells[6]), time_of(cells[7]), time_of(cells[8]),
                      std::stod(cells[9])});
  }
  return events;
}

/// A number of an event and a device: the same in every simulation of the region.
base::Random dice(const ScriptedEvent& event, const DevicePlan& device) {
  return base::Random(base::hash64(base::as_bytes(event.name))).fork(device.dev_eui.value);
}

bool is_of(const ScriptedEvent& event, const Region& region, const VirtualGatewayPlan& gateway) {
  return (event.town.empty() || event.town == region.towns[gateway.town].name) &&
         (event.first == 0 || gateway.number <= event.first);
}

double share_of(base::Timestamp at, base::Timestamp begin, base::Timestamp end) {
  if (at >= end) return 1;
  return static_cast<double>((at - begin).count()) / static_cast<double>((end - begin).count());
}

/// Thousandths of a millimetre that an event has brought until `at`, rounded down.
std::int64_t fallen(const ScriptedEvent& event, base::Timestamp at) {
  const auto lasted = std::clamp(at, event.from, event.until) - event.from;
  return std::llround(event.amount * 1'000) * lasted.count() / 3'600'000'000;
}

}  // namespace

std::span<const ScriptedEvent> script() {
  static const auto events = read_script();
  return events;
}

std::vector<const ScriptedEvent*> events_of(const Region& region, const DevicePlan& device) {
  const auto signal = device_classes()[device.device_class].signal;
  std::vector<const ScriptedEvent*> found;
  for (const auto& event : script()) {
    if (!event.town.empty() && event.town != region.towns[device.town].name) continue;
    if (event.first != 0 && device.number > event.first) continue;
    const auto& signals = effects().at(event.effect_name).signals;
    if (std::ranges::find(signals, signal) == signals.end()) continue;
    if (dice(event, device).below(event.one_in) == 0) found.push_back(&event);
  }
  return found;
}

bool is_silent(const Region& region, const VirtualGatewayPlan& gateway, base::Timestamp at) {
  return std::ranges::any_of(script(), [&](const ScriptedEvent& event) {
    return event.effect == Effect::gateway_silent && is_of(event, region, gateway) && at >= event.from &&
           at < event.until;
  });
}

base::Timestamp arrival_of(const Region& region, const VirtualGatewayPlan& gateway, base::Timestamp at) {
  for (const auto& event : script()) {
    if (event.effect != Effect::gateway_cut_off || at < event.from || !is_of(event, region, gateway)) continue;
    // Five hundred times as fast as it was heard, until it has caught up.
    at = std::max(at, event.until + (at - event.from) / kCatchUp);
  }
  return at;
}

double amount_at(std::span<const ScriptedEvent* const> events, Effect effect, base::Timestamp at) {
  double amount = 0;
  for (const auto* event : events) {
    if (event->effect != effect || at < event->from || at >= event->until) continue;
    const double grown = share_of(at, event->from, event->full_from);
    const double gone = at < event->full_until ? 0 : share_of(at, event->full_until, event->until);
    amount += event->amount * std::min(grown, 1 - gone);
  }
  return amount;
}

std::int64_t rain_between(std::span<const ScriptedEvent* const> events, base::Timestamp from, base::Timestamp to) {
  std::int64_t rain = 0;
  for (const auto* event : events) {
    if (event->effect == Effect::rain) rain += fallen(*event, to) - fallen(*event, from);
  }
  return rain;
}

base::Timestamp moment_of(const ScriptedEvent& event, const DevicePlan& device) {
  const auto hours = static_cast<std::uint64_t>((event.until - event.from) / 1h);
  auto random = dice(event, device);
  random.next();  // this one chose the device
  return event.from + 1h * static_cast<std::int64_t>(random.below(hours));
}

}  // namespace lenne::app::simulate
