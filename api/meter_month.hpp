#pragma once
// A month of one meter: its registers' local days and hours, with substitutes where readings are too far apart.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/context.hpp"
#include "api/request.hpp"
#include "base/time.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/view.pb.h"
#include "processing/meters/slice.hpp"
#include "processing/meters/substitute.hpp"
#include "processing/meters/unusual_flow.hpp"

namespace lenne::api {

/// What `year` and `month` name. Error: bad_parameter.
[[nodiscard]] base::Result<std::chrono::year_month> month_asked(const Request& request);

/// What `device`, `year` and `month` name.
struct MeterMonth {
  std::chrono::year_month month;
  base::Timestamp from;  ///< a little more than the month, whatever the zone
  base::Timestamp to;
  v1::DeviceView device;
};
/// Errors: bad_parameter, unknown_device, log_read.
[[nodiscard]] base::Result<MeterMonth> meter_month(const Context& context, const Request& request,
                                                   const Caller& caller);

/// The date of a local day, by its noon: it lies on the same date in UTC wherever a zone is less than 12 h away.
[[nodiscard]] std::chrono::year_month_day date_of_day(std::int64_t day_start_us);
/// The month of a local day.
[[nodiscard]] std::chrono::year_month month_of(const v1::Aggregate& day);

/// A result whose amount and estimated part have the place in time that substitutes give them.
struct MeterWindow {
  v1::Aggregate row;
  processing::meters::Method method = processing::meters::Method::none;  ///< of a day: the worst of its hours'
};

/// A meter's register over a month.
struct MeterRegister {
  std::vector<MeterWindow> days;                         ///< of the month
  std::vector<MeterWindow> hours;                        ///< of these days
  std::vector<processing::meters::Slice> profile;        ///< hours, also of the week before the month or more
  std::vector<std::optional<base::Int128>> least_hours;  ///< of the month's days, and of those before it that were read
  std::vector<processing::meters::UsualHour> usual;      ///< when asked for, see usual_hours()
};

/// Slow leaks are looked for in the month and the four weeks before it.
enum class SlowLeaks : std::uint8_t { no, yes };

/// All counters of the device, by measure. Read are the hours of the month and the week before it, by which the rules
/// of findings judge; of four weeks before it when slow leaks are looked for; of five weeks before it and one after it
/// where something in the month is estimated. Errors: log_read; too_many.
[[nodiscard]] base::Result<std::map<std::string, MeterRegister>> read_registers(Context& context, const Caller& caller,
                                                                                const MeterMonth& month,
                                                                                SlowLeaks slow_leaks);

}  // namespace lenne::api
