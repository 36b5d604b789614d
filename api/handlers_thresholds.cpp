// The values at which a device's series become alerts. Who may see a series may see what it is judged by: use cases are
// the operator's documents, but their rules are told to everybody whose devices they judge.
#include <algorithm>
#include <optional>
#include <string>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/use_case_fields.hpp"
#include "base/fixed_point.hpp"

namespace lenne::api {
namespace {

using storage::views::Scope;

constexpr std::string_view kRate = "rate";

// Empty where the device has none. Its record names its own or its profile's.
base::Result<v1::UseCase> use_case_of(const Context& context, const v1::Device& device) {
  if (device.use_case().empty()) return v1::UseCase{};
  auto found = context.queries.object(Scope::everything(), "use_case/" + device.use_case());
  if (!found) return std::unexpected(found.error());
  return *found ? (**found).object().use_case() : v1::UseCase{};
}

// The device's own value where the rule names a parameter and the device has it. Nothing: the rule is not for it.
std::optional<v1::Decimal> threshold_of(const v1::AlertRule& rule, const v1::Device& device) {
  auto value = rule.has_threshold() ? std::optional(rule.threshold()) : std::nullopt;
  if (!rule.parameter().empty()) {
    const auto own = std::ranges::find(device.parameters(), rule.parameter(), &v1::Parameter::name);
    if (own != device.parameters().end()) value = own->value();
  }
  return value && base::is_exponent(value->exponent()) ? value : std::nullopt;
}

void write_name(JsonWriter& json, std::string_view key, std::string_view text) {
  json.key(key);
  text.empty() ? json.null() : json.text(text);
}

void write_threshold(JsonWriter& json, const v1::UseCase& use_case, const v1::AlertRule& rule,
                     const v1::Decimal& value) {
  json.begin_object().key("use_case").text(use_case.name()).key("rule").text(rule.name());
  json.key("measure").text(rule.measure());
  write_name(json, "window", rule.window());
  write_name(json, "statistic", rule.statistic());
  json.key("comparison").text(comparison_name(rule.comparison()));
  json.key("threshold").decimal(value.value(), value.exponent());
  json.key("severity").text(severity_name(rule.severity())).key("text").begin_object();
  for (const auto& text : rule.text()) json.key(text.language()).text(text.text());
  json.end_object().end_object();
}

}  // namespace

Answer get_thresholds(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "measure", "tenant"}); !known) return error_response(known.error());
  auto device = request.query.dev_eui("device");
  if (!device) return error_response(device.error());
  if (!*device) return error_response({"bad_parameter", "device is required"});
  const auto& limits = context.settings.limits;
  auto series =
      context.queries.series(caller.scope, {request.query.text("tenant"), request.query.text("measure"), "", *device},
                             {limits.rows, "", limits.scanned_rows});
  if (!series) return error_response(series.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  v1::UseCase of_device;
  if (!series->items.empty()) {
    auto object = declared(context, caller, series->items.front().device);
    if (!object) return error_response(object.error());
    auto use_case = use_case_of(context, *object);
    if (!use_case) return error_response(use_case.error());
    of_device.set_name(use_case->name());
    of_device.set_version(use_case->version());
    for (const auto& rule : use_case->alerts()) {
      const auto is_of = [&rule](const auto& item) { return item.series.measure() == rule.measure(); };
      const auto value = threshold_of(rule, *object);
      // How fast something changes is no value of its own.
      if (value && rule.statistic() != kRate && std::ranges::any_of(series->items, is_of))
        write_threshold(json, *use_case, rule, *value);
    }
  }
  json.end_array();
  // By which rules its next samples are judged: results that name another version are by older ones.
  write_name(json, "use_case", of_device.name());
  json.key("use_case_version");
  of_device.name().empty() ? json.null() : json.number(of_device.version());
  json.end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
