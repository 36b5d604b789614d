#include "processing/pane_rows.hpp"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/fixed_point.hpp"
#include "base/hash.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/states.hpp"

namespace lenne::processing {
namespace {

/// Devices of one kind have the same; meters may each have a register of their own.
constexpr std::size_t kMostDefinitions = 4096;
/// Enough for an ordinary pane: no block is asked for beside it.
constexpr std::size_t kArenaBytes = 16384;

[[nodiscard]] bool is_sound(const GaugeState& gauge) {
  const auto most = static_cast<base::Int128>(gauge.count) * base::kMaxSteps;
  if (!std::ranges::is_sorted(gauge.buckets, std::ranges::less_equal{}, &Bucket::bucket)) return false;
  return gauge.count <= std::uint64_t{kMaxSources} * kMaxSamplesPerRecord && gauge.sum <= most && gauge.sum >= -most &&
         gauge.buckets.size() <= gauge.count;
}

[[nodiscard]] bool is_sound(const SeriesPane& series, const Window& window, std::uint32_t nominal_interval_s) {
  if (series.sequence.size() > kMaxSequence) return false;
  if (series.limits.most_per_hour < 0 || series.limits.backflow < 0) return false;
  auto earliest = window.start_us;
  for (const auto& entry : series.sequence) {
    if (entry.time_us < earliest || entry.time_us >= window.end_us()) return false;
    earliest = entry.time_us;
  }
  // A slot more than fit, because the pane may begin inside one; then whole bytes.
  const auto slots = nominal_interval_s == 0 ? 0 : window.length_s / nominal_interval_s + 2;
  return series.slots.size() <= slots / 8 + 1 && is_sound(series.gauge);
}

/// The rules of a pane's series, which name them by their places among those of the pane.
class RulesOfPane {
 public:
  explicit RulesOfPane(const google::protobuf::RepeatedPtrField<v1::AppliedRules>& all) : all_(all) {}

  /// Series mostly have those of the series before them. False: one is not there, or they are too many, or out of
  /// order.
  [[nodiscard]] bool read(const google::protobuf::RepeatedField<std::uint32_t>& places, RuleSet& rules) {
    if (places.empty()) return true;
    if (std::ranges::equal(places, last_places_)) {
      rules = last_;
      return true;
    }
    if (places.size() > static_cast<int>(RuleSet::kMost)) return false;
    std::vector<AppliedRules> found;
    for (const auto place : places) {
      if (place >= static_cast<std::uint32_t>(all_.size())) return false;
      found.push_back(from_proto(all_.Get(static_cast<int>(place))));
    }
    if (!std::ranges::is_sorted(found, std::ranges::less_equal{})) return false;
    last_places_.assign(places.begin(), places.end());
    rules = last_ = RuleSet(std::move(found));
    return true;
  }

 private:
  const google::protobuf::RepeatedPtrField<v1::AppliedRules>& all_;
  std::vector<std::uint32_t> last_places_;
  RuleSet last_;
};

void write_rules(const Pane& pane, v1::DevicePane& row) {
  std::vector<AppliedRules> all;
  const RuleSet* last = nullptr;
  for (const auto& series : pane.series) {
    if (last != nullptr && series.rules == *last) continue;
    last = &series.rules;
    for (const auto& rules : series.rules.all()) {
      const auto place = std::ranges::lower_bound(all, rules);
      if (place == all.end() || *place != rules) all.insert(place, rules);
    }
  }
  for (const auto& rules : all) to_proto(rules, *row.add_rules());
  for (std::size_t i = 0; i < pane.series.size(); ++i) {
    auto& series = *row.mutable_series(static_cast<int>(i));
    for (const auto& rules : pane.series[i].rules.all())
      series.add_rules(static_cast<std::uint32_t>(std::ranges::lower_bound(all, rules) - all.begin()));
  }
}

SeriesPane series_from(const v1::SeriesPane& row, Definitions& definitions) {
  SeriesPane series;
  series.definition = definitions.of(row.measure(), row.unit(), row.kind(), row.exponent(), row.rollover_at());
  series.gauge = from_proto(row.gauge());
  series.sequence.reserve(static_cast<std::size_t>(row.sequence_size()));
  for (const auto& entry : row.sequence()) series.sequence.push_back(from_proto(entry));
  series.slots = row.slots();
  series.left_out = row.left_out();
  series.sequence_overflow = row.sequence_overflow();
  series.limits = {row.most_per_hour(), row.backflow()};
  return series;
}

void write(const SeriesPane& series, v1::SeriesPane& row) {
  const auto& definition = *series.definition;
  row.set_measure(definition.measure);
  row.set_unit(definition.unit);
  row.set_kind(definition.kind);
  row.set_exponent(definition.exponent);
  row.set_rollover_at(definition.rollover_at);
  if (series.gauge.count > 0) to_proto(series.gauge, *row.mutable_gauge());
  for (const auto& entry : series.sequence) to_proto(entry, *row.add_sequence());
  row.set_slots(series.slots);
  row.set_left_out(series.left_out);
  row.set_sequence_overflow(series.sequence_overflow);
  row.set_most_per_hour(series.limits.most_per_hour);
  row.set_backflow(series.limits.backflow);
}

}  // namespace

std::size_t Definitions::Hash::hash(const Key& key) noexcept {
  const std::hash<std::string_view> text;
  const auto numbers = (static_cast<std::uint64_t>(key.kind) << 32) ^ static_cast<std::uint32_t>(key.exponent) ^
                       base::mix64(key.rollover_at);
  return text(key.measure) ^ base::mix64(text(key.unit) + numbers);
}

DefinitionPtr Definitions::of(std::string_view measure, std::string_view unit, v1::Kind kind, std::int32_t exponent,
                              std::uint64_t rollover_at) {
  if (const auto found = all_.find(Key{measure, unit, kind, exponent, rollover_at}); found != all_.end()) return *found;
  if (all_.size() >= kMostDefinitions) all_.clear();
  return *all_.insert(std::make_shared<const Definition>(Definition{std::string(measure), std::string(unit), kind,
                                                                    exponent, rollover_at, series_class_of(measure),
                                                                    has_percentiles(measure)}))
              .first;
}

std::optional<Pane> parse_pane(std::string_view value, const Window& window, std::uint64_t dev_eui,
                               Definitions& definitions) {
  std::array<char, kArenaBytes> block;
  google::protobuf::Arena arena(block.data(), block.size());
  auto& row = *google::protobuf::Arena::CreateMessage<v1::DevicePane>(&arena);
  if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) return std::nullopt;
  if (row.dev_eui() != dev_eui || row.start_us() != window.start_us || row.length_s() != window.length_s)
    return std::nullopt;
  if (row.series_size() > kMaxSeries || row.sources_size() > kMaxSources) return std::nullopt;
  std::optional<Pane> pane(std::in_place);
  pane->window = window;
  pane->dev_eui = dev_eui;
  pane->tenant = row.tenant();
  pane->site = row.site();
  pane->device_name = row.device_name();
  pane->nominal_interval_s = row.nominal_interval_s();
  RulesOfPane rules(row.rules());
  for (const auto& series : row.series()) {
    pane->series.push_back(series_from(series, definitions));
    if (!is_sound(pane->series.back(), window, pane->nominal_interval_s)) return std::nullopt;
    if (!rules.read(series.rules(), pane->series.back().rules)) return std::nullopt;
  }
  if (!std::ranges::is_sorted(pane->series, std::ranges::less_equal{}, Pane::measure_of)) return std::nullopt;
  for (const auto& source : row.sources())
    pane->sources.push_back({source.time_us(), source.session(), source.f_cnt()});
  return pane;
}

void write_pane(const Pane& pane, std::string& value) {
  std::array<char, kArenaBytes> block;
  google::protobuf::Arena arena(block.data(), block.size());
  auto& row = *google::protobuf::Arena::CreateMessage<v1::DevicePane>(&arena);
  row.set_dev_eui(pane.dev_eui);
  row.set_tenant(pane.tenant);
  row.set_site(pane.site);
  row.set_start_us(pane.window.start_us);
  row.set_length_s(pane.window.length_s);
  row.set_nominal_interval_s(pane.nominal_interval_s);
  row.set_device_name(pane.device_name);
  for (const auto& series : pane.series) write(series, *row.add_series());
  write_rules(pane, row);
  for (const auto& source : pane.sources) {
    auto& to = *row.add_sources();
    to.set_time_us(source.time_us);
    to.set_session(source.session);
    to.set_f_cnt(source.f_cnt);
  }
  row.SerializeToString(&value);
}

}  // namespace lenne::processing
