// Meters: the balance of a zone, and a month of one meter.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/meter_rows.hpp"
#include "api/rows.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "processing/meters/balance.hpp"
#include "processing/meters/findings.hpp"
#include "processing/meters/heat.hpp"
#include "processing/meters/night_flow.hpp"
#include "processing/meters/obis.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using base::Int128;
using storage::views::AggregateFilter;

constexpr std::size_t kMostMeters = 1000;
constexpr std::string_view kDays = "P1D";

base::Result<std::set<std::uint64_t>> devices_of(const Request& request, std::string_view name) {
  std::set<std::uint64_t> devices;
  const auto text = request.query.text(name);
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto bytes = base::parse_id<base::DevEui>(rest.substr(0, end));
    if (!bytes) return base::fail("bad_parameter", std::string(name) + " is a list of DevEUIs, not " + text);
    devices.insert(bytes->value);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (devices.size() > kMostMeters) return base::fail("too_many", std::string(name) + " names more than 1000 meters");
  return devices;
}

std::string text_of(meters::Finding finding) {
  constexpr std::array<std::string_view, 3> kNames{"no", "yes", "unknown"};
  return std::string(kNames[static_cast<std::size_t>(finding)]);
}

void write_steps(JsonWriter& json, std::string_view name, const std::optional<Int128>& steps, int exponent) {
  json.key(name);
  steps ? json.decimal(*steps, exponent) : json.null();
}

/// A balance's question.
struct Zone {
  AggregateFilter filter;
  std::set<std::uint64_t> inflow;
  std::set<std::uint64_t> consumption;
  std::int64_t network_m = 0;  ///< 0: its losses are not classed
  meters::Structure structure = meters::Structure::rural;
};

base::Result<meters::Structure> structure_of(std::string_view text) {
  if (text == "rural") return meters::Structure::rural;
  if (text == "urban") return meters::Structure::urban;
  if (text == "city") return meters::Structure::city;
  return base::fail("bad_parameter", "structure is rural, urban or city");
}

/// The zone's meters: those that a site has, or a list.
base::Result<void> find_meters(const Context& context, const Request& request, const Caller& caller, Zone& zone) {
  auto inflow = devices_of(request, "inflow");
  if (!inflow) return std::unexpected(inflow.error());
  auto listed = devices_of(request, "devices");
  if (!listed) return std::unexpected(listed.error());
  zone.inflow = std::move(*inflow);
  zone.consumption = std::move(*listed);
  const auto site = request.query.text("zone");
  if (zone.inflow.empty()) return base::fail("bad_parameter", "inflow is required: the meters of what runs in");
  if (site.empty() == zone.consumption.empty())
    return base::fail("bad_parameter", "either zone (a site) or devices (a list of DevEUIs) is required");
  if (!site.empty()) {
    const auto& limits = context.settings.limits;
    const auto found = context.queries.series(caller.scope, {zone.filter.tenant, zone.filter.measure, site, {}},
                                              {.limit = kMostMeters, .scan_limit = limits.scanned_rows});
    if (!found) return std::unexpected(found.error());
    if (!found->next.empty()) return base::fail("too_many", "the zone has more than 1000 meters");
    for (const auto& item : found->items) zone.consumption.insert(item.device.dev_eui());
  }
  for (const auto eui : zone.inflow) zone.consumption.erase(eui);
  return {};
}

base::Result<Zone> zone_of(const Context& context, const Request& request, const Caller& caller) {
  Zone zone;
  auto& filter = zone.filter;
  auto measure = measure_named(request.query.find("measure").value_or("water_volume"));
  if (!measure) return std::unexpected(measure.error());
  filter.measure = *measure;
  auto window = window_of_resolution(request.query.find("res").value_or("1d"));
  if (!window) return std::unexpected(window.error());
  filter.window = *window;
  auto from = request.query.time("from");
  if (!from) return std::unexpected(from.error());
  auto to = request.query.time("to");
  if (!to) return std::unexpected(to.error());
  filter.to = to->value_or(context.deps.clock.now());
  filter.from = from->value_or(filter.to - std::chrono::hours{7 * 24});
  if (filter.from > filter.to) return base::fail("bad_parameter", "from is after to");
  filter.tenant = request.query.text("tenant");
  auto metres = request.query.size("network_m", 0, 100'000'000);
  if (!metres) return std::unexpected(metres.error());
  zone.network_m = static_cast<std::int64_t>(*metres);
  auto structure = structure_of(request.query.find("structure").value_or("rural"));
  if (!structure) return std::unexpected(structure.error());
  zone.structure = *structure;
  if (auto found = find_meters(context, request, caller, zone); !found) return std::unexpected(found.error());
  return zone;
}

/// The results of a zone's meters in one window.
struct ZoneWindow {
  std::int64_t end_us = 0;
  bool final = true;
  std::map<std::uint64_t, v1::Aggregate> rows = {};
};
using ZoneWindows = std::map<std::int64_t, ZoneWindow>;  ///< by start

base::Result<ZoneWindows> read_zone(Context& context, const Caller& caller, const Zone& zone) {
  ZoneWindows windows;
  std::size_t rows_read = 0;
  for (const auto* side : {&zone.inflow, &zone.consumption}) {
    for (const auto eui : *side) {
      auto filter = zone.filter;
      filter.device = base::DevEui{eui};
      auto rows = rows_of_device(context, caller.scope, filter, true);
      if (!rows) return std::unexpected(rows.error());
      rows_read += rows->size();
      if (rows_read > context.settings.limits.scanned_rows)
        return base::fail("too_many", "too many windows at once: ask for a shorter time");
      for (auto& row : *rows) {
        auto& window = windows[row.start_us()];
        window.end_us = row.end_us();
        window.final = window.final && row.final();
        window.rows[eui] = std::move(row);
      }
    }
  }
  return windows;
}

/// What a side's meters counted, in steps of `like`; one without a result, or in another unit, has measured nothing.
std::vector<meters::Counted> counted(const std::set<std::uint64_t>& side, const ZoneWindow& window,
                                     const v1::Aggregate& like) {
  std::vector<meters::Counted> all;
  for (const auto eui : side) {
    const auto row = window.rows.find(eui);
    auto& meter = all.emplace_back(base::hex_of(eui, 16));
    if (row == window.rows.end() || row->second.unit() != like.unit() || row->second.exponent() != like.exponent())
      continue;
    meter.amount = steps_of(row->second.counter().amount());
    meter.measured_us = row->second.covered_us();
  }
  return all;
}

/// The inflow of all meters together in the quarters of a night: those that all of them have.
base::Result<std::vector<meters::Slice>> night_inflow(Context& context, const Caller& caller, const Zone& zone,
                                                      const meters::Night& night) {
  std::map<std::int64_t, std::pair<std::size_t, meters::Slice>> quarters;
  for (const auto eui : zone.inflow) {
    auto filter = zone.filter;
    filter.device = base::DevEui{eui};
    filter.window = "PT15M";
    filter.from = base::from_us(night.start_us);
    filter.to = base::from_us(night.end_us);
    const auto rows = rows_of_device(context, caller.scope, filter, true);
    if (!rows) return std::unexpected(rows.error());
    for (const auto& row : *rows) {
      const auto slice = slice_of(row);
      auto& [meters_in, sum] =
          quarters
              .try_emplace(slice.start_us, 0,
                           meters::Slice{slice.start_us, slice.end_us, 0, 0, slice.length_us(), 0, 0})
              .first->second;
      ++meters_in;
      sum.amount += slice.amount;
      sum.measured_us = std::min(sum.measured_us, slice.measured_us);
    }
  }
  std::vector<meters::Slice> inflow;
  for (const auto& [start, quarter] : quarters) {
    if (quarter.first == zone.inflow.size()) inflow.push_back(quarter.second);
  }
  return inflow;
}

void write_side(JsonWriter& json, std::string_view name, const meters::Side& side, std::int64_t length_us,
                int exponent) {
  json.key(name).begin_object();
  json.key("amount").decimal(side.amount, exponent);
  json.key("meters").number(side.meters);
  const auto whole = static_cast<double>(length_us) * static_cast<double>(side.meters);
  json.key("coverage").real(whole > 0 ? static_cast<double>(side.measured_us) / whole : 0.0);
  json.key("not_reporting").begin_array();
  for (const auto& meter : side.not_reporting) json.text(meter);
  json.end_array().end_object();
}

/// In ml, if it is a volume whose steps are not finer.
std::optional<Int128> millilitres(Int128 steps, const v1::Aggregate& like) {
  if (like.unit() != "m3" || like.exponent() < -6 || like.exponent() > 6) return std::nullopt;
  return steps * base::power_of_ten(like.exponent() + 6);
}

void write_loss(JsonWriter& json, const Zone& zone, const meters::Balance& balance, const v1::Aggregate& like,
                std::int64_t length_us) {
  constexpr std::array<std::string_view, 3> kNames{"low", "medium", "high"};
  json.key("loss");
  const auto lost = balance.difference ? millilitres(*balance.difference, like) : std::nullopt;
  if (!lost || zone.network_m == 0) {
    json.null();
    return;
  }
  json.text(kNames[static_cast<std::size_t>(meters::class_of_loss(*lost, zone.network_m, length_us, zone.structure))]);
}

}  // namespace

Answer get_meter_balance(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only(
          {"zone", "devices", "inflow", "measure", "res", "from", "to", "tenant", "network_m", "structure"});
      !known)
    return error_response(known.error());
  const auto zone = zone_of(context, request, caller);
  if (!zone) return error_response(zone.error());
  const auto windows = read_zone(context, caller, *zone);
  if (!windows) return error_response(windows.error());
  JsonWriter json;
  json.begin_object().key("measure").text(zone->filter.measure).key("window").text(zone->filter.window);
  json.key("items").begin_array();
  for (const auto& [start_us, window] : *windows) {
    const auto& like = window.rows.begin()->second;
    const auto length_us = window.end_us - start_us;
    const auto balance =
        meters::balance_of(counted(zone->inflow, window, like), counted(zone->consumption, window, like), length_us);
    json.begin_object();
    json.key("start").text(base::to_rfc3339(base::from_us(start_us)));
    json.key("end").text(base::to_rfc3339(base::from_us(window.end_us)));
    json.key("unit").text(like.unit());
    write_side(json, "inflow", balance.inflow, length_us, like.exponent());
    write_side(json, "consumption", balance.consumption, length_us, like.exponent());
    write_steps(json, "difference", balance.difference, like.exponent());
    write_loss(json, *zone, balance, like, length_us);
    if (zone->filter.window == kDays) {
      const auto night = meters::night_of(start_us, window.end_us);
      const auto inflow = night_inflow(context, caller, *zone, night);
      if (!inflow) return error_response(inflow.error());
      write_steps(json, "night_flow", meters::minimum_flow(*inflow, night), like.exponent());
      json.key("night_clock_change").boolean(night.clock_change);
    }
    json.key("final").boolean(window.final);
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

namespace {

using std::chrono::year_month;
using std::chrono::year_month_day;

/// A month of local days, by the noon of each: it lies on the same date in UTC wherever a zone is less than 12 h away.
year_month_day date_of(std::int64_t day_start_us) {
  const auto noon = base::from_us(day_start_us) + std::chrono::hours{12};
  return year_month_day{std::chrono::floor<std::chrono::days>(noon)};
}

std::string date_text(const year_month_day& date) {
  return base::to_rfc3339(base::Timestamp{std::chrono::sys_days{date}}).substr(0, 10);
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

/// A meter's register over a month.
struct Register {
  std::vector<v1::Aggregate> days;   ///< of the month
  std::vector<meters::Slice> hours;  ///< also of the day before it
};

base::Result<Register> read_register(Context& context, const Caller& caller, const Month& month,
                                     const v1::DeviceView& device, const std::string& measure) {
  Register read;
  AggregateFilter filter{.measure = measure, .window = std::string(kDays), .from = month.from, .to = month.to};
  filter.tenant = device.tenant();
  filter.device = base::DevEui{device.dev_eui()};
  auto days = rows_of_device(context, caller.scope, filter, true);
  if (!days) return std::unexpected(days.error());
  std::erase_if(*days, [&](const auto& day) {
    const auto date = date_of(day.start_us());
    return year_month{date.year(), date.month()} != month.month;
  });
  read.days = std::move(*days);
  filter.window = "PT1H";
  filter.from = month.from - std::chrono::hours{24};
  const auto hours = rows_of_device(context, caller.scope, filter, true);
  if (!hours) return std::unexpected(hours.error());
  for (const auto& hour : *hours) read.hours.push_back(slice_of(hour));
  return read;
}

meters::Quality quality_of_row(const v1::Aggregate& row) { return meters::quality_of(slice_of(row), row.final()); }

void write_reading(JsonWriter& json, std::string_view name, const v1::SequenceEntry* reading, int exponent) {
  json.key(name);
  if (reading == nullptr) {
    json.null();
    return;
  }
  json.begin_object().key("time").text(base::to_rfc3339(base::from_us(reading->time_us())));
  json.key("value").decimal(reading->value(), exponent).end_object();
}

void write_day(JsonWriter& json, const v1::Aggregate& day, const std::vector<meters::Slice>& hours,
               Int128 burst_limit) {
  json.begin_object();
  json.key("date").text(date_text(date_of(day.start_us())));
  json.key("start").text(base::to_rfc3339(base::from_us(day.start_us())));
  json.key("end").text(base::to_rfc3339(base::from_us(day.end_us())));
  json.key("amount").decimal(steps_of(day.counter().amount()), day.exponent());
  json.key("estimated").decimal(steps_of(day.counter().estimated()), day.exponent());
  json.key("quality").text(meters::letter_of(quality_of_row(day)));
  json.key("leak").text(text_of(meters::find_leak(hours, day.end_us())));
  json.key("burst").text(text_of(meters::find_burst(hours, burst_limit, day.end_us())));
  json.key("dry").text(text_of(meters::find_dry(hours, day.end_us())));
  json.key("reverse").text(text_of(meters::find_reverse(hours, 0, day.end_us())));
  json.end_object();
}

void write_register(JsonWriter& json, const v1::SeriesView& series, const Register& read, unsigned days_of_month,
                    Int128 burst_limit) {
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
  const auto obis = meters::obis_of(series.measure());
  json.key("obis");
  obis ? json.text(meters::to_string(*obis)) : json.null();
  json.key("unit").text(series.unit());
  write_reading(json, "first", first, exponent);
  write_reading(json, "last", last, exponent);
  json.key("amount").decimal(amount, exponent);
  json.key("estimated").decimal(estimated, exponent);
  json.key("reverse").decimal(reverse, exponent);
  json.key("resets").number(resets).key("exchanges").number(exchanges).key("quarantined").number(quarantined);
  json.key("quality").text(meters::letter_of(worst));
  json.key("days_missing").number(days_of_month - std::min<std::size_t>(days_of_month, read.days.size()));
  json.key("days").begin_array();
  for (const auto& day : read.days) write_day(json, day, read.hours, burst_limit);
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

}  // namespace

Answer get_meter_report(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "year", "month", "burst_limit", "degree_days"}); !known)
    return error_response(known.error());
  const auto eui = request.query.dev_eui("device");
  if (!eui) return error_response(eui.error());
  if (!*eui) return error_response({"bad_parameter", "device is required"});
  const auto month = month_of(request);
  if (!month) return error_response(month.error());
  const auto burst_limit = thousandths(request, "burst_limit");
  if (!burst_limit) return error_response(burst_limit.error());
  const auto degree_days = thousandths(request, "degree_days");
  if (!degree_days) return error_response(degree_days.error());
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
    // The limit is in thousandths of the unit per hour.
    const auto scale = series.exponent() + 3;
    const auto limit =
        scale <= 0 ? Int128{*burst_limit} * base::power_of_ten(-std::max(scale, -base::kMaxExponent))
                   : base::divide_rounded(*burst_limit, base::power_of_ten(std::min(scale, base::kMaxExponent)));
    write_register(json, series, found->second, static_cast<unsigned>(last_day), limit);
  }
  json.end_array();
  if (auto written = write_heat(context, caller, **device, json, registers, *degree_days); !written)
    return error_response(written.error());
  json.end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
