#include "api/alert_json.hpp"

#include "api/pages.hpp"
#include "api/use_case_fields.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"

namespace lenne::api {
namespace {

void write_text(JsonWriter& json, std::string_view key, std::string_view text) {
  json.key(key);
  text.empty() ? json.null() : json.text(text);
}

void write_decimal(JsonWriter& json, std::string_view key, bool there, const v1::Decimal& decimal) {
  json.key(key);
  there ? json.decimal(decimal.value(), decimal.exponent()) : json.null();
}

void write_observation(JsonWriter& json, std::string_view key, const v1::Alert& alert, bool there,
                       const v1::Observation& observation) {
  json.key(key);
  if (!there) {
    json.null();
    return;
  }
  json.begin_object().key("value").decimal(observation.value(), alert.exponent());
  write_time(json, "time", observation.time_us());
  json.end_object();
}

void write_trend(JsonWriter& json, const v1::Alert& alert) {
  json.key("rate");
  if (!alert.has_trend()) {
    json.null();
    return;
  }
  const auto& trend = alert.trend();
  json.begin_object().key("per_hour_over_15min");
  trend.has_over_15min() ? json.decimal(trend.over_15min(), alert.exponent()) : json.null();
  json.key("per_hour_over_60min");
  trend.has_over_60min() ? json.decimal(trend.over_60min(), alert.exponent()) : json.null();
  json.end_object();
}

void write_forecast(JsonWriter& json, const v1::Alert& alert) {
  json.key("forecast");
  if (!alert.has_forecast()) {
    json.null();
    return;
  }
  const auto& forecast = alert.forecast();
  json.begin_object().key("rule").text(forecast.rule());
  write_decimal(json, "threshold", true, forecast.threshold());
  json.key("after_s").number(forecast.after_s()).end_object();
}

std::string_view reason_name(v1::AlertReason reason) noexcept {
  switch (reason) {
    case v1::ALERT_REASON_VALUE:
      return "value";
    case v1::ALERT_REASON_SILENCE:
      return "silence";
    case v1::ALERT_REASON_OPERATOR:
      return "operator";
    case v1::ALERT_REASON_RULE_CHANGED:
      return "rule_changed";
    case v1::ALERT_REASON_RULE_REMOVED:
      return "rule_removed";
    case v1::ALERT_REASON_USE_CASE_CHANGED:
      return "use_case_changed";
    case v1::ALERT_REASON_DEVICE_REMOVED:
      return "device_removed";
    case v1::ALERT_REASON_SERIES_CHANGED:
      return "series_changed";
    default:
      return "unspecified";
  }
}

}  // namespace

bool can_be_written(const v1::Alert& alert) noexcept {
  return base::is_exponent(alert.exponent()) && base::is_exponent(alert.threshold().exponent()) &&
         base::is_exponent(alert.hysteresis().exponent()) && base::is_exponent(alert.forecast().threshold().exponent());
}

void write_alert_fields(JsonWriter& json, const v1::Alert& alert) {
  write_text(json, "tenant", alert.tenant());
  write_text(json, "site", alert.site());
  json.key("dev_eui").text(base::hex_of(alert.dev_eui(), 16));
  json.key("device").text(alert.device_name());
  json.key("use_case").text(alert.use_case());
  json.key("use_case_version").number(alert.use_case_version());
  json.key("rule").text(alert.rule());
  json.key("state").text(state_name(alert.state()));
  json.key("reason").text(reason_name(alert.reason()));
  json.key("revision").number(alert.revision());
  json.key("severity")
      .text(severity_name(alert.severity() == v1::SEVERITY_UNSPECIFIED ? v1::SEVERITY_INFO : alert.severity()));
  json.key("text").begin_object();
  for (const auto& text : alert.text()) json.key(text.language()).text(text.text());
  json.end_object();
  json.key("measure").text(alert.measure());
  json.key("unit").text(alert.unit());
  write_text(json, "window", alert.window());
  write_text(json, "statistic", alert.statistic());
  json.key("comparison");
  alert.comparison() == v1::COMPARISON_UNSPECIFIED
      ? json.null()
      : json.text(alert.comparison() == v1::COMPARISON_BELOW ? "below" : "above");
  write_decimal(json, "threshold", alert.has_threshold(), alert.threshold());
  write_decimal(json, "hysteresis", alert.has_threshold(), alert.hysteresis());
  // Of a silent device only the time of its last sample is known.
  const bool silent = alert.silent_after_s() != 0;
  write_observation(json, "first", alert, alert.has_first() && !silent, alert.first());
  write_observation(json, "last", alert, alert.has_last() && !silent, alert.last());
  write_observation(json, "extreme", alert, alert.has_extreme() && !silent, alert.extreme());
  json.key("observations").number(alert.observations());
  write_time(json, "last_sample", alert.last().time_us());
  json.key("silent_after_s");
  silent ? json.number(alert.silent_after_s()) : json.null();
  write_trend(json, alert);
  write_forecast(json, alert);
  write_time(json, "firing_since", alert.firing_since_us());
  write_time(json, "since", alert.since_us());
  write_time(json, "changed", alert.changed_us());
  write_text(json, "actor", alert.actor());
  write_text(json, "note", alert.note());
}

std::string alert_line(const v1::Alert& alert, std::string_view position) {
  JsonWriter json;
  json.begin_object().key("type").text("alert");
  if (!position.empty()) json.key("position").text(position);
  write_alert_fields(json, alert);
  json.end_object();
  return json.take();
}

std::string_view state_name(v1::AlertState state) noexcept {
  switch (state) {
    case v1::ALERT_STATE_PENDING:
      return "pending";
    case v1::ALERT_STATE_FIRING:
      return "firing";
    case v1::ALERT_STATE_ACKNOWLEDGED:
      return "acknowledged";
    case v1::ALERT_STATE_RESOLVED:
      return "resolved";
    default:
      return "ok";
  }
}

}  // namespace lenne::api
