#include "processing/alerts/device_alerts.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "processing/alerts/statistic.hpp"
#include "processing/alerts/trend.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::alerts {
namespace {

using base::Int128;

constexpr std::int64_t kHourS = 3600;
/// A forecast beyond a day says nothing.
constexpr std::int64_t kFarthestForecastS = 24 * kHourS;

Track track_from(const v1::AlertTrack& stored) {
  return {stored.state() == v1::ALERT_STATE_UNSPECIFIED ? v1::ALERT_STATE_OK : stored.state(), stored.in_a_row(),
          stored.good_since_us(), stored.judged_us()};
}

void store(const Track& track, v1::AlertTrack& into) {
  into.set_state(track.state);
  into.set_in_a_row(track.in_a_row);
  into.set_good_since_us(track.good_since_us);
  into.set_judged_us(track.judged_us);
}

bool is_telling(v1::AlertState state) { return is_open(state) || state == v1::ALERT_STATE_PENDING; }

bool above(const v1::Alert& alert) { return alert.comparison() != v1::COMPARISON_BELOW; }

void set_decimal(const Decimal& from, v1::Decimal& to) {
  to.set_value(static_cast<std::int64_t>(from.steps));
  to.set_exponent(from.exponent);
}

void observe_in(v1::Alert& alert, const v1::Observation& observation, bool begins) {
  if (begins) {
    *alert.mutable_first() = observation;
    *alert.mutable_extreme() = observation;
    alert.set_observations(0);
    alert.clear_firing_since_us();
    alert.clear_actor();
    alert.clear_note();
  }
  *alert.mutable_last() = observation;
  alert.set_observations(alert.observations() + 1);
  const auto farthest = alert.extreme().value();
  if (above(alert) ? observation.value() > farthest : observation.value() < farthest)
    *alert.mutable_extreme() = observation;
}

/// The newest hour, by time; of one time the first to come.
void remember(v1::AlertSeries& series, const v1::Sample& sample) {
  auto& recent = *series.mutable_recent();
  int at = recent.size();
  while (at > 0 && recent.Get(at - 1).time_us() > sample.time_us()) --at;
  if (at > 0 && recent.Get(at - 1).time_us() == sample.time_us()) return;
  auto& added = *recent.Add();
  added.set_time_us(sample.time_us());
  added.set_value(sample.value());
  for (int i = recent.size() - 1; i > at; --i) recent.SwapElements(i, i - 1);
  const auto from = recent.rbegin()->time_us() - kTrendLongUs;
  int old = 0;
  while (recent.Get(old).time_us() < from) ++old;
  old = std::max(old, recent.size() - static_cast<int>(kTrendSamples));
  recent.DeleteSubrange(0, old);
}

v1::Trend trend_of(const v1::AlertSeries& series) {
  std::vector<TimedValue> samples;
  samples.reserve(static_cast<std::size_t>(series.recent_size()));
  for (const auto& sample : series.recent()) samples.push_back({sample.time_us(), sample.value()});
  v1::Trend trend;
  if (const auto slope = slope_per_hour(samples, kTrendShortUs)) trend.set_over_15min(*slope);
  if (const auto slope = slope_per_hour(samples, kTrendLongUs)) trend.set_over_60min(*slope);
  return trend;
}

/// The rate that is judged: that of the shorter stretch, if it has enough samples.
std::optional<std::int64_t> rate_of(const v1::Trend& trend) {
  if (trend.has_over_15min()) return trend.over_15min();
  return trend.has_over_60min() ? std::optional<std::int64_t>(trend.over_60min()) : std::nullopt;
}

/// Whether a sample can be judged at all; what windows refuse is in measurement-late.
bool is_usable(const v1::Sample& sample, std::int64_t received_us) {
  return sample.time_us() >= 0 && sample.time_us() <= received_us + kFutureUs && base::is_exponent(sample.exponent());
}

bool is_flagged(const v1::Sample& sample) {
  return sample.flags() != 0 || sample.value() > base::kMaxSteps || sample.value() < -base::kMaxSteps;
}

template <typename Rows>
void erase_if(Rows& rows, const auto& goes) {
  rows.erase(std::remove_if(rows.begin(), rows.end(), goes), rows.end());
}

template <typename Rows, typename Name>
auto* find_or_add(Rows& rows, std::string_view key, const Name& name_of, bool& added) {
  int at = 0;
  while (at < rows.size() && name_of(rows.Get(at)) < key) ++at;
  added = at == rows.size() || name_of(rows.Get(at)) != key;
  if (!added) return rows.Mutable(at);
  rows.Add();
  for (int i = rows.size() - 1; i > at; --i) rows.SwapElements(i, i - 1);
  return rows.Mutable(at);
}

}  // namespace

v1::AlertTrack& DeviceAlerts::track_of(std::string_view rule) {
  bool added = false;
  auto* track =
      find_or_add(*row_.mutable_tracks(), rule, [](const auto& t) -> std::string_view { return t.rule(); }, added);
  if (added) {
    track->set_rule(std::string(rule));
    track->set_state(v1::ALERT_STATE_OK);
  }
  return *track;
}

const v1::AlertTrack* DeviceAlerts::find_track(std::string_view rule) const {
  const auto found = std::ranges::find(row_.tracks(), rule, [](const auto& t) -> std::string_view { return t.rule(); });
  return found == row_.tracks().end() ? nullptr : &*found;
}

v1::AlertSeries& DeviceAlerts::series_of(std::string_view measure) {
  bool added = false;
  auto* series = find_or_add(
      *row_.mutable_series(), measure, [](const auto& s) -> std::string_view { return s.measure(); }, added);
  if (added) series->set_measure(std::string(measure));
  return *series;
}

void DeviceAlerts::tell(v1::AlertTrack& track, const Rule* rule, v1::AlertState state, v1::AlertReason reason,
                        std::int64_t since_us) {
  auto& alert = *track.mutable_alert();
  track.set_state(state);
  alert.set_dev_eui(row_.dev_eui());
  alert.set_tenant(row_.tenant());
  alert.set_site(row_.site());
  alert.set_device_name(row_.device_name());
  alert.set_use_case(row_.use_case());
  alert.set_rule(track.rule());
  alert.set_state(state);
  alert.set_reason(reason);
  alert.set_revision(alert.revision() + 1);
  alert.set_since_us(since_us);
  alert.set_changed_us(moment_.now_us);
  alert.set_rule_version(kAlertRuleVersion);
  if (rule != nullptr) {
    alert.set_severity(rule->source.severity());
    *alert.mutable_text() = rule->source.text();
  }
  told_.push_back(alert);
}

void DeviceAlerts::end(v1::AlertTrack& track, v1::AlertReason reason) {
  if (!is_telling(track.state())) return;
  const auto ended = is_open(track.state()) ? v1::ALERT_STATE_RESOLVED : v1::ALERT_STATE_OK;
  track.set_in_a_row(0);
  track.set_good_since_us(0);
  tell(track, nullptr, ended, reason, moment_.now_us);
}

void DeviceAlerts::end_all(v1::AlertReason reason) {
  for (auto& track : *row_.mutable_tracks()) end(track, reason);
}

void DeviceAlerts::judge_anew(const Rule& rule, v1::AlertTrack& track) {
  track.set_rule_hash(rule.hash);
  if (track.state() == v1::ALERT_STATE_PENDING) return end(track, v1::ALERT_REASON_RULE_CHANGED);
  if (!is_open(track.state())) return;
  auto& alert = *track.mutable_alert();
  const auto threshold = rule.threshold_for(row_.parameters());
  const auto& source = rule.source;
  const bool same_values = alert.measure() == source.measure() && alert.window() == source.window() &&
                           alert.statistic() == source.statistic();
  if (!threshold || !same_values || side_of(*threshold, {alert.last().value(), alert.exponent()}) == Side::good)
    return end(track, v1::ALERT_REASON_RULE_CHANGED);
  alert.set_comparison(source.comparison());
  set_decimal(threshold->at, *alert.mutable_threshold());
  set_decimal(threshold->hysteresis, *alert.mutable_hysteresis());
  track.set_good_since_us(0);
  tell(track, &rule, track.state(), v1::ALERT_REASON_RULE_CHANGED, moment_.now_us);
}

void DeviceAlerts::follow(const Definition& definition) {
  if (row_.use_case_hash() == definition.hash) return;
  row_.set_use_case_hash(definition.hash);
  for (auto& track : *row_.mutable_tracks()) {
    if (track.rule() == kStaleRule) {
      if (track.has_alert()) track.mutable_alert()->set_use_case_version(definition.source.version());
      continue;
    }
    const auto* rule = definition.find(track.rule());
    if (rule == nullptr) {
      end(track, v1::ALERT_REASON_RULE_REMOVED);
      continue;
    }
    if (track.has_alert()) track.mutable_alert()->set_use_case_version(definition.source.version());
    if (track.rule_hash() != rule->hash) judge_anew(*rule, track);
  }
  erase_if(*row_.mutable_tracks(), [&](const v1::AlertTrack& track) {
    return track.rule() != kStaleRule && definition.find(track.rule()) == nullptr;
  });
  erase_if(*row_.mutable_series(),
           [&](const v1::AlertSeries& series) { return definition.series_of(series.measure()) != series.measure(); });
  for (auto& series : *row_.mutable_series()) {
    if (!definition.has_rate(series.measure())) series.clear_recent();
  }
  end_silence(definition,
              definition.source.stale_after() == 0 ? v1::ALERT_REASON_RULE_REMOVED : v1::ALERT_REASON_RULE_CHANGED);
}

void DeviceAlerts::take(const Definition& definition, const v1::Measurement& measurement) {
  std::vector<const v1::Sample*> samples;
  samples.reserve(static_cast<std::size_t>(measurement.samples_size()));
  for (const auto& sample : measurement.samples()) samples.push_back(&sample);
  std::ranges::sort(samples, {}, [](const v1::Sample* s) { return std::tuple(s->time_us(), s->index()); });
  for (const auto* sample : samples) {
    if (!is_usable(*sample, measurement.received_us())) continue;
    if (!definition.series_of(sample->measure())) continue;
    if (is_flagged(*sample)) {
      counters_.count("alerts.flagged");
      continue;
    }
    take_sample(definition, *sample);
  }
  end_silence(definition, v1::ALERT_REASON_VALUE);
}

void DeviceAlerts::take_sample(const Definition& definition, const v1::Sample& sample) {
  auto& series = series_of(*definition.series_of(sample.measure()));
  if (series.unit() != sample.unit() || series.exponent() != sample.exponent()) {
    series.clear_recent();
    series.set_unit(sample.unit());
    series.set_exponent(sample.exponent());
  }
  series.set_newest_us(std::max(series.newest_us(), sample.time_us()));
  std::optional<std::int64_t> rate;
  if (definition.has_rate(sample.measure())) {
    remember(series, sample);
    rate = rate_of(trend_of(series));
  }
  for (const auto& rule : definition.rules) {
    if (rule.source.measure() != sample.measure()) continue;
    if (rule.of == Rule::Of::sample) {
      judge(definition, rule, {{sample.value(), sample.exponent()}, sample.unit(), sample.time_us()});
    } else if (rule.of == Rule::Of::rate && rate) {
      judge(definition, rule, {{*rate, sample.exponent()}, sample.unit() + "/h", sample.time_us()});
    }
  }
}

void DeviceAlerts::take(const Definition& definition, const v1::Aggregate& result) {
  if (!base::is_exponent(result.exponent()) || result.end_us() < 0 || result.end_us() > kLatestTimeUs) return;
  const bool complete = is_complete(result);
  for (const auto& rule : definition.rules) {
    const auto& source = rule.source;
    if (rule.of != Rule::Of::result || source.measure() != result.measure() || source.window() != result.window())
      continue;
    const auto statistic = statistic_of(result, source.statistic());
    if (!statistic) {
      counters_.count("alerts.no_statistic");
      continue;
    }
    Observed observed{statistic->value, source.statistic() == "count" ? "count" : result.unit(), result.end_us()};
    using Partial = Statistic::Partial;
    if (!complete && statistic->partial != Partial::both) {
      observed.proves_good = false;
      observed.proves_bad =
          statistic->partial == (source.comparison() == v1::COMPARISON_BELOW ? Partial::below : Partial::above);
    }
    judge(definition, rule, observed);
  }
}

void DeviceAlerts::judge(const Definition& definition, const Rule& rule, const Observed& observed) {
  const auto threshold = rule.threshold_for(row_.parameters());
  if (!threshold) {  // a device that lost its own value is no longer meant by the rule
    if (find_track(rule.source.name()) != nullptr) end(track_of(rule.source.name()), v1::ALERT_REASON_RULE_CHANGED);
    return;
  }
  auto& stored = track_of(rule.source.name());
  if (stored.rule_hash() != rule.hash) judge_anew(rule, stored);
  if (is_telling(stored.state()) &&
      (stored.alert().unit() != observed.unit || stored.alert().exponent() != observed.value.exponent))
    end(stored, v1::ALERT_REASON_SERIES_CHANGED);
  const auto before = track_from(stored);
  if (!is_judged(before, observed.time_us)) return counters_.count("alerts.late");
  const auto side = side_of(*threshold, observed.value);
  if ((side == Side::bad && !observed.proves_bad) || (side != Side::bad && !observed.proves_good))
    return counters_.count("alerts.incomplete");
  const auto after = observe(before, side, observed.time_us, rule.persistence);
  store(after, stored);
  if (!is_telling(before.state) && !is_telling(after.state)) return;

  auto& alert = *stored.mutable_alert();
  alert.set_use_case_version(definition.source.version());
  alert.set_measure(rule.source.measure());
  alert.set_unit(observed.unit);
  alert.set_exponent(observed.value.exponent);
  alert.set_window(rule.source.window());
  alert.set_statistic(rule.source.statistic());
  alert.set_comparison(rule.source.comparison());
  set_decimal(threshold->at, *alert.mutable_threshold());
  set_decimal(threshold->hysteresis, *alert.mutable_hysteresis());
  v1::Observation observation;
  observation.set_value(static_cast<std::int64_t>(observed.value.steps));
  observation.set_time_us(observed.time_us);
  observe_in(alert, observation, !is_telling(before.state));
  if (after.state == before.state) return;
  if (after.state == v1::ALERT_STATE_FIRING) alert.set_firing_since_us(observed.time_us);
  note_forecast(definition, rule, alert);
  tell(stored, &rule, after.state, v1::ALERT_REASON_VALUE, observed.time_us);
}

/// Of what is on the bad side: how fast it goes on, and which rule of the same measure it reaches next, and when.
void DeviceAlerts::note_forecast(const Definition& definition, const Rule& rule, v1::Alert& alert) const {
  alert.clear_trend();
  alert.clear_forecast();
  const auto series = std::ranges::find(row_.series(), rule.source.measure(),
                                        [](const auto& s) -> std::string_view { return s.measure(); });
  if (rule.of == Rule::Of::result || series == row_.series().end() || series->recent().empty()) return;
  const auto trend = trend_of(*series);
  const auto rate = rate_of(trend);
  if (!rate) return;
  *alert.mutable_trend() = trend;
  const auto value = Int128{series->recent().rbegin()->value()};
  for (const auto& next : definition.rules) {
    if (next.of != Rule::Of::sample || next.source.measure() != rule.source.measure()) continue;
    const auto threshold = next.threshold_for(row_.parameters());
    if (!threshold || (threshold->comparison == v1::COMPARISON_BELOW) == (*rate > 0) || *rate == 0) continue;
    const auto way = difference(threshold->at, {value, series->exponent()});
    // In steps of the series: a threshold of a finer resolution is rounded to them.
    const auto coarser = series->exponent() - way.exponent;
    if (coarser > base::kMaxExponent) continue;
    const auto steps = base::divide_rounded(way.steps, base::power_of_ten(std::max(0, coarser)));
    if (steps == 0 || (steps > 0) != (*rate > 0)) continue;
    const auto most = Int128{1} << 63;
    if (steps > most || steps < -most) continue;
    const auto magnitude = *rate > 0 ? Int128{*rate} : -Int128{*rate};
    const auto after_s = base::divide_rounded((steps > 0 ? steps : -steps) * kHourS, magnitude);
    if (after_s > kFarthestForecastS) continue;
    if (alert.has_forecast() && after_s >= alert.forecast().after_s()) continue;
    auto& forecast = *alert.mutable_forecast();
    forecast.set_rule(next.source.name());
    set_decimal(threshold->at, *forecast.mutable_threshold());
    forecast.set_after_s(static_cast<std::uint32_t>(after_s));
  }
}

bool DeviceAlerts::acknowledge(const v1::AlertAcknowledgement& request) {
  const auto* found = find_track(request.rule());
  if (found == nullptr || found->state() != v1::ALERT_STATE_FIRING ||
      found->alert().firing_since_us() != request.firing_since_us())
    return false;
  auto& track = track_of(request.rule());
  track.mutable_alert()->set_actor(request.actor());
  track.mutable_alert()->set_note(request.note());
  tell(track, nullptr, v1::ALERT_STATE_ACKNOWLEDGED, v1::ALERT_REASON_OPERATOR, moment_.now_us);
  return true;
}

std::int64_t DeviceAlerts::silence_us(const Definition& definition) const {
  constexpr std::int64_t kLongest = 400LL * 86'400 * base::kSecondUs;
  const auto intervals = Int128{definition.source.stale_after()} * row_.nominal_interval_s() * base::kSecondUs;
  return static_cast<std::int64_t>(std::min<Int128>(intervals, kLongest));
}

const v1::AlertSeries* DeviceAlerts::most_silent() const {
  const auto oldest = std::ranges::min_element(row_.series(), {}, &v1::AlertSeries::newest_us);
  return oldest == row_.series().end() ? nullptr : &*oldest;
}

std::optional<std::int64_t> DeviceAlerts::silent_at(const Definition& definition) const {
  const auto silence = silence_us(definition);
  const auto* oldest = most_silent();
  if (silence == 0 || oldest == nullptr) return std::nullopt;
  const auto* track = find_track(kStaleRule);
  if (track != nullptr && is_open(track->state())) return std::nullopt;
  return std::max(oldest->newest_us(), moment_.listening_since_us) + silence;
}

void DeviceAlerts::fall_silent(const Definition& definition) {
  const auto at = silent_at(definition);
  if (!at || *at > moment_.now_us) return;
  const auto& oldest = *most_silent();
  auto& track = track_of(kStaleRule);
  auto& alert = *track.mutable_alert();
  alert.set_use_case_version(definition.source.version());
  alert.set_severity(v1::SEVERITY_WARNING);
  alert.set_measure(oldest.measure());
  alert.clear_actor();
  alert.clear_note();
  alert.mutable_last()->set_time_us(oldest.newest_us());
  alert.set_silent_after_s(static_cast<std::uint32_t>(silence_us(definition) / base::kSecondUs));
  alert.set_firing_since_us(*at);
  tell(track, nullptr, v1::ALERT_STATE_FIRING, v1::ALERT_REASON_SILENCE, moment_.now_us);
}

void DeviceAlerts::end_silence(const Definition& definition, v1::AlertReason reason) {
  const auto* found = find_track(kStaleRule);
  if (found == nullptr || !is_open(found->state())) return;
  const auto silence = silence_us(definition);
  const auto* oldest = most_silent();
  if (silence > 0 && oldest != nullptr && oldest->newest_us() + silence <= moment_.now_us) return;
  auto& track = track_of(kStaleRule);
  if (oldest != nullptr) track.mutable_alert()->mutable_last()->set_time_us(oldest->newest_us());
  tell(track, nullptr, v1::ALERT_STATE_RESOLVED, reason, moment_.now_us);
}

}  // namespace lenne::processing::alerts
