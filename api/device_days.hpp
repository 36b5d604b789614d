#pragma once
// Questions about devices and local days: `device` or `site`, `from`, `to`, `limit` and `cursor`, answered by a list
// with one item for each device. What an item says is the handler's.

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "api/json_writer.hpp"
#include "api/pages.hpp"
#include "api/request.hpp"
#include "api/stored_results.hpp"
#include "processing/derived/local_days.hpp"
#include "processing/derived/opening_hours.hpp"

namespace lenne::api {

/// How much one question may ask for.
struct DayLimits {
  std::chrono::days absent{7};    ///< from `from`, when it is absent, to `to`
  std::chrono::days longest{93};  ///< between them
  std::size_t devices = 5;        ///< when `limit` is absent
  std::size_t most_devices = 20;
};

struct DeviceDays {
  std::vector<storage::views::SeriesItem> items;    ///< one series of each device, or several that follow each other
  std::string next;                                 ///< the cursor of the next page; empty: there is none
  std::vector<processing::derived::LocalDay> days;  ///< ascending, without gaps
};

/// The local days that begin in [from, to). Errors: bad_parameter (from after to, more than `longest` apart, or this
/// server has no local days).
[[nodiscard]] base::Result<std::vector<processing::derived::LocalDay>> local_days(const Context& context,
                                                                                  const Request& request,
                                                                                  const SpanNames& names,
                                                                                  std::chrono::days absent,
                                                                                  std::chrono::days longest);
/// The day of that date. Error bad_parameter: this server has no local days.
[[nodiscard]] base::Result<processing::derived::LocalDay> local_day(const Context& context, std::chrono::sys_days date);
/// Those of the dates in [from, to), ascending. Error as above.
[[nodiscard]] base::Result<std::vector<processing::derived::LocalDay>> days_between(const Context& context,
                                                                                    std::chrono::sys_days from,
                                                                                    std::chrono::sys_days to);

/// The series of `measure` (empty: all) of the device or the site, and the days. Which parameters there may be is the
/// handler's to check. Errors: bad_parameter, log_read, bad_cursor.
[[nodiscard]] base::Result<DeviceDays> device_days(Context& context, const Request& request, const Caller& caller,
                                                   std::string_view measure, const DayLimits& limits);

/// From the first day's begin to the last one's end, moved by `before` and `after`. `of`: at least one.
[[nodiscard]] Span span_of_days(std::span<const processing::derived::LocalDay> of, std::chrono::hours before = {},
                                std::chrono::hours after = {});

/// What is declared of a device. Errors: log_read; not_found.
[[nodiscard]] base::Result<v1::Device> declared(const Context& context, const Caller& caller,
                                                const v1::DeviceView& device);
/// The same error of something that a device says, naming it.
[[nodiscard]] base::Error naming(const v1::DeviceView& device, const base::Error& error);
/// By the device's parameters. Errors: as above; bad_parameter, naming the device.
[[nodiscard]] base::Result<processing::derived::OpeningHours> opening_hours(const Context& context,
                                                                            const Caller& caller,
                                                                            const v1::DeviceView& device);

/// The keys date, start and end.
void write_day(JsonWriter& json, const processing::derived::LocalDay& day);

/// {"items": […], "next": …}. `asked`: DeviceDays, or whatever has its items and next. `write` gets each item inside of
/// an object that says whose it is, and returns a base::Result<void>: its error is the answer.
template <typename Asked, typename Write>
Answer answer_of_devices(const Asked& asked, Write write) {
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& item : asked.items) {
    json.begin_object();
    write_who(json, item.device);
    if (base::Result<void> written = write(json, item); !written) return error_response(written.error());
    json.end_object();
  }
  return finish(json, asked.next);
}

}  // namespace lenne::api
