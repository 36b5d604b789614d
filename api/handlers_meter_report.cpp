// A month of one meter: the report of its days, and the load profile of its hours.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/meter_month.hpp"
#include "api/meter_rows.hpp"
#include "api/meter_table.hpp"
#include "api/meter_usual.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "processing/meters/findings.hpp"
#include "processing/meters/heat.hpp"
#include "processing/meters/mscons.hpp"
#include "processing/meters/purpose.hpp"
#include "processing/meters/slow_leak.hpp"
#include "processing/meters/unusual_flow.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using base::Int128;
using storage::views::AggregateFilter;

std::string text_of(meters::Finding finding) {
  constexpr std::array<std::string_view, 4> kNames{"no", "yes", "unknown", "not_judged"};
  return std::string(kNames[static_cast<std::size_t>(finding)]);
}

void write_reading(JsonWriter& json, std::string_view name, const v1::SequenceEntry* reading, int exponent) {
  json.key(name);
  if (reading == nullptr) {
    json.null();
    return;
  }
  json.begin_object().key("time").text(base::to_rfc3339(base::from_us(reading->time_us())));
  json.key("value").decimal(reading->value(), exponent).end_object();
}

/// What days are judged by.
struct Limits {
  meters::FindingRules rules;
  std::int64_t burst = 0;  ///< thousandths of the unit per hour
  std::int64_t leak = 0;
};

std::vector<RowField> fields_of(const MeterWindow& day, const MeterRegister& read, const Limits& limits) {
  const auto end_us = day.row.end_us();
  const auto burst = steps_of_thousandths(limits.burst, day.row.exponent());
  const auto unusual = meters::find_unusual_flow(read.usual, day.row.start_us(), end_us, limits.rules);
  auto fields = window_fields(day, {{"leak", text_of(meters::find_leak(read.profile, end_us, limits.rules))},
                                    {"burst", text_of(meters::find_burst(read.profile, burst, end_us, limits.rules))},
                                    {"dry", text_of(meters::find_dry(read.profile, end_us, limits.rules))},
                                    {"reverse", text_of(meters::find_reverse(read.profile, 0, end_us))},
                                    {"unusual_flow", text_of(unusual)}});
  fields.insert(fields.begin(), {"date", date_text(date_of_day(day.row.start_us()))});
  return fields;
}

void write_register(JsonWriter& json, const v1::SeriesView& series, const MeterRegister& read, unsigned days_of_month,
                    const Limits& limits) {
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
  json.key("slow_leak")
      .text(text_of(meters::find_slow_leak(read.least_hours, steps_of_thousandths(limits.leak, exponent))));
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

/// Of the local days of a device's contacts `tamper`, `tamper.a` …; `days`: how many the month has.
base::Result<meters::Finding> tamper_of(Context& context, const Caller& caller, const MeterMonth& month,
                                        unsigned days) {
  const auto& device = month.device;
  std::vector<meters::Contact> contacts;
  std::size_t wanted = 0;
  for (const auto& series : device.series()) {
    const std::string_view measure = series.measure();
    if (series.kind() != v1::KIND_STATE || (measure != "tamper" && !measure.starts_with("tamper."))) continue;
    wanted += days;
    AggregateFilter filter{.measure = series.measure(),
                           .window = std::string(kLocalDayWindow),
                           .from = month.from,
                           .to = month.to,
                           .tenant = device.tenant(),
                           .device = base::DevEui{device.dev_eui()}};
    const auto rows = rows_of_device(context, caller.scope, filter, true);
    if (!rows) return std::unexpected(rows.error());
    for (const auto& row : *rows) {
      if (month_of(row) != month.month) continue;
      contacts.push_back({row.end_us() - row.start_us(), row.duration().known_us(), row.duration().occupied_us()});
    }
  }
  if (contacts.size() < wanted) contacts.push_back({1, 0, 0});
  return meters::find_tamper(contacts);
}

/// The device's own purpose; of one that is not declared (any more) the usual one.
base::Result<meters::FindingRules> rules_of(const Context& context, const Caller& caller,
                                            const v1::DeviceView& device) {
  const auto object = declared(context, caller, device);
  if (!object && object.error().code != "not_found") return std::unexpected(object.error());
  const auto* purpose = meters::purpose_named(object ? object->meter_purpose() : std::string());
  return purpose != nullptr ? purpose->rules : meters::FindingRules{};
}

/// `usual_weeks` of the request; 0 when absent: what is usual is not asked for.
base::Result<std::size_t> usual_weeks_of(const Request& request) {
  if (!request.query.find("usual_weeks")) return 0;
  auto weeks = request.query.size("usual_weeks", 0, kMostUsualWeeks);
  if (weeks && *weeks < kLeastUsualWeeks)
    return base::fail("bad_parameter", fmt::format("usual_weeks is at least {}", kLeastUsualWeeks));
  return weeks;
}

/// Calls `row` with each series and its register, in the order of the device's series.
void each_register(const MeterMonth& month, const std::map<std::string, MeterRegister>& registers, auto row) {
  for (const auto& series : month.device.series()) {
    const auto found = registers.find(series.measure());
    if (found != registers.end()) row(series, found->second);
  }
}

Response days_csv(const MeterMonth& month, const std::map<std::string, MeterRegister>& registers, const Limits& limits,
                  MeterFormat format) {
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
  const Limits limits{*rules, *burst_limit, *leak_limit};
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
  const auto last_day = std::chrono::year_month_day_last{month->month / std::chrono::last}.day();
  JsonWriter json;
  json.begin_object();
  write_meter(json, *month);
  json.key("registers").begin_array();
  each_register(*month, *registers, [&](const auto& series, const MeterRegister& read) {
    write_register(json, series, read, static_cast<unsigned>(last_day), limits);
  });
  json.end_array();
  const auto tamper = tamper_of(context, caller, *month, static_cast<unsigned>(last_day));
  if (!tamper) return error_response(tamper.error());
  json.key("tamper").text(text_of(*tamper));
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
