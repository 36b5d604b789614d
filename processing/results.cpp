#include <algorithm>

#include "processing/fold.hpp"
#include "processing/rules.hpp"
#include "processing/states.hpp"

// A result as a record says it.

namespace lenne::processing {
namespace {

void write(const GaugeState& state, v1::Aggregate& out) { to_proto(state, *out.mutable_gauge()); }

void write(const aggregates::DurationState& state, v1::Aggregate& out) {
  auto& duration = *out.mutable_duration();
  duration.set_count(state.count);
  duration.set_occupied_us(state.occupied_us);
  duration.set_known_us(state.known_us);
  duration.set_transitions_on(state.transitions_on);
  duration.set_transitions_off(state.transitions_off);
  if (state.first) to_proto(*state.first, *duration.mutable_first());
  if (state.last) to_proto(*state.last, *duration.mutable_last());
}

void write(const aggregates::CounterState& state, v1::Aggregate& out) {
  auto& counter = *out.mutable_counter();
  counter.set_count(state.count);
  to_proto(state.amount, *counter.mutable_amount());
  to_proto(state.estimated, *counter.mutable_estimated());
  counter.set_rollovers(state.rollovers);
  counter.set_resets(state.resets);
  if (state.interpolated != 0) to_proto(state.interpolated, *counter.mutable_interpolated());
  counter.set_interpolated_us(state.interpolated_us);
  counter.set_estimated_us(state.estimated_us);
  if (state.reverse != 0) to_proto(state.reverse, *counter.mutable_reverse());
  counter.set_exchanges(state.exchanges);
  counter.set_quarantined(state.quarantined);
  if (state.first) to_proto(*state.first, *counter.mutable_first());
  if (state.last) to_proto(*state.last, *counter.mutable_last());
}

// Weighted by time, so that all who divide a gauge's sum by its count have the mean of the time.
void write(const aggregates::HeldState& state, v1::Aggregate& out) {
  auto& gauge = *out.mutable_gauge();
  gauge.set_samples(state.samples);
  gauge.set_count(static_cast<std::uint64_t>(state.known_us));
  if (state.known_us == 0) return;
  to_proto(state.integral, *gauge.mutable_sum());
  to_proto(state.lowest, *gauge.mutable_min());
  to_proto(state.highest, *gauge.mutable_max());
}

}  // namespace

bool SeriesResult::same(const SeriesResult& other) const {
  const auto& a = *newest;
  const auto& b = *other.newest;
  return folded == other.folded && left_out == other.left_out && rules == other.rules &&
         *definition == *other.definition && a.tenant == b.tenant && a.site == b.site &&
         a.device_name == b.device_name && a.nominal_interval_s == b.nominal_interval_s;
}

v1::Aggregate aggregate_of(const SeriesResult& result, const WindowSettings& settings) {
  v1::Aggregate aggregate;
  write_aggregate(result, settings, aggregate);
  return aggregate;
}

void write_aggregate(const SeriesResult& result, const WindowSettings& settings, v1::Aggregate& out) {
  const auto& [window, definition, newest, folded, left_out, known_until_us, rules] = result;
  out.set_dev_eui(newest->dev_eui);
  out.set_tenant(newest->tenant);
  out.set_site(newest->site);
  out.set_device_name(newest->device_name);
  out.set_measure(definition->measure);
  out.set_unit(definition->unit);
  out.set_kind(definition->kind);
  out.set_exponent(definition->exponent);
  out.set_start_us(window.start_us);
  out.set_end_us(window.end_us());
  out.set_window(window_name(window));
  if (window.calendar != Calendar::none) out.set_time_zone(settings.days[index_of(window.calendar)]->time_zone());
  out.set_nominal_interval_s(newest->nominal_interval_s);
  out.set_rule_version(kRuleVersion);
  out.set_left_out(left_out);
  out.set_covered_us(folded.covered_us);
  for (const auto& applied : rules.all()) to_proto(applied, *out.add_rules());
  std::visit([&](const auto& state) { write(state, out); }, folded.state);
}

}  // namespace lenne::processing
