// A month of one meter: the report of its days, and the load profile of its hours.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/meter_findings.hpp"
#include "api/meter_month.hpp"
#include "api/meter_rows.hpp"
#include "api/meter_table.hpp"
#include "api/meter_usual.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "processing/meters/heat.hpp"
#include "processing/meters/mscons.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using base::Int128;
using storage::views::AggregateFilter;

void write_reading(JsonWriter& json, std::string_view name, const v1::SequenceEntry* reading, int exponent) {
  json.key(name);
  if (reading == nullptr) {
    json.null();
    return;
  }
  json.begin_object().key("time").text(base::to_rfc3339(base::from_us(reading->time_us())));
  json.key("value").decimal(reading->value(), exponent).end_object();
}

std::vector<RowField> fields_of(const MeterWindow& day, const MeterRegister& read, const FindingLimits& limits) {
  auto fields = window_fields(day, finding_fields(day, read, limits));
  fields.insert(fields.begin(), {"date", date_text(date_of_day(day.row.start_us()))});
  return fields;
}

void write_register(JsonWriter& json, const v1::SeriesView& series, const MeterRegister& read, unsigned days_of_month,
                    const FindingLimits& limits) {
  const v1::SequenceEntry* first = nullptr;
  const v1::SequenceEntry* last = nullptr;
  Int128 amount = 0, estimated = 0, reverse = 0;
  std::uint64_t resets = 0, exchanges = 0, quarantined = 0;
  auto worst = read.days.size() < days_of_month ? meters::Quality::missing : meters::Quality::true_value;
  for (const auto& [day, method] : read.days) {
    const auto& counter = day.counter();
    if (first == nullptr && counter.has_first()) first = &counter.first();
    if (counter.has_last()) last = &counter.last();
    amount += steps_of(counter.amount());
    estimated += steps_of(counter.estimated());
    reverse += steps_of(counter.reverse());
    resets += counter.resets();
    exchanges += counter.exchanges();
    quarantined += counter.quarantined();
    worst = std::max(worst, quality_of_row(day));
  }
  const auto exponent = series.exponent();
  json.begin_object();
  write_series(json, series);
  write_reading(json, "first", first, exponent);
  write_reading(json, "last", last, exponent);
  json.key("amount").decimal(amount, exponent);
  json.key("estimated").decimal(estimated, exponent);
  json.key("reverse").decimal(reverse, exponent);
  json.key("resets").number(resets).key("exchanges").number(exchanges).key("quarantined").number(quarantined);
  json.key("quality").text(meters::letter_of(worst));
  json.key("slow_leak").text(slow_leak_text(read, limits, exponent));
  json.key("days_missing").number(days_of_month - std::min<std::size_t>(days_of_month, read.days.size()));
  json.key("days").begin_array();
  for (const auto& day : read.days) write_row(json, fields_of(day, read, limits));
  json.end_array().end_object();
}

Int128 total_of(const MeterRegister& read) {
  Int128 sum = 0;
  for (const auto& day : read.days) sum += steps_of(day.row.counter().amount());
  return sum;
}

/// What ran in each hour of the days of `water`, and how warm it came back: by the device's series temperature.return.
base::Result<std::vector<meters::ReturnFlow>> return_flow(Context& context, const Caller& caller,
                                                          const v1::DeviceView& device, const MeterRegister& water) {
  AggregateFilter filter{.measure = std::string(kReturnTemperature), .window = "PT1H", .from = {}, .to = {}};
  filter.from = base::from_us(water.days.front().row.start_us());
  filter.to = base::from_us(water.days.back().row.end_us());
  filter.tenant = device.tenant();
  filter.device = base::DevEui{device.dev_eui()};
  const auto rows = rows_of_device(context, caller.scope, filter, true);
  if (!rows) return std::unexpected(rows.error());
  const auto warm = return_temperatures(*rows);
  std::vector<meters::ReturnFlow> flow;
  for (const auto& hour : water.hours) {
    const auto found = warm.find(hour.row.start_us());
    const auto volume_ml = millilitres(steps_of(hour.row.counter().amount()), hour.row);
    if (found != warm.end() && volume_ml) flow.push_back({*volume_ml, found->second});
  }
  return flow;
}

/// What a month's heat is compared with; 0: not known.
struct HeatOf {
  std::int64_t degree_days = 0;      ///< thousandths of Kd
  std::int64_t nominal_power_w = 0;  ///< of the connection
};

/// Heat and the water that carried it: how well the substation cools.
base::Result<void> write_heat(Context& context, const Caller& caller, const v1::DeviceView& device, JsonWriter& json,
                              const std::map<std::string, MeterRegister>& registers, const HeatOf& of) {
  json.key("heat");
  const auto heat = registers.find("heat_energy");
  const auto water = registers.find("water_volume");
  if (heat == registers.end() || heat->second.days.empty() || heat->second.days.front().row.exponent() != -3) {
    json.null();
    return {};
  }
  const auto energy_wh = total_of(heat->second);
  std::optional<Int128> difference, specific, returned;
  if (water != registers.end() && !water->second.days.empty()) {
    if (const auto volume_ml = millilitres(total_of(water->second), water->second.days.front().row)) {
      difference = meters::temperature_difference(energy_wh, *volume_ml);
      specific = meters::specific_volume(energy_wh, *volume_ml);
    }
    const auto flow = return_flow(context, caller, device, water->second);
    if (!flow) return std::unexpected(flow.error());
    returned = meters::mean_return(*flow);
  }
  json.begin_object();
  write_steps(json, "temperature_difference", difference, -6);
  write_steps(json, "return_temperature", returned, -6);
  write_steps(json, "specific_volume", specific, -6);
  write_steps(json, "per_degree_day", meters::heat_per_degree_day(energy_wh, of.degree_days), -3);
  write_steps(json, "full_load_hours", meters::full_load_hours(energy_wh, of.nominal_power_w), -3);
  json.end_object();
  return {};
}

/// `usual_weeks` of the request; 0 when absent: what is usual is not asked for.
base::Result<std::size_t> usual_weeks_of(const Request& request) {
  if (!request.query.find("usual_weeks")) return 0;
  auto weeks = request.query.size("usual_weeks", 0, kMostUsualWeeks);
  if (weeks && *weeks < kLeastUsualWeeks)
    return base::fail("bad_parameter", fmt::format("usual_weeks is at least {}", kLeastUsualWeeks));
  return weeks;
}

Response days_csv(const MeterMonth& month, const std::map<std::string, MeterRegister>& registers,
                  const FindingLimits& limits, MeterFormat format) {
  MeterCsv csv(month.device, format, fields_of({}, {}, {}));
  each_register(month, registers, [&](const auto& series, const MeterRegister& read) {
    for (const auto& day : read.days) csv.row(series, day.row, day.row, fields_of(day, read, limits));
  });
  return csv.response();
}

std::vector<RowField> hour_fields(const MeterWindow& hour) {
  using enum RowField::Form;
  const auto& row = hour.row;
  const auto& counter = row.counter();
  const auto length = static_cast<double>(row.end_us() - row.start_us());
  return window_fields(
      hour, {{"mscons_status", std::string(meters::mscons_status_of(quality_of_row(row))), name},
             {"interpolated", base::to_decimal(steps_of(counter.interpolated()), row.exponent()), token},
             {"coverage", fmt::format("{}", length > 0 ? static_cast<double>(row.covered_us()) / length : 0.0), token},
             {"final", row.final() ? "true" : "false", token}});
}

Response hours_csv(const MeterMonth& month, const std::map<std::string, MeterRegister>& registers, MeterFormat format) {
  MeterCsv csv(month.device, format, hour_fields({}));
  each_register(month, registers, [&](const auto& series, const MeterRegister& read) {
    auto day = read.days.begin();
    for (const auto& hour : read.hours) {
      while (day->row.end_us() <= hour.row.start_us()) ++day;
      csv.row(series, hour.row, day->row, hour_fields(hour));
    }
  });
  return csv.response();
}

}  // namespace

Answer get_meter_report(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "year", "month", "burst_limit", "leak_limit", "usual_weeks",
                                       "degree_days", "nominal_power", "format"});
      !known)
    return error_response(known.error());
  const auto burst_limit = thousandths(request, "burst_limit");
  if (!burst_limit) return error_response(burst_limit.error());
  const auto leak_limit = thousandths(request, "leak_limit");
  if (!leak_limit) return error_response(leak_limit.error());
  const auto usual_weeks = usual_weeks_of(request);
  if (!usual_weeks) return error_response(usual_weeks.error());
  const auto degree_days = thousandths(request, "degree_days");
  if (!degree_days) return error_response(degree_days.error());
  const auto power_w = thousandths(request, "nominal_power");
  if (!power_w) return error_response(power_w.error());
  const auto format = meter_format(request);
  if (!format) return error_response(format.error());
  const auto month = meter_month(context, request, caller);
  if (!month) return error_response(month.error());
  const auto rules = rules_of(context, caller, month->device);
  if (!rules) return error_response(rules.error());
  const FindingLimits limits{*rules, *burst_limit, *leak_limit};
  auto registers = read_registers(context, caller, *month, *leak_limit > 0 ? SlowLeaks::yes : SlowLeaks::no);
  if (!registers) return error_response(registers.error());
  if (*usual_weeks > 0) {
    for (auto& [measure, read] : *registers) {
      auto usual = usual_hours(context, caller, *month, measure, *usual_weeks);
      if (!usual) return error_response(usual.error());
      read.usual = std::move(*usual);
    }
  }
  if (*format != MeterFormat::json) return days_csv(*month, *registers, limits, *format);
  const auto days = days_of(month->month);
  JsonWriter json;
  json.begin_object();
  write_meter(json, *month);
  json.key("registers").begin_array();
  each_register(*month, *registers, [&](const auto& series, const MeterRegister& read) {
    write_register(json, series, read, days, limits);
  });
  json.end_array();
  const auto tamper = tamper_text(context, caller, *month, days);
  if (!tamper) return error_response(tamper.error());
  json.key("tamper").text(*tamper);
  if (auto written = write_heat(context, caller, month->device, json, *registers, {*degree_days, *power_w}); !written)
    return error_response(written.error());
  json.end_object();
  return Response{.body = json.take()};
}

Answer get_meter_profile(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "year", "month", "format"}); !known)
    return error_response(known.error());
  const auto format = meter_format(request);
  if (!format) return error_response(format.error());
  const auto month = meter_month(context, request, caller);
  if (!month) return error_response(month.error());
  const auto registers = read_registers(context, caller, *month, SlowLeaks::no);
  if (!registers) return error_response(registers.error());
  if (*format != MeterFormat::json) return hours_csv(*month, *registers, *format);
  JsonWriter json;
  json.begin_object();
  write_meter(json, *month);
  json.key("registers").begin_array();
  each_register(*month, *registers, [&](const auto& series, const MeterRegister& read) {
    json.begin_object();
    write_series(json, series);
    json.key("hours").begin_array();
    for (const auto& hour : read.hours) write_row(json, hour_fields(hour));
    json.end_array().end_object();
  });
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
