// Meters' readings at the begin of a month: what a bill is made of, and nothing between.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/meter_month.hpp"
#include "api/meter_rows.hpp"
#include "api/meter_table.hpp"
#include "api/pages.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "processing/meters/measures.hpp"

namespace lenne::api {
namespace {

using storage::views::SeriesItem;

constexpr std::size_t kMetersAtOnce = 500;
/// A reading that is older is none of this key date.
constexpr std::chrono::days kLookBack{100};

struct KeyDate {
  std::chrono::sys_days date;
  std::int64_t time_us;  ///< when its local day begins
};

base::Result<KeyDate> key_date(const Context& context, const Request& request) {
  const auto month = month_asked(request);
  if (!month) return std::unexpected(month.error());
  const std::chrono::sys_days date{*month / 1};
  const auto time_us = day_start_us(context, kLocalDayWindow, date);
  if (!time_us) return base::fail("bad_parameter", "this server has no local days");
  if (*time_us > now_us(context)) return base::fail("bad_parameter", date_text(date) + " has not begun");
  return KeyDate{date, *time_us};
}

struct Reading {
  std::optional<v1::SequenceEntry> entry;
  bool final = false;  ///< none that is nearer to the key date can come
};

/// The last one at or before the key date; of days with readings in quarantine none is taken. Errors: log_read;
/// too_many.
base::Result<Reading> reading_of(Context& context, const Caller& caller, const SeriesItem& item, const KeyDate& key) {
  const storage::views::AggregateFilter filter{.measure = item.series.measure(),
                                               .window = std::string(kLocalDayWindow),
                                               .from = base::from_us(key.time_us) - kLookBack,
                                               .to = base::from_us(key.time_us + 1),
                                               .tenant = item.device.tenant(),
                                               .device = base::DevEui{item.device.dev_eui()}};
  const auto days = rows_of_device(context, caller.scope, filter, true);
  if (!days) return std::unexpected(days.error());
  Reading reading;
  const auto take = [&](bool there, const v1::SequenceEntry& entry) {
    if (!there || entry.time_us() > key.time_us) return;
    if (!reading.entry || entry.time_us() >= reading.entry->time_us()) reading.entry = entry;
  };
  for (const auto& day : *days) {
    // Its readings are steps of its own resolution.
    const bool alike = day.exponent() == item.series.exponent() && day.unit() == item.series.unit();
    // The first or last one may be that which others refute: no bill is made of it.
    const bool doubtful = day.counter().quarantined() > 0;
    if (day.end_us() == key.time_us) reading.final = day.final();
    if (!alike || doubtful) continue;
    take(day.counter().has_first(), day.counter().first());
    take(day.counter().has_last(), day.counter().last());
  }
  return reading;
}

std::vector<RowField> reading_fields(const SeriesItem& item, const KeyDate& key, const Reading& reading) {
  using enum RowField::Form;
  const auto& entry = reading.entry;
  const auto form = entry ? token : name;  // a number, or null
  const bool numbered = entry && entry->meter() != 0;
  return {{"tenant", item.device.tenant()},
          {"site", item.device.site(), name},
          {"dev_eui", base::hex_of(item.device.dev_eui(), 16)},
          {"device", item.device.name()},
          {"measure", item.series.measure()},
          {"obis", obis_text(item.series.measure()), name},
          {"unit", item.series.unit()},
          {"meter", numbered ? std::to_string(entry->meter()) : "", name},
          {"key_date", date_text(key.date)},
          {"time", entry ? base::to_rfc3339(base::from_us(entry->time_us())) : "", name},
          {"value", entry ? base::to_decimal(entry->value(), item.series.exponent()) : "", form},
          {"final", reading.final ? "true" : "false", token}};
}

}  // namespace

Answer get_meter_readings(Context& context, const Request& request, const Caller& caller) {
  if (auto known =
          request.query.only({"year", "month", "measure", "device", "site", "tenant", "format", "limit", "cursor"});
      !known)
    return error_response(known.error());
  const auto format = meter_format(request);
  if (!format) return error_response(format.error());
  const auto key = key_date(context, request);
  if (!key) return error_response(key.error());
  const auto measure = measure_named(request.query.find("measure").value_or("water_volume"));
  if (!measure) return error_response(measure.error());
  if (!processing::meters::is_register(*measure))
    return error_response({"bad_parameter", *measure + " is no register of a meter"});
  const auto device = request.query.dev_eui("device");
  if (!device) return error_response(device.error());
  const auto limit = request.query.size("limit", 100, kMetersAtOnce);
  if (!limit) return error_response(limit.error());
  const auto found = context.queries.series(
      caller.scope, {request.query.text("tenant"), *measure, request.query.text("site"), *device},
      {*limit, request.query.text("cursor"), context.settings.limits.scanned_rows});
  if (!found) return error_response(found.error());
  std::vector<std::vector<RowField>> rows;
  for (const auto& item : found->items) {
    const auto reading = reading_of(context, caller, item, *key);
    if (!reading) return error_response(reading.error());
    rows.push_back(reading_fields(item, *key, *reading));
  }
  if (*format != MeterFormat::json) {
    auto response = table_csv(*format, reading_fields({}, *key, {}), rows);
    if (!found->next.empty()) response.headers.emplace_back("Lenne-Next", found->next);
    return response;
  }
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : rows) write_row(json, row);
  return finish(json, found->next);
}

}  // namespace lenne::api
