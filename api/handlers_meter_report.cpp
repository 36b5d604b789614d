// A month of one meter.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <map>

#include "api/csv.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/meter_rows.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "processing/meters/findings.hpp"
#include "processing/meters/heat.hpp"
#include "processing/meters/obis.hpp"
#include "processing/meters/slow_leak.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using base::Int128;
using std::chrono::year_month;
using std::chrono::year_month_day;
using storage::views::AggregateFilter;

/// A month of local days, by the noon of each: it lies on the same date in UTC wherever a zone is less than 12 h away.
year_month_day date_of(std::int64_t day_start_us) {
  const auto noon = base::from_us(day_start_us) + std::chrono::hours{12};
  return year_month_day{std::chrono::floor<std::chrono::days>(noon)};
}

std::string date_text(const year_month_day& date) {
  return base::to_rfc3339(base::Timestamp{std::chrono::sys_days{date}}).substr(0, 10);
}

/// By the local clock, with its offset. `midnight`: the date of the local midnight at that moment.
std::string local_text(std::int64_t time_us, const year_month_day& midnight) {
  const auto local_us = base::to_us(base::Timestamp{std::chrono::sys_days{midnight}});
  const auto minutes = (local_us - time_us) / 60'000'000;
  return fmt::format("{}{}{:02}:{:02}", base::to_rfc3339(base::from_us(local_us)).substr(0, 19),
                     minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
}

struct Month {
  year_month month;
  base::Timestamp from;  ///< a little more than the month, whatever the zone
  base::Timestamp to;
};

base::Result<Month> month_of(const Request& request) {
  const auto year = request.query.size("year", 0, 9999);
  if (!year) return std::unexpected(year.error());
  const auto month = request.query.size("month", 0, 9999);
  if (!month) return std::unexpected(month.error());
  if (*year < 2000 || *year > 2199 || *month < 1 || *month > 12)
    return base::fail("bad_parameter", "year (2000 to 2199) and month (1 to 12) are required");
  const year_month of{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{static_cast<unsigned>(*month)}};
  constexpr auto kZones = std::chrono::hours{14};
  return Month{of, base::Timestamp{std::chrono::sys_days{of / 1}} - kZones,
               base::Timestamp{std::chrono::sys_days{(of + std::chrono::months{1}) / 1}} + kZones};
}

/// The month of a local day.
year_month month_of(const v1::Aggregate& day) {
  const auto date = date_of(day.start_us());
  return {date.year(), date.month()};
}

/// A meter's register over a month.
struct Register {
  std::vector<v1::Aggregate> days;                 ///< of the month
  std::vector<meters::Slice> hours;                ///< also of the four weeks before it
  std::vector<std::optional<Int128>> least_hours;  ///< of the same days
};
constexpr auto kWeeksBefore = std::chrono::hours{28 * 24};

base::Result<Register> read_register(Context& context, const Caller& caller, const Month& month,
                                     const v1::DeviceView& device, const std::string& measure) {
  Register read;
  AggregateFilter filter{
      .measure = measure, .window = std::string(kLocalDayWindow), .from = month.from - kWeeksBefore, .to = month.to};
  filter.tenant = device.tenant();
  filter.device = base::DevEui{device.dev_eui()};
  auto days = rows_of_device(context, caller.scope, filter, true);
  if (!days) return std::unexpected(days.error());
  filter.window = "PT1H";
  filter.from -= std::chrono::hours{24};
  const auto hours = rows_of_device(context, caller.scope, filter, true);
  if (!hours) return std::unexpected(hours.error());
  for (const auto& hour : *hours) read.hours.push_back(slice_of(hour));
  for (const auto& day : *days) {
    if (month_of(day) > month.month) continue;
    read.least_hours.push_back(meters::least_hour(read.hours, day.start_us(), day.end_us()));
  }
  std::erase_if(*days, [&](const auto& day) { return month_of(day) != month.month; });
  read.days = std::move(*days);
  return read;
}

meters::Quality quality_of_row(const v1::Aggregate& row) { return meters::quality_of(slice_of(row), row.final()); }

std::string text_of(meters::Finding finding) {
  constexpr std::array<std::string_view, 3> kNames{"no", "yes", "unknown"};
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

/// One field of a day, the same in JSON and CSV.
struct DayField {
  std::string_view name;
  std::string value;
  bool text = true;
};

std::vector<DayField> fields_of(const v1::Aggregate& day, const std::vector<meters::Slice>& hours, Int128 burst_limit) {
  const auto& counter = day.counter();
  const auto end_us = day.end_us();
  return {{"date", date_text(date_of(day.start_us()))},
          {"start", base::to_rfc3339(base::from_us(day.start_us()))},
          {"end", base::to_rfc3339(base::from_us(end_us))},
          {"amount", base::to_decimal(steps_of(counter.amount()), day.exponent()), false},
          {"estimated", base::to_decimal(steps_of(counter.estimated()), day.exponent()), false},
          {"quality", std::string(meters::letter_of(quality_of_row(day)))},
          {"leak", text_of(meters::find_leak(hours, end_us))},
          {"burst", text_of(meters::find_burst(hours, burst_limit, end_us))},
          {"dry", text_of(meters::find_dry(hours, end_us))},
          {"reverse", text_of(meters::find_reverse(hours, 0, end_us))}};
}

void write_day(JsonWriter& json, const std::vector<DayField>& fields) {
  json.begin_object();
  for (const auto& field : fields) {
    json.key(field.name);
    field.text ? json.text(field.value) : json.raw(field.value);
  }
  json.end_object();
}

std::string obis_text(std::string_view measure) {
  const auto obis = meters::obis_of(measure);
  return obis ? meters::to_string(*obis) : std::string();
}

void write_register(JsonWriter& json, const v1::SeriesView& series, const Register& read, unsigned days_of_month,
                    Int128 burst_limit, Int128 leak_limit) {
  const v1::SequenceEntry* first = nullptr;
  const v1::SequenceEntry* last = nullptr;
  Int128 amount = 0, estimated = 0, reverse = 0;
  std::uint64_t resets = 0, exchanges = 0, quarantined = 0;
  auto worst = read.days.size() < days_of_month ? meters::Quality::missing : meters::Quality::true_value;
  for (const auto& day : read.days) {
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
  json.key("measure").text(series.measure());
  const auto obis = obis_text(series.measure());
  json.key("obis");
  obis.empty() ? json.null() : json.text(obis);
  json.key("unit").text(series.unit());
  write_reading(json, "first", first, exponent);
  write_reading(json, "last", last, exponent);
  json.key("amount").decimal(amount, exponent);
  json.key("estimated").decimal(estimated, exponent);
  json.key("reverse").decimal(reverse, exponent);
  json.key("resets").number(resets).key("exchanges").number(exchanges).key("quarantined").number(quarantined);
  json.key("quality").text(meters::letter_of(worst));
  json.key("slow_leak").text(text_of(meters::find_slow_leak(read.least_hours, leak_limit)));
  json.key("days_missing").number(days_of_month - std::min<std::size_t>(days_of_month, read.days.size()));
  json.key("days").begin_array();
  for (const auto& day : read.days) write_day(json, fields_of(day, read.hours, burst_limit));
  json.end_array().end_object();
}

Int128 total_of(const Register& read) {
  Int128 sum = 0;
  for (const auto& day : read.days) sum += steps_of(day.counter().amount());
  return sum;
}

/// What ran in each hour of the days of `water`, and how warm it came back: by the device's series temperature.return.
base::Result<std::vector<meters::ReturnFlow>> return_flow(Context& context, const Caller& caller,
                                                          const v1::DeviceView& device, const Register& water) {
  AggregateFilter filter{.measure = "temperature.return", .window = "PT1H", .from = {}, .to = {}};
  filter.from = base::from_us(water.days.front().start_us());
  filter.to = base::from_us(water.days.back().end_us());
  filter.tenant = device.tenant();
  filter.device = base::DevEui{device.dev_eui()};
  const auto rows = rows_of_device(context, caller.scope, filter, true);
  if (!rows) return std::unexpected(rows.error());
  std::map<std::int64_t, std::int64_t> warm;  // 10^-6 °C by start
  for (const auto& row : *rows) {
    const auto& gauge = row.gauge();
    if (gauge.count() == 0 || row.unit() != "Cel" || row.exponent() != -6) continue;
    const auto mean = base::divide_rounded(steps_of(gauge.sum()), static_cast<std::int64_t>(gauge.count()));
    warm[row.start_us()] = static_cast<std::int64_t>(mean);
  }
  std::vector<meters::ReturnFlow> flow;
  for (const auto& hour : water.hours) {
    const auto found = warm.find(hour.start_us);
    const auto volume_ml = millilitres(hour.amount, water.days.front());
    if (found != warm.end() && volume_ml) flow.push_back({*volume_ml, found->second});
  }
  return flow;
}

/// Heat and the water that carried it: how well the substation cools.
base::Result<void> write_heat(Context& context, const Caller& caller, const v1::DeviceView& device, JsonWriter& json,
                              const std::map<std::string, Register>& registers, std::int64_t degree_days) {
  json.key("heat");
  const auto heat = registers.find("heat_energy");
  const auto water = registers.find("water_volume");
  if (heat == registers.end() || heat->second.days.empty() || heat->second.days.front().exponent() != -3) {
    json.null();
    return {};
  }
  const auto energy_wh = total_of(heat->second);
  std::optional<Int128> difference, specific, returned;
  if (water != registers.end() && !water->second.days.empty()) {
    if (const auto volume_ml = millilitres(total_of(water->second), water->second.days.front())) {
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
  write_steps(json, "per_degree_day", meters::heat_per_degree_day(energy_wh, degree_days), -3);
  json.end_object();
  return {};
}

/// Of the local days of a device's contacts `tamper`, `tamper.a` …; `days`: how many the month has.
base::Result<meters::Finding> tamper_of(Context& context, const Caller& caller, const Month& month,
                                        const v1::DeviceView& device, unsigned days) {
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

/// A number with at most three decimals, in thousandths.
base::Result<std::int64_t> thousandths(const Request& request, std::string_view name) {
  const auto text = request.query.find(name);
  if (!text) return 0;
  double value = 0;
  const auto* end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data(), end, value);
  const auto steps = base::to_steps(value, -3);
  if (error != std::errc{} || at != end || !steps || *steps < 0)
    return base::fail("bad_parameter", std::string(name) + " is a number from 0 on, not " + std::string(*text));
  return *steps;
}

/// The limit of a burst or a leak in thousandths of the unit per hour, in the series' steps.
Int128 limit_in_steps(std::int64_t limit, int exponent) {
  const auto scale = exponent + 3;
  if (scale <= 0) return Int128{limit} * base::power_of_ten(std::min(-scale, base::kMaxExponent));
  return base::divide_rounded(limit, base::power_of_ten(std::min(scale, base::kMaxExponent)));
}

/// The fields of a day as programs in German read them: decimal comma, local time.
void make_german(std::vector<DayField>& fields, const v1::Aggregate& day) {
  const auto date = date_of(day.start_us());
  const year_month_day next{std::chrono::sys_days{date} + std::chrono::days{1}};
  for (auto& field : fields) {
    if (field.name == "start") field.value = local_text(day.start_us(), date);
    if (field.name == "end") field.value = local_text(day.end_us(), next);
    if (!field.text) std::ranges::replace(field.value, '.', ',');
  }
}

/// All days of all registers, each a row. `german`: with a byte order mark, by which spreadsheets know UTF-8.
std::string days_csv(const v1::DeviceView& device, const std::map<std::string, Register>& registers,
                     std::int64_t burst_limit, bool german) {
  CsvWriter csv(german ? ';' : ',');
  for (const auto* name : {"dev_eui", "device", "measure", "obis", "unit"}) csv.field(name);
  for (const auto& field : fields_of({}, {}, 0)) csv.field(field.name);
  csv.end_row();
  for (const auto& series : device.series()) {
    const auto found = registers.find(series.measure());
    if (found == registers.end()) continue;
    for (const auto& day : found->second.days) {
      csv.field(base::hex_of(device.dev_eui(), 16)).field(device.name()).field(series.measure());
      csv.field(obis_text(series.measure())).field(series.unit());
      const auto limit = limit_in_steps(burst_limit, series.exponent());
      auto fields = fields_of(day, found->second.hours, limit);
      if (german) make_german(fields, day);
      for (const auto& field : fields) csv.field(field.value);
      csv.end_row();
    }
  }
  return (german ? "\xef\xbb\xbf" : "") + csv.take();
}

}  // namespace

Answer get_meter_report(Context& context, const Request& request, const Caller& caller) {
  if (auto known =
          request.query.only({"device", "year", "month", "burst_limit", "leak_limit", "degree_days", "format"});
      !known)
    return error_response(known.error());
  const auto eui = request.query.dev_eui("device");
  if (!eui) return error_response(eui.error());
  if (!*eui) return error_response({"bad_parameter", "device is required"});
  const auto month = month_of(request);
  if (!month) return error_response(month.error());
  const auto burst_limit = thousandths(request, "burst_limit");
  if (!burst_limit) return error_response(burst_limit.error());
  const auto leak_limit = thousandths(request, "leak_limit");
  if (!leak_limit) return error_response(leak_limit.error());
  const auto degree_days = thousandths(request, "degree_days");
  if (!degree_days) return error_response(degree_days.error());
  const auto format = request.query.find("format").value_or("json");
  if (format != "json" && format != "csv" && format != "csv-de")
    return error_response({"bad_parameter", "format is json, csv or csv-de"});
  const auto device = context.queries.device(caller.scope, **eui);
  if (!device) return error_response(device.error());
  if (!*device) return error_response({"unknown_device", "there is no device " + base::to_hex(**eui)});
  std::map<std::string, Register> registers;
  for (const auto& series : (*device)->series()) {
    if (series.kind() != v1::KIND_COUNTER) continue;
    auto read = read_register(context, caller, *month, **device, series.measure());
    if (!read) return error_response(read.error());
    registers.emplace(series.measure(), std::move(*read));
  }
  if (format != "json")
    return page_of_type("text/csv; charset=utf-8", days_csv(**device, registers, *burst_limit, format == "csv-de"), {});
  const auto last_day = std::chrono::year_month_day_last{month->month / std::chrono::last}.day();
  JsonWriter json;
  json.begin_object();
  json.key("dev_eui").text(base::to_hex(**eui)).key("device").text((*device)->name());
  json.key("tenant").text((*device)->tenant());
  json.key("month").text(date_text(month->month / 1).substr(0, 7));
  json.key("registers").begin_array();
  for (const auto& series : (*device)->series()) {
    const auto found = registers.find(series.measure());
    if (found == registers.end()) continue;
    write_register(json, series, found->second, static_cast<unsigned>(last_day),
                   limit_in_steps(*burst_limit, series.exponent()), limit_in_steps(*leak_limit, series.exponent()));
  }
  json.end_array();
  const auto tamper = tamper_of(context, caller, *month, **device, static_cast<unsigned>(last_day));
  if (!tamper) return error_response(tamper.error());
  json.key("tamper").text(text_of(*tamper));
  if (auto written = write_heat(context, caller, **device, json, registers, *degree_days); !written)
    return error_response(written.error());
  json.end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
