#pragma once
// What is found in a meter's month: in each local day, and in all of it.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/context.hpp"
#include "api/meter_month.hpp"
#include "api/meter_table.hpp"
#include "lenne/v1/view.pb.h"
#include "processing/meters/purpose.hpp"

namespace lenne::api {

/// What days are judged by.
struct FindingLimits {
  processing::meters::FindingRules rules;
  std::int64_t burst = 0;  ///< thousandths of the unit per hour; 0: not judged
  std::int64_t leak = 0;   ///< the same
};

/// By the device's own purpose; of one that is not declared (any more) the usual ones. Error: log_read.
[[nodiscard]] base::Result<processing::meters::FindingRules> rules_of(const Context& context, const Caller& caller,
                                                                      const v1::DeviceView& device);

/// `leak`, `burst`, `dry`, `reverse` and `unusual_flow` of a local day: yes, no, unknown or not_judged.
[[nodiscard]] std::vector<RowField> finding_fields(const MeterWindow& day, const MeterRegister& read,
                                                   const FindingLimits& limits);
/// The same of the month, by its least hours, which are in steps of 10^exponent.
[[nodiscard]] std::string slow_leak_text(const MeterRegister& read, const FindingLimits& limits, int exponent);
/// Of the local days of a device's contacts `tamper`, `tamper.a` …; `days`: how many the month has. Errors: log_read;
/// too_many.
[[nodiscard]] base::Result<std::string> tamper_text(Context& context, const Caller& caller, const MeterMonth& month,
                                                    unsigned days);

/// How many days a month has.
[[nodiscard]] inline unsigned days_of(std::chrono::year_month month) {
  return static_cast<unsigned>(std::chrono::year_month_day_last{month / std::chrono::last}.day());
}

/// Calls `row` with each series and its register, in the order of the device's series.
void each_register(const MeterMonth& month, const std::map<std::string, MeterRegister>& registers, auto row) {
  for (const auto& series : month.device.series()) {
    const auto found = registers.find(series.measure());
    if (found != registers.end()) row(series, found->second);
  }
}

}  // namespace lenne::api
