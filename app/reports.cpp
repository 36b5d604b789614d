#include "app/reports.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace lenne::app {
namespace {

namespace json = boost::json;
using Cells = std::vector<std::string>;

constexpr std::string_view kNothing = "–";

// Columns are named as in the answers (api/openapi.yaml); a test holds them together.
constexpr std::array kReports{
    Report{"air-limits", "air-limits", "Limits of the air's quality in a year: --site, --year", "items",
           "measure mean_of limit allowed exceeded mean kept capture valid humid_share"},
    Report{"batteries", "batteries", "Batteries by when they are empty", "items",
           "device site level slope_per_day empty time"},
    Report{"building", "building", "A building's energy for each degree day, now and before", "",
           "device carrier now.energy now.degree_days now.energy_per_degree_day now.co2 now.days now.valid "
           "before.energy_per_degree_day before.days saving"},
    Report{"charge-points", "charge-points", "Charge points: energy, sessions, time without charging", "items",
           "device site energy sessions occupancy idle_share availability"},
    Report{"heat-hours", "heat-hours", "Hot hours of each day", "items.days",
           "device date hot_hours strong_heat_hours extreme_heat_hours hours heat_index_hours valid"},
    Report{
        "indoor-air", "indoor-air", "Rooms' air on each day, in their opening hours", "items.days",
        "device date open_minutes known_minutes classes.0.share classes.1.share classes.2.share highest_45min valid"},
    Report{"meter", "meter/report", "A month of one meter, day by day: --device, --year, --month", "registers.days",
           "measure date amount estimated quality leak burst dry reverse"},
    Report{"mould", "mould", "Days on which walls are damp enough for mould", "items.days",
           "device date hours critical_hours risk valid"},
    Report{"noise", "noise", "Noise of each day: Lden and its parts", "items.days",
           "device date lden day.level evening.level night.level valid"},
    Report{"parking", "parking", "The bays of a car park: --site", "items",
           "device occupancy coverage arrivals stays mean_minutes"},
    Report{"rooms", "rooms", "How the rooms of a site are used: --site", "days",
           "date open_rooms occupancy coverage peak.occupied peak.start"},
    Report{"street-light", "street-light", "Street light by nights", "items.nights",
           "device date night_hours burn_hours day_burn_hours energy_per_lamp failed valid"},
    Report{"substations", "meter/substations", "Substations of district heating, the worst first: --year, --month",
           "items",
           "rank device site return_temperature temperature_difference specific_volume energy volume days left_out"},
    Report{"thresholds", "thresholds", "The values at which a device's series become alerts: --device", "items",
           "rule measure window statistic comparison threshold severity"},
    Report{
        "traffic", "traffic", "What counters come to: DTV, DTVw, peak hour", "items.counts",
        "device measure total dtv.value dtv.days dtvw.value dtvw.days peak_hour.count peak_hour.start heavy_share v85"},
    Report{"uv", "uv", "The sun of each day", "items.days", "device date highest level protection_hours valid"},
    Report{"waste", "waste", "Containers, those that are due first at the top", "items",
           "device site fill slope due full_hours time"},
    Report{
        "water-levels", "water-levels", "Levels of streams and how fast they rise", "items",
        "device site level rise_per_hour thresholds.0.value thresholds.0.at thresholds.1.value thresholds.1.at time"},
};
static_assert(std::ranges::is_sorted(kReports, {}, &Report::name));

// The part before the first `separator`; the rest stays.
std::string_view take(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) parts.push_back(take(text, separator));
  return parts;
}

const json::value* child(const json::value& of, std::string_view name) {
  if (const auto* object = of.if_object()) return object->if_contains(name);
  const auto* list = of.if_array();
  std::size_t index = 0;
  if (list == nullptr || std::from_chars(name.data(), name.data() + name.size(), index).ec != std::errc{})
    return nullptr;
  return index < list->size() ? &(*list)[index] : nullptr;
}

const json::value* at_path(const json::value& of, std::string_view path) {
  const auto* found = &of;
  while (found != nullptr && !path.empty()) found = child(*found, take(path, '.'));
  return found;
}

std::string text_of(const json::value& value) {
  if (value.is_null()) return std::string(kNothing);
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_double()) {
    auto text = fmt::format("{:.3f}", value.get_double());
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text == "-0" ? "0" : text;
  }
  if (const auto* text = value.if_string()) {
    // 2026-11-24T00:15:26.000001Z
    constexpr std::size_t kSeconds = 19;
    const std::string_view view{text->data(), text->size()};
    const bool is_time = view.size() > kSeconds && view[10] == 'T' && view.ends_with('Z');
    return is_time ? std::string(view.substr(0, kSeconds)) + "Z" : std::string(view);
  }
  return json::serialize(value);
}

// From the innermost outwards: a day's own `valid` goes before its device's.
std::string cell(std::span<const json::value* const> chain, std::string_view column) {
  for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
    if (const auto* found = at_path(**at, column)) return text_of(*found);
  }
  return std::string(kNothing);
}

void collect(const Report& report, std::span<const std::string_view> lists, std::vector<const json::value*>& chain,
             std::vector<Cells>& rows) {
  if (lists.empty()) {
    Cells cells;
    for (const auto column : split(report.columns, ' ')) cells.push_back(cell(chain, column));
    rows.push_back(std::move(cells));
    return;
  }
  const auto* found = child(*chain.back(), lists.front());
  const auto* list = found == nullptr ? nullptr : found->if_array();
  if (list == nullptr) return;
  for (const auto& item : *list) {
    chain.push_back(&item);
    collect(report, lists.subspan(1), chain, rows);
    chain.pop_back();
  }
}

// Characters, not bytes: one begins at each byte that continues none.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::span<const Report> reports() noexcept { return kReports; }

const Report* find_report(std::string_view name) noexcept {
  const auto* found = std::ranges::lower_bound(kReports, name, {}, &Report::name);
  return found != kReports.end() && found->name == name ? found : nullptr;
}

std::vector<Cells> cells_of(const Report& report, const json::value& answer) {
  std::vector<Cells> rows;
  if (!answer.is_object()) return rows;
  std::vector<const json::value*> chain{&answer};
  collect(report, split(report.rows, '.'), chain, rows);
  return rows;
}

std::string table_of(const Report& report, std::span<const Cells> rows) {
  if (rows.empty()) return {};
  const auto names = split(report.columns, ' ');
  std::string text;
  std::vector<std::string> lines(rows.size() + 1);
  for (std::size_t column = 0; column < names.size(); ++column) {
    auto width = width_of(names[column]);
    bool numbers = true;
    for (const auto& row : rows) {
      width = std::max(width, width_of(row[column]));
      numbers = numbers && (row[column] == kNothing || is_number(row[column]));
    }
    const auto add = [&](std::string& line, std::string_view value) {
      const std::string space(width - width_of(value), ' ');
      if (column > 0) line += "  ";
      line += numbers ? space + std::string(value) : std::string(value) + space;
    };
    add(lines.front(), names[column]);
    for (std::size_t row = 0; row < rows.size(); ++row) add(lines[row + 1], rows[row][column]);
  }
  for (auto& line : lines) {
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace lenne::app
