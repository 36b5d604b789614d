#pragma once
// What is usual for a meter at each hour of the week, beside what ran.

#include <cstddef>
#include <string>
#include <vector>

#include "api/context.hpp"
#include "api/meter_month.hpp"
#include "processing/derived/week_profile.hpp"
#include "processing/meters/unusual_flow.hpp"

namespace lenne::api {

/// How many weeks may be asked for. Fewer have no 95th percentile.
inline constexpr std::size_t kLeastUsualWeeks = processing::derived::kLeastWeeksOfP95;
inline constexpr std::size_t kMostUsualWeeks = 53;

/// The hours of the month's local days and of the day before them, in 10^-6 of the register's unit, with the 95th
/// percentile of the `weeks` before the month by the rule of week_profile(). Both October hours from 2 to 3 o'clock are
/// that hour of the week. Errors: bad_parameter (this server has no local days); log_read; too_many.
[[nodiscard]] base::Result<std::vector<processing::meters::UsualHour>> usual_hours(
    Context& context, const Caller& caller, const MeterMonth& month, const std::string& measure, std::size_t weeks);

}  // namespace lenne::api
