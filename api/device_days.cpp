#include "api/device_days.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace lenne::api {

namespace derived = processing::derived;

base::Result<derived::LocalDay> local_day(const Context& context, std::chrono::sys_days date) {
  const auto start_us = day_start_us(context, kLocalDayWindow, date);
  const auto end_us = day_start_us(context, kLocalDayWindow, date + std::chrono::days{1});
  if (!start_us || !end_us) return base::fail("bad_parameter", "this server has no local days");
  return derived::LocalDay{date, *start_us, *end_us};
}

base::Result<std::vector<derived::LocalDay>> days_between(const Context& context, std::chrono::sys_days from,
                                                          std::chrono::sys_days to) {
  std::vector<derived::LocalDay> days;
  for (auto date = from; date < to; date += std::chrono::days{1}) {
    auto day = local_day(context, date);
    if (!day) return std::unexpected(day.error());
    days.push_back(*day);
  }
  return days;
}

base::Result<std::vector<derived::LocalDay>> local_days(const Context& context, const Request& request,
                                                        const SpanNames& names, std::chrono::days absent,
                                                        std::chrono::days longest) {
  auto span = span_of(context, request, absent, names);
  if (!span) return std::unexpected(span.error());
  if (span->to - span->from > longest)
    return base::fail("bad_parameter", std::string(names.from) + " and " + std::string(names.to) + " are at most " +
                                           std::to_string(longest.count()) + " days apart");
  // A day's beginning may lie on either side of its date in UTC.
  auto found = days_between(context, std::chrono::floor<std::chrono::days>(span->from) - std::chrono::days{1},
                            std::chrono::floor<std::chrono::days>(span->to) + std::chrono::days{2});
  if (!found) return found;
  std::erase_if(*found, [from_us = base::to_us(span->from), to_us = base::to_us(span->to)](const auto& day) {
    return day.start_us < from_us || day.start_us >= to_us;
  });
  return found;
}

base::Result<DeviceDays> device_days(Context& context, const Request& request, const Caller& caller,
                                     std::string_view measure, const DayLimits& limits) {
  auto device = request.query.dev_eui("device");
  if (!device) return std::unexpected(device.error());
  if (!*device && request.query.text("site").empty()) return base::fail("bad_parameter", "device or site is required");
  auto limit = request.query.size("limit", limits.devices, limits.most_devices);
  if (!limit) return std::unexpected(limit.error());
  auto found = local_days(context, request, {}, limits.absent, limits.longest);
  if (!found) return std::unexpected(found.error());
  auto series = context.queries.series(
      caller.scope, {request.query.text("tenant"), std::string(measure), request.query.text("site"), *device},
      {*limit, request.query.text("cursor"), context.settings.limits.scanned_rows});
  if (!series) return std::unexpected(series.error());
  DeviceDays asked{std::move(series->items), std::move(series->next), std::move(*found)};
  // Without a day there is nothing to say of anybody.
  if (asked.days.empty()) asked.items.clear();
  return asked;
}

Span span_of_days(std::span<const derived::LocalDay> of, std::chrono::hours before, std::chrono::hours after) {
  return {base::from_us(of.front().start_us) - before, base::from_us(of.back().end_us) + after};
}

base::Result<v1::Device> declared(const Context& context, const Caller& caller, const v1::DeviceView& device) {
  const auto eui = base::to_hex(base::DevEui{device.dev_eui()});
  auto object = context.queries.object(caller.scope, "device/" + eui);
  if (!object) return std::unexpected(object.error());
  if (!*object) return base::fail("not_found", "no device " + eui + " is declared");
  return (**object).object().device();
}

base::Error naming(const v1::DeviceView& device, const base::Error& error) {
  return {error.code, "device " + base::to_hex(base::DevEui{device.dev_eui()}) + ": " + error.message};
}

base::Result<derived::OpeningHours> opening_hours(const Context& context, const Caller& caller,
                                                  const v1::DeviceView& device) {
  auto object = declared(context, caller, device);
  if (!object) return std::unexpected(object.error());
  auto hours = derived::opening_hours_of(*object);
  if (!hours) return std::unexpected(naming(device, hours.error()));
  return hours;
}

void write_day(JsonWriter& json, const derived::LocalDay& day) {
  json.key("date").text(date_text(day.date));
  json.key("start").text(base::to_rfc3339(base::from_us(day.start_us)));
  json.key("end").text(base::to_rfc3339(base::from_us(day.end_us)));
}

}  // namespace lenne::api
