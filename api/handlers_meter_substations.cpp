// Substations of district heating in a month, the one that cools worst first.
#include <string>
#include <vector>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/meter_month.hpp"
#include "api/meter_rows.hpp"
#include "api/meter_table.hpp"
#include "api/stored_results.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/rows_by_start.hpp"
#include "processing/meters/heat.hpp"
#include "processing/meters/substations.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
namespace meters = processing::meters;

using base::Int128;
using derived::LocalDay;
using storage::views::SeriesItem;

constexpr std::size_t kMostSubstations = 500;

/// The local days of the month that are over.
base::Result<std::vector<LocalDay>> local_days_over(const Context& context, std::chrono::year_month month) {
  auto days = days_between(context, std::chrono::sys_days{month / 1},
                           std::chrono::sys_days{(month + std::chrono::months{1}) / 1});
  if (!days) return days;
  std::erase_if(*days,
                [now_us = base::to_us(context.deps.clock.now())](const auto& day) { return day.end_us > now_us; });
  return days;
}

/// Reads results, not more in all than one question may look at.
class Budget {
 public:
  Budget(const Context& context, const Caller& caller) : context_(&context), caller_(&caller) {}

  base::Result<std::vector<v1::Aggregate>> read(const SeriesItem& heat, std::string_view measure,
                                                std::string_view window, const Span& span) {
    auto item = heat;
    item.series.set_measure(std::string(measure));
    auto rows = results_of(*context_, *caller_, item, std::string(window), span);
    if (!rows) return rows;
    read_ += rows->size();
    if (read_ > context_->settings.limits.scanned_rows)
      return base::fail("too_many", "too many results at once: name the site, or rank by specific_volume");
    return rows;
  }

 private:
  const Context* context_;
  const Caller* caller_;
  std::size_t read_ = 0;
};

/// The amount of the day, if it is known of as much of it as a day needs.
const v1::Aggregate* known_day(std::span<const v1::Aggregate> rows, const LocalDay& day) {
  const auto* row = derived::row_at(rows, day.start_us);
  return row != nullptr && derived::covered(*row, derived::kDayCoverage) == true ? row : nullptr;
}

Int128 amount_of(const v1::Aggregate& row) { return steps_of(row.counter().amount()); }

/// How warm the water of these days came back, by the hour.
base::Result<void> add_return(Budget& budget, const SeriesItem& item, std::span<const LocalDay> known,
                              meters::Substation& substation) {
  const auto span = span_of_days(known);
  const auto volumes = budget.read(item, "water_volume", kHourWindow, span);
  if (!volumes) return std::unexpected(volumes.error());
  const auto temperatures = budget.read(item, kReturnTemperature, kHourWindow, span);
  if (!temperatures) return std::unexpected(temperatures.error());
  const auto warm = return_temperatures(*temperatures);
  std::vector<meters::ReturnFlow> flow;
  for (const auto& day : known) {
    for (const auto& hour : derived::rows_in(*volumes, day.start_us, day.end_us)) {
      const auto found = warm.find(hour.start_us());
      const auto volume_ml = millilitres(amount_of(hour), hour);
      if (found == warm.end() || !volume_ml) continue;
      flow.push_back({*volume_ml, found->second});
      substation.return_volume_ml += *volume_ml;
    }
  }
  substation.return_ukel = meters::mean_return(flow);
  return {};
}

base::Result<meters::Substation> read_substation(Budget& budget, const SeriesItem& item, std::span<const LocalDay> days,
                                                 meters::Cooling by) {
  meters::Substation substation;
  if (days.empty()) return substation;
  const auto span = span_of_days(days);
  const auto heat = budget.read(item, "heat_energy", kLocalDayWindow, span);
  if (!heat) return std::unexpected(heat.error());
  const auto water = budget.read(item, "water_volume", kLocalDayWindow, span);
  if (!water) return std::unexpected(water.error());
  substation.has_volume = !water->empty();
  std::vector<LocalDay> known;
  for (const auto& day : days) {
    const auto* energy = known_day(*heat, day);
    const auto* volume = known_day(*water, day);
    if (energy == nullptr || volume == nullptr || energy->exponent() != -3) continue;
    const auto volume_ml = millilitres(amount_of(*volume), *volume);
    if (!volume_ml) continue;
    substation.energy_wh += amount_of(*energy);
    substation.volume_ml += *volume_ml;
    known.push_back(day);
  }
  substation.days = static_cast<unsigned>(known.size());
  if (by == meters::Cooling::return_temperature && !known.empty()) {
    if (auto added = add_return(budget, item, known, substation); !added) return std::unexpected(added.error());
  }
  return substation;
}

/// What a list says of each substation, in JSON and CSV.
std::vector<RowField> fields_of(const SeriesItem& item, const meters::Substation& of, std::size_t rank,
                                std::string_view left_out) {
  using enum RowField::Form;
  const auto number = [](std::string_view field, const std::optional<Int128>& value, int exponent) {
    return value ? RowField{field, base::to_decimal(*value, exponent), token} : RowField{field, "", name};
  };
  const auto& device = item.device;
  return {rank > 0 ? RowField{"rank", std::to_string(rank), token} : RowField{"rank", "", name},
          {"tenant", device.tenant()},
          {"site", device.site(), name},
          {"dev_eui", base::to_hex(base::DevEui{device.dev_eui()})},
          {"device", device.name()},
          number("return_temperature", of.return_ukel, -6),
          number("temperature_difference", meters::temperature_difference(of.energy_wh, of.volume_ml), -6),
          number("specific_volume", meters::specific_volume(of.energy_wh, of.volume_ml), -6),
          number("energy", of.energy_wh, -3),
          number("volume", of.volume_ml, -6),
          {"days", std::to_string(of.days), token},
          {"left_out", std::string(left_out), name}};
}

}  // namespace

Answer get_meter_substations(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"year", "month", "site", "tenant", "by", "format"}); !known)
    return error_response(known.error());
  const std::string name(request.query.find("by").value_or("specific_volume"));
  const auto by = meters::cooling_named(name);
  if (!by)
    return error_response(
        {"bad_parameter", "by is return_temperature, temperature_difference or specific_volume, not " + name});
  const auto format = meter_format(request);
  if (!format) return error_response(format.error());
  const auto month = month_asked(request);
  if (!month) return error_response(month.error());
  const auto days = local_days_over(context, *month);
  if (!days) return error_response(days.error());
  const auto items = whole_list(context, request, caller, "heat_energy", kMostSubstations, "substations");
  if (!items) return error_response(items.error());
  Budget budget(context, caller);
  std::vector<meters::Substation> substations;
  for (const auto& item : *items) {
    auto substation = read_substation(budget, item, *days, *by);
    if (!substation) return error_response(substation.error());
    substations.push_back(*substation);
  }
  const auto ranking = meters::rank_substations(substations, *by, static_cast<unsigned>(days->size()));
  std::vector<std::vector<RowField>> rows;
  for (const auto place : ranking.worst_first)
    rows.push_back(fields_of((*items)[place], substations[place], rows.size() + 1, ""));
  for (const auto& [place, why] : ranking.left_out)
    rows.push_back(fields_of((*items)[place], substations[place], 0, meters::name_of(why)));
  if (*format != MeterFormat::json) return table_csv(*format, fields_of({}, {}, 0, ""), rows);
  JsonWriter json;
  json.begin_object().key("month").text(date_text(*month / 1).substr(0, 7)).key("by").text(name);
  json.key("possible_days").number(days->size()).key("items").begin_array();
  for (const auto& row : rows) write_row(json, row);
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
