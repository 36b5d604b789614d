// docs/aggregates.md is what the registries say: this makes it, and fails when the file is another.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "processing/aggregates/engine.hpp"
#include "processing/derived/air_limits.hpp"
#include "processing/derived/climate_protection.hpp"
#include "processing/derived/derivations.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/noise.hpp"
#include "processing/derived/periods.hpp"
#include "processing/meters/mscons.hpp"
#include "processing/meters/purpose.hpp"
#include "processing/meters/quality.hpp"
#include "processing/window_settings.hpp"

namespace lenne::processing::derived {
namespace {

// Tables of Markdown take a bar as an end of a cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out.empty() ? "–" : out;
}

std::string number(double value) { return fmt::format("{:g}", value); }

struct EngineText {
  std::string_view name, of, result, coverage;
};
// Each engine of the registry has a row here; the rules in full are in internals/processing.md.
constexpr EngineText kEngines[] = {
    {"gauge", "values at a time: temperature, level",
     "count, mean, min, max (with times), sum, standard deviation; of sound_level and speed percentiles (within 1 %)",
     "share of the nominal intervals that have a sample"},
    {"held", "gauges of devices that report changes, by their schema (`kind: HELD`)",
     "count, mean by time, min, max (with times)", "time in which the value is known"},
    {"event", "amounts since the last sample: rain, people, uplinks lost", "count, sum, min, max",
     "share of the nominal intervals that have a sample"},
    {"counter", "registers of meters and tips",
     "sum between readings with its interpolated and estimated parts, rollovers, exchanges, resets, quality (W, I, E, "
     "M, P)",
     "time between readings that are at most 24 h apart, of electricity 2 h"},
    {"state_duration", "what lasts: a bay is taken, a door is open",
     "share and time in a state other than 0, transitions", "time in which the state is known"},
};

std::string engines_section() {
  std::string out =
      "## Engines\n\nA sample's kind says which engine takes it. What each does exactly is in "
      "[internals/processing.md](internals/processing.md).\n\n| engine | of | a result has | coverage "
      "|\n|---|---|---|---|\n";
  for (const auto* engine : aggregates::engines()) {
    const auto* text = std::ranges::find(kEngines, engine->name(), &EngineText::name);
    EXPECT_NE(text, std::end(kEngines)) << "describe the engine " << engine->name();
    if (text == std::end(kEngines)) continue;
    out += fmt::format("| {} | {} | {} | {} |\n", text->name, text->of, text->result, text->coverage);
  }
  return out + "\nA result is `valid` when its coverage is at least 75 % (39. BImSchV, annex 7, of an hour).\n";
}

std::string hours(std::int64_t us) {
  const auto seconds = us / 1'000'000;
  if (seconds % 86'400 == 0) return fmt::format("{} d", seconds / 86'400);
  if (seconds % 3600 == 0) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} min", seconds / 60);
}

std::string windows_section() {
  std::string out =
      "## Windows\n\nBy setting (`windows.sizes`). `1h/10m` is an hour that begins each ten minutes, `24h` a day of "
      "UTC. "
      "A result is final when its window has ended and the grace is over, and is corrected until the horizon. Hours "
      "and "
      "local days are rolled up to sites, areas, tenants, districts and the region "
      "([internals/rollups.md](internals/rollups.md)).\n\n"
      "| series | shortest window | grace | horizon |\n|---|---|---|---|\n";
  const WindowSettings settings;
  const std::pair<const char*, const char*> kinds[] = {{"temperature", "all others"},
                                                       {"parking_occupied", "parking"},
                                                       {"water_volume", "meters"},
                                                       {"low_battery", "what a device says of itself"},
                                                       {"uplinks_lost", "the network's own measures"}};
  for (const auto& [measure, name] : kinds) {
    const auto series = series_class_of(measure);
    std::uint32_t shortest_s = 0;
    for (const std::uint32_t length : {60U, 300U, 900U, 3600U}) {
      if (shortest_s == 0 && has_windows(series, {0, length})) shortest_s = length;
    }
    out += fmt::format("| {} | {} | {} | {} |\n", name, shortest_s == 60 ? "any" : hours(shortest_s * 1'000'000LL),
                       hours(settings.grace_us(series)), hours(settings.horizon_us(series)));
  }
  out += "\n| days | window | begin at | of |\n|---|---|---|---|\n";
  constexpr std::string_view kMeasures[] = {"temperature", "pm2_5",         "pm10",       "no2",         "o3",
                                            "so2",         "precipitation", "gas_volume", "water_volume"};
  for (const auto& info : kCalendars) {
    std::string of;
    std::size_t count = 0;
    for (const auto measure : kMeasures) {
      if (!has_windows(series_class_of(measure), {0, 86'400, info.calendar})) continue;
      of += fmt::format("{}`{}`", of.empty() ? "" : ", ", measure);
      ++count;
    }
    out += fmt::format("| `{}` | `{}` | {:02}:00 {} | {} |\n", info.setting, info.window, info.start_hour,
                       info.time_zone.empty() ? "of the settings' time zone" : info.time_zone,
                       count == std::size(kMeasures) ? "all" : of);
  }
  out +=
      "\nMonths and years are made of such days when somebody asks for them (`res` of `/v1/agg`): sums, counts, "
      "extremes "
      "and coverage are exactly what their days add up to, and begin and end with them.\n\n"
      "| `res` | window | made of |\n|---|---|---|\n";
  for (const auto& kind : period_kinds())
    out += fmt::format("| `{}` | `{}` | `{}` |\n", kind.name, kind.window, kind.day);
  return out;
}

std::string derivations_section() {
  std::string out =
      "## Derived measures\n\nComputed with each uplink of a device whose use case asks for them (`derive`), from the "
      "uplink's own samples of "
      "one time. They are samples like all others: they have windows, results and flags, and a flagged input gives a "
      "flagged result. Results are rounded half "
      "away from zero to the resolution. Where a formula says nothing there is no sample.\n\nA parameter is the "
      "device's own, else the use "
      "case's. An input in brackets may also be a parameter of that name.\n\n"
      "| measure | unit | resolution | kind | credible | inputs | parameters | formula | source "
      "|\n|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& each : derivations()) {
    std::string inputs, parameters;
    for (const auto& input : each.inputs) {
      if (input.measure.empty()) break;
      if (!inputs.empty()) inputs += ", ";
      inputs += input.or_parameter ? fmt::format("[{}]", input.measure) : std::string(input.measure);
    }
    for (const auto& parameter : each.parameters) {
      if (parameter.name.empty()) break;
      if (!parameters.empty()) parameters += ", ";
      parameters += parameter.name;
      if (!parameter.unit.empty()) parameters += fmt::format(" ({})", parameter.unit);
      if (parameter.absent) parameters += fmt::format(", {} when absent", number(*parameter.absent));
    }
    out += fmt::format("| `{}` | {} | 10^{} | {} | {} to {} | {} | {} | {} | {} |\n", each.measure, cell(each.unit),
                       each.exponent, each.kind == v1::KIND_STATE ? "state" : "gauge", number(each.min),
                       number(each.max), inputs, cell(parameters), cell(each.text), cell(each.source));
  }
  return out;
}

std::string indicators_section() {
  std::string out =
      "## Indicators\n\nWhat one result means. They are computed when a result is read, and stand in the rows of "
      "`/v1/agg` (`indicators`). An indicator is "
      "valid when the window is covered to the share named here, or when no missing sample could change it: one moment "
      "of 30 °C "
      "makes a hot day. *Indicative* ones come from sensors that are no reference instruments and prove no "
      "compliance.\n\n"
      "| indicator | of | windows | unit | rule | coverage | version | indicative | source "
      "|\n|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& spec : indicator_specs()) {
    out +=
        fmt::format("| `{}` | {} | {} | {} | {} | {} % | {} | {} | {} |\n", spec.name, spec.measure, spec.windows.text,
                    cell(spec.unit), cell(spec.text), number(static_cast<double>(spec.least_coverage) / 10),
                    spec.version, spec.indicative ? "yes" : "no", cell(spec.source));
  }
  return out;
}

std::string levels_section() {
  std::string out =
      "## Classes\n\nThe bounds of classes, from the first one to the last. Those of air quality and of the UV index "
      "are judged after rounding to a whole "
      "number, half up. Not read again in the original: the Magnus constants, the wind chill's, the classes of the "
      "heat index.\n\n"
      "| table | version | classes | source |\n|---|---|---|---|\n";
  for (const auto& table : level_tables()) {
    std::string classes;
    for (std::size_t i = 0; i < table.levels.size(); ++i) {
      const auto& level = table.levels[i];
      if (i > 0)
        classes +=
            fmt::format(", {} {} ", level.beyond ? ">" : "from", number(static_cast<double>(level.from) / kMicro));
      classes += level.name;
    }
    out +=
        fmt::format("| {}{} | {} | {} | {} |\n", table.name, table.unit.empty() ? "" : fmt::format(" ({})", table.unit),
                    table.version, classes, cell(table.source));
  }
  return out;
}

constexpr std::string_view kSpans = R"(## Over several results

| what | rule | valid | source |
|---|---|---|---|
| climate days of a month or year (`/v1/climate-days`) | the sum of the days' indicators; yes counts as 1. Of temperature, soil_water_share (irrigation_needed) and global_irradiance (global_radiation) | each day that is over has a valid one | Deutscher Wetterdienst |
| `tropical_night` | no sample below 20.0 °C from 18 to 06 UTC; of the day on which the night ends | 87.5 % of its hours, or one sample below | Deutscher Wetterdienst |
| growth start | first day on which grassland_temperature sums up to 200 Kd since 1 January | all days before are | Ernst and Loeper 1976 |
| air quality index (`/v1/air-quality`) | the class of the worst pollutant of an hour; incomplete unless all five are measured | of hours that are covered to 75 % | Umweltbundesamt |
| running means of 8 h and 24 h | mean of the hours' means; it belongs to the hour with which it ends | at least 6 of 8, 18 of 24 hours, else there is none | 39. BImSchV, annex 7 |
| ozone of a day (`ozone_days` of `/v1/air-quality`) | highest of the 24 means of 8 h that end on a day of UTC+1; exceeded above 120 ug/m3 | 18 of them, or exceeded | 39. BImSchV, § 9 and annex 7 |
| AOT40 | sum of what ozone has beyond 80 ug/m3 in hours from 8 to 20 CET, May to July; nothing is scaled up | at least 90 % of the possible hours | 39. BImSchV, annex 1 |
| limits of a year (`/v1/air-limits`) | hours and days whose mean is above the limit, of ozone days whose highest mean of 8 h is, and the mean of all hours of the year, against the table of limits; a day's mean is that of its hours' means | a day has 18 of 24 hours; 90 % of the hours or days that are over have a mean (85 % from 2030 on; of ozone in each month from April to September but one), or more than allowed are exceeded | 39. BImSchV, annexes 7 and 11; see limits of the air |
| ozone's target (`over_years` of `/v1/air-limits`) | days of a year whose highest mean of 8 h is above 120 ug/m3, as the mean of the year and the two before it, as far as they are over and valid; it says of how many years it is; kept up to 25 | at least one of the years is | 39. BImSchV, § 9; 2008/50/EC, annex VII |
| humid hours (`humid` of `/v1/air-quality`, `humid_share` of `/v1/air-limits`) | of pm10 and pm2_5: hours in which the same devices' relative_humidity is above 85 % on average; marked, left out of nothing | of hours covered to 75 % | own rule |
| sliding rain sums (`/v1/rain`) | sum of the last 1, 6, 12, 24, 48 and 72 hours, and its level | each hour is there and covered, or the highest level is reached | Deutscher Wetterdienst |
| rain events (`/v1/rain-events`) | rain of quarter hours that 6 dry hours separate from other rain: sum, duration, hours with rain, highest quarter hour in mm/h | nothing is missing from 6 h before it until 6 h after it | own rule; urban hydrology takes 4 to 6 h |
| wind (`/v1/wind`) | mean of wind_speed; direction = atan2(-eastward_wind, -northward_wind) of the components' means, none below 10 % of the mean speed (own rule); highest sample and highest wind_speed.gust. wind_direction itself is an angle: it has latest values and readings, no windows and no roll-ups | 75 % of the window | WMO-No. 8, part I, chapter 5 |
| heat island (`/v1/heat-island`) | mean from 22 to 06 local of the temperature minus that of reference sites, each moved to the site's altitude by 0.65 K in 100 m | at least 75 % of the night's hours | own rule |
| hot hours of a local day (`/v1/heat-hours`) | hours of at least 30 °C on average; of a mean heat index of at least 32 and 38 °C. Deutscher Wetterdienst's warnings at these numbers look at another measure | 87.5 % of the hours, each covered to 75 % | own rule |
| noise of a local day (`/v1/noise`) | LAeq of the mean energy of the hours of day, evening and night; Lden = 10 lg((12 10^(Lday/10) + 4 10^((Levening+5)/10) + 8 10^((Lnight+10)/10)) / 24). The night belongs to the day on which it begins; of 7 and 9 hours when the clock is changed. Indicative | each part of which 75 % of the hours are covered to 75 % | see hours of noise |
| indoor air (`/v1/indoor-air`) | quarter hours of co2 within the opening hours, by their class; first one above 1000 ppm; highest mean of three in a row | 75 % of the opening hours' quarters, each covered to a half | Umweltbundesamt; 45 min are a lesson |
| mould (`/v1/mould`) | hours of a local day with mould_humidity >= 80 %; a risk when there are 12 on each of 5 days in a row (version 1; the duration is not verified) | no missing hour could change it | DIN 4108-2; DIN-Fachbericht 4108-8 |
| DTV and DTVw (`/v1/traffic`) | mean of the sums of local days; of those from Monday to Friday without holidays of North Rhine-Westphalia | each day is there and covered to 87.5 %; others are left out, nothing is scaled up | usual in German road traffic counts; the share is an own rule |
| peak hour, presence | highest sum of four quarter hours in a row; in less out since 3 o'clock local, when nobody is inside | – | own rule |
| hour of the week (`/v1/week-profile`) | of each of the 168 hours by the local clock: median, 95th percentile (nearest rank) and highest of the hours' values in the weeks asked for: sums of counts, means of gauges, occupied / known time of states; of an hour that comes twice the first | hours covered to 75 %; a median needs 4 weeks, a 95th percentile 20: of fewer it is the highest value | own rule |
| heavy share, v85 | heavy_vehicles in vehicles; the speed that 85 % of the samples do not exceed, of days' merged distributions, within 1/128 | – | definition |
| filling of containers (`/v1/waste`) | median slope of all pairs of hours since the last emptying (a fall of at least 30 points); due when it reaches 80 % | at least 3 hours over 12 h; the newest 128 count | Theil 1950, Sen 1968 |
| car park (`/v1/parking`) | occupancy = occupied / known time of all bays; turnover = arrivals / bays / days; mean, median and p85 of the stays that ended and whose length the quarter hours tell exactly, others are counted; peak of the quarter hours' means of occupied / bays; overstays by the parameter max_stay | coverage says | definition |
| rooms (`/v1/rooms`) | occupied / known time of the opening hours; most rooms at once in a quarter hour | coverage says | definition |
| rooms by their CO2 (`proxy` of `/v1/rooms`) | without a sensor of presence, and only where the device says `presence_by_co2`: quarter hours whose mean of co2 is at least 200 ppm above the outside air (`outdoor_co2`, 430 when absent) count as taken (version 1). A room that was left counts until it is aired | of quarters covered to a half | own rule |
| UV (`/v1/uv`) | highest uv_index of a local day; quarter hours whose mean is at least 3 | 75 % of the day's quarters, each covered to a half | WHO 2002, Global Solar UV Index |
| rise of levels (`/v1/water-levels`; water_level, groundwater_level) | median slope of all pairs of the quarter hours' means of the last hour, and of the last 15 min: the two newest quarters, one pair, so a wrong one bends it; when the level reaches w1 to w3 by the hour's slope. Alerts look at the samples of 15 and 60 min instead | at least three of the hour's five quarters, both of 15 min | Theil 1950, Sen 1968 |
| batteries (`/v1/batteries`) | median slope of all pairs of local days of battery_level; when it falls to 10 % | at least 14 days; the newest 100 count | Theil 1950, Sen 1968 |
| charge points (`/v1/charge-points`) | energy, arrivals, occupied / known time; occupied time in quarter hours below 100 W on average, of the time whose energy is measured; known / all time; stays as of a car park | coverage says | own rule |
| charge sessions (`ended_sessions` of `/v1/charge-points`) | begin and end of the stays that ended and whose length is known; energy of the quarter hours which one touches | all of those are measured as a whole, and nobody else stood there in one | own rule |
| street light (`/v1/street-light`) | quarter hours between sunset and sunrise with at least 1 W for each lamp; dark all the night is a failure | 75 % of the night's quarters | NOAA, general solar position calculations; own rule |
| building (`/v1/building`) | energy / degree days (Gt20/15) of days on which both are known; saving = 1 - (E / Gt) / (E0 / Gt0); CO2 = energy times the carrier's factor | each day is there, both covered to 87.5 % | VDI 2067, VDI 4710; own rule |

)";

constexpr std::string_view kMeters = R"(## Meters

The exact rules are in [internals/meters.md](internals/meters.md). Findings are yes, no or unknown, over the time before a local day's end.

| what | rule | valid | source |
|---|---|---|---|
| leak (`leak` of `/v1/meter/report`) | no full hour of standstill in 24 h | all of it between readings at the hours' edges | alarms of German water utilities' meters |
| burst (`burst`) | mean flow above `burst_limit` for 30 min | the same, or too little ran for a burst | alarms of German water utilities' meters |
| unusual flow (`unusual_flow`) | three hours on end, the last of which lies in the day, each above the 95th percentile of its hour of the week in the `usual_weeks` before the month | hours and percentiles as of the hour of the week; no missing hour could change it | own rule |
| dry, reverse (`dry`, `reverse`) | nothing ran for 7 days; anything ran backwards in 24 h | all of it is measured, or some flow says no | alarms of German water utilities' meters |
| tamper (`tamper`) | a contact of the device was open in the month | known all the month | alarms of German water utilities' meters |
| slow leak (`slow_leak`) | one-sided cumulative sum of days' least hours over the month and four weeks before it | at least 21 days of sharp hours | Page 1954 |
| substitutes (`substitute`) | what ran between readings that are too far apart, by comparable days of the same meter in the four weeks before; else by those of all the tenant's meters (standard profile); else even; each scaled to what ran, exactly | a standard profile needs at least 5 sites in each hour | order of the Austrian ElWG, § 55; own rules |
| balance of a zone (`/v1/meter/balance`) | inflow - sum of its meters | of both sides 95 % of the meters' time is measured | own rule |
| minimum night flow, net night flow | least hour of inflow from 02 to 04 local, by quarters; less `night_use` of each meter | all inflow meters' quarters are measured | usual in German water supply; night_use is the reader's |
| class of loss (version 1) | loss in m3 per km and h: low below 0.05 (rural), 0.07 (urban), 0.10 (city), high above 0.10, 0.15, 0.20 | as the balance | DVGW W 400-3-B1 |
| return temperature, temperature difference, specific volume (`heat`) | sum(V T) / sum(V) of hours; E / (1.163 kWh/(m3 K) V); V / E in m3/MWh | – | definition |
| heat for each degree day, full-load hours | E / Gt20/15 of the month; E / nominal power | – | VDI 2067; definition |
| worst substations (`/v1/meter/substations`) | warmest return, smallest difference or largest specific volume first, of the month's local days on which heat and water are both covered to 87.5 % | at least 75 % of the days that are over; by return temperature also 75 % of the water; who has no place is told with the reason | own rule |

)";

constexpr std::string_view kMeans = R"(## Means

A mean is that of the samples unless it is in this table: a device that sends more often in a part of a window counts more there. Between samples nothing is known, and a bag of samples does not know how long a value held ([internals/processing.md](internals/processing.md)). Of a device that sends when something changes, its schema says so, and its mean is one of time. Where a norm asks for means of hours, or a device's own rhythm must not weigh, the mean is made of results:

| mean | of | so that |
|---|---|---|
| running means of 8 h and 24 h, days and years of `/v1/air-limits` | hours' means | each hour has the same weight (39. BImSchV, annex 7); `day_limit_exceeded` of a day's own result is of samples |
| LAeq of day, evening and night, Lden | hours' means of `sound_energy` | the same. The mean of `sound_level` itself is one of decibels, and no LAeq: it is not rolled up; 10 lg of the mean of `sound_energy` is a level of places |
| heat island | hours' means | nights of places are compared |
| wind's direction | components of samples | an angle has no mean |
| held: gauges of devices that report changes | time | weighted by how long a value held, at most two intervals (two hours if the interval is unknown) |
| state: share of occupied time | time | weighted by how long a state held, at most two intervals |
| counter: sum of a window | time between readings | spread evenly between them |
| sites, areas, tenants, districts, region | members' means | each device in its site, each site above, has the same weight |

## Not computed

| what | why |
|---|---|
| no-shows of rooms, charge points and bays | a no-show is a booking that nobody came for. Bookings are in other programs, and Lenne has none: of what is measured, a free room that was booked looks like a free room |
| how many people are in a room by its CO2 | needs the room's volume and air change; whether somebody is there `/v1/rooms` tells as a proxy, where the device says so |
| perceived temperature (Gefühlte Temperatur) | the Klima-Michel model needs radiation, wind and clothing; from temperature and humidity alone there is the heat index |
| water saved by irrigation | needs to know what would have been watered |

## The radio network

In about the last day, unless it says otherwise. The first three are also series with windows ([internals/processing.md](internals/processing.md)).

| what | rule | source |
|---|---|---|
| loss of a device (`uplinks_lost`, `/v1/network/devices`) | lost / (lost + arrived), by the gaps of FCnt in each session | definition |
| time on the air (`gateway_uplink_airtime`, `gateway_downlink_airtime`) | Semtech's formula, of the PHYPayload | SX1276, 4.1.1.7 |
| foreign traffic (`gateway_foreign_frames`, `gateway_foreign_airtime`) | data frames whose address no device of the network server has | definition |
| availability of a gateway (`/v1/network/gateways`) | share of the minutes in which something came from it | own rule |
| link margin | SNR of the best copy minus what its spreading factor needs: -7.5 dB at SF7, 2.5 dB less with each | SX1276 |
| duty cycle (`sub_bands` of `/v1/network/gateways`) | airtime that a gateway said it sent within a sliding hour, by sub-band, and what is left of 0.1, 1 or 10 % of the hour; by five minutes, those at the hour's edge count whole. Refused downlinks are counted, those for want of airtime by themselves | ETSI EN 300 220-2; its 10 % was not read again |
| channel load | airtime heard on a frequency / time since the gateway was first heard | definition |
| distinct gateways of a device (`heard_by`) | of the kept parts of six hours; exact up to 16 gateways in each, and it says when there were more | definition |
| distinct devices of a gateway, devices that it alone hears (`/v1/network/coverage`) | of the devices that one may see; exact as long as their gateways are | definition |

## Windows that slide

Windows of results are tumbling (`15m`, `1h`, days) or hopping (`1h/10m`). These are sliding, and computed of stored results when somebody reads:

| what | slides by | over |
|---|---|---|
| rain sums of 1 to 72 h | hours | hours |
| running means of 8 h and 24 h | hours | hours |
| peak hour of traffic, 45 min of co2 | quarter hours | quarter hours |
| minimum night flow | quarter hours | quarter hours |
| duty cycle | five minutes | what was sent |

Stays, charge sessions and rain events are sessions: they last as long as something lasts, and their gap rule stands above.
)";

std::string purposes_section() {
  const auto time = [](std::int64_t us) { return us == 0 ? std::string("–") : hours(us); };
  std::string out =
      "## Purposes of meters\n\nWhat a connection is for (`meter_purpose` of a Device) changes the rules of findings; "
      "version 1, own numbers but for those of the first. A finding without a number is not judged.\n\n"
      "| purpose | leak: never at rest for | burst: above the limit for | dry: nothing for | unusual: hours on end "
      "|\n|---|---|---|---|---|\n";
  for (const auto& [name, rules] : meters::kPurposes)
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, time(rules.standstill_us), time(rules.burst_us),
                       time(rules.dry_us), rules.unusual_hours == 0 ? "–" : std::to_string(rules.unusual_hours));
  return out;
}

std::string quality_section() {
  constexpr std::pair<meters::Quality, const char*> kMeanings[] = {
      {meters::Quality::true_value, "readings within two minutes of both edges"},
      {meters::Quality::interpolated, "spread evenly between readings that are near enough"},
      {meters::Quality::substitute, "between readings that are too far apart"},
      {meters::Quality::missing, "of some of the time nothing is known"},
      {meters::Quality::provisional, "not final: readings may still come"}};
  std::string out =
      "## Quality of meters' amounts\n\nThe worst part of a window names it. MSCONS is the German energy market's "
      "message; its qualifiers (QTY) are version 1, and 220 was not verified.\n\n"
      "| letter | meaning | MSCONS |\n|---|---|---|\n";
  for (const auto& [quality, meaning] : kMeanings)
    out +=
        fmt::format("| {} | {} | {} |\n", meters::letter_of(quality), meaning, cell(meters::mscons_status_of(quality)));
  return out;
}

std::string limits_section() {
  std::string out =
      "## Limits of the air\n\nWhat is above exceeds; means of hours, days and years in whole ug/m3, rounded half up. "
      "`three_hours` are thresholds of alerts: three hours in a row that are all above. "
      "All of it is indicative. Those "
      "from "
      "2030 on were not read in their final form: the hours of NO2 may be exceeded once by the proposal; there are "
      "none of SO2 and ozone here.\n\n"
      "| measure | mean of | years | limit | may be exceeded | data capture | version | source "
      "|\n|---|---|---|---|---|---|---|---|\n";
  for (const auto& limit : air_limits()) {
    const auto years = limit.from_year == 0 ? fmt::format("until {}", limit.until_year - 1)
                                            : fmt::format("from {} on", limit.from_year);
    const auto times = limit.mean == AirMean::year ? "–"
                       : limit.mean == AirMean::three_hours
                           ? "never"
                           : fmt::format("{} {}", limit.allowed, limit.mean == AirMean::hour ? "hours" : "days");
    out += fmt::format("| {} | {} | {} | {} | {} | {} % | {} | {} |\n", limit.pollutant, name_of(limit.mean), years,
                       limit.limit, times, limit.capture_thousandths / 10, limit.version, cell(limit.source));
  }
  return out;
}

std::string noise_hours_section() {
  std::string out =
      "## Hours of noise\n\nBy the local clock; the weights of Lden stay 12, 4 and 8 hours.\n\n"
      "| table | version | day | evening | night | source |\n|---|---|---|---|---|---|\n";
  for (const auto& table : noise_hours())
    out +=
        fmt::format("| {} | {} | {:02}-{:02} | {:02}-{:02} | {:02}-{:02} | {} |\n", table.name, table.version,
                    table.day, table.evening, table.evening, table.night, table.night, table.day, cell(table.source));
  return out;
}

std::string factors_section() {
  std::string out =
      "## CO2 of energy\n\nFrom a year on until the carrier's next row; years before have none. None was read again in "
      "the original.\n\n"
      "| carrier | from | kg/kWh | version | source |\n|---|---|---|---|---|\n";
  for (const auto& factor : emission_factors())
    out += fmt::format("| {} | {} | {} | {} | {} |\n", factor.carrier,
                       factor.from_year == 0 ? std::string("ever") : std::to_string(factor.from_year),
                       number(static_cast<double>(factor.micro) / kMicro), factor.version, cell(factor.source));
  return out;
}

std::string page() {
  return "# What is computed\n\nMade from the program's registries by `tests_processing_derived`; a test fails when "
         "this page is another.\n\n" +
         derivations_section() + "\n" + engines_section() + "\n" + windows_section() + "\n" + indicators_section() +
         "\n" + levels_section() + "\n" + std::string(kSpans) + std::string(kMeters) + std::string(kMeans) + "\n" +
         limits_section() + "\n" + noise_hours_section() + "\n" + factors_section() + "\n" + purposes_section() + "\n" +
         quality_section();
}

TEST(AggregatesPage, IsWhatTheRegistriesSay) {
  const auto made = page();
  std::ifstream file(LENNE_SOURCE_DIR "/docs/aggregates.md", std::ios::binary);
  const std::string there(std::istreambuf_iterator<char>(file), {});
  if (made != there) std::ofstream(LENNE_BINARY_DIR "/aggregates.md", std::ios::binary) << made;
  EXPECT_TRUE(made == there) << "docs/aggregates.md is stale: copy " LENNE_BINARY_DIR "/aggregates.md over it";
}

}  // namespace
}  // namespace lenne::processing::derived
