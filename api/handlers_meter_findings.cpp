// A month of one meter without amounts: what was found on each day, for those who look for leaks and nothing else.
#include <string>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/meter_findings.hpp"
#include "api/meter_month.hpp"
#include "api/meter_table.hpp"
#include "api/meter_usual.hpp"
#include "processing/derived/parameters.hpp"

namespace lenne::api {
namespace {

/// Half a year: as many as a percentile needs, and some that may be missing.
constexpr std::size_t kWeeks = 26;

/// In thousandths; 0 when the device does not say. Error bad_parameter, naming the parameter.
base::Result<std::int64_t> limit_of(const v1::Device& device, std::string_view name) {
  const auto micro = processing::derived::parameter_micro(device, name).value_or(0);
  if (micro >= 0) return micro / 1000;
  return base::fail("bad_parameter", "the device's " + std::string(name) + " is no number from 0 on");
}

/// By the device's own limits: whoever could choose them would find out by many questions how much ran.
base::Result<FindingLimits> limits_of(const Context& context, const Caller& caller, const v1::DeviceView& device) {
  const auto rules = rules_of(context, caller, device);
  if (!rules) return std::unexpected(rules.error());
  const auto object = declared(context, caller, device);
  if (!object) return std::unexpected(object.error());
  const auto burst = limit_of(*object, "burst_limit");
  if (!burst) return std::unexpected(burst.error());
  const auto leak = limit_of(*object, "leak_limit");
  if (!leak) return std::unexpected(leak.error());
  return FindingLimits{*rules, *burst, *leak};
}

void write_register(JsonWriter& json, const v1::SeriesView& series, const MeterRegister& read,
                    const FindingLimits& limits) {
  json.begin_object().key("measure").text(series.measure());
  json.key("slow_leak").text(slow_leak_text(read, limits, series.exponent()));
  json.key("days").begin_array();
  for (const auto& day : read.days) {
    auto fields = finding_fields(day, read, limits);
    fields.insert(fields.begin(), {"date", date_text(date_of_day(day.row.start_us()))});
    write_row(json, fields);
  }
  json.end_array().end_object();
}

}  // namespace

Answer get_meter_findings(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "year", "month"}); !known) return error_response(known.error());
  const auto month = meter_month(context, request, caller);
  if (!month) return error_response(month.error());
  const auto limits = limits_of(context, caller, month->device);
  if (!limits) return error_response(limits.error());
  auto registers = read_registers(context, caller, *month, limits->leak > 0 ? SlowLeaks::yes : SlowLeaks::no);
  if (!registers) return error_response(registers.error());
  for (auto& [measure, read] : *registers) {
    auto usual = usual_hours(context, caller, *month, measure, kWeeks);
    if (!usual) return error_response(usual.error());
    read.usual = std::move(*usual);
  }
  const auto tamper = tamper_text(context, caller, *month, days_of(month->month));
  if (!tamper) return error_response(tamper.error());
  JsonWriter json;
  json.begin_object();
  write_meter(json, *month);
  json.key("registers").begin_array();
  each_register(*month, *registers,
                [&](const auto& series, const MeterRegister& read) { write_register(json, series, read, *limits); });
  json.end_array().key("tamper").text(*tamper).end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
