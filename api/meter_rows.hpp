#pragma once
// Results of meters, for what is computed from several of them.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "api/json_writer.hpp"
#include "api/request.hpp"
#include "api/stored_results.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/meters/quality.hpp"
#include "processing/meters/slice.hpp"

namespace lenne::api {

/// A counter's result as the rules of meters take it.
[[nodiscard]] processing::meters::Slice slice_of(const v1::Aggregate& row);
[[nodiscard]] base::Int128 steps_of(const v1::Int128& x) noexcept;

/// Steps of 10^exponent, or null.
void write_steps(JsonWriter& json, std::string_view name, const std::optional<base::Int128>& steps, int exponent);
/// In ml, if `like` is a volume whose steps are not finer.
[[nodiscard]] std::optional<base::Int128> millilitres(base::Int128 steps, const v1::Aggregate& like);

/// The series of a heat meter by which it says how warm the water leaves.
inline constexpr std::string_view kReturnTemperature = "temperature.return";
/// Its hours' means in 10^-6 °C, by their start; those in other units are left out.
[[nodiscard]] std::map<std::int64_t, std::int64_t> return_temperatures(std::span<const v1::Aggregate> hours);

/// A parameter that is a number from 0 on with at most three decimals, in thousandths; 0 when absent. Error:
/// bad_parameter.
[[nodiscard]] base::Result<std::int64_t> thousandths(const Request& request, std::string_view name);
/// Thousandths of a unit in steps of 10^exponent of it, rounded.
[[nodiscard]] base::Int128 steps_of_thousandths(std::int64_t thousandths, int exponent);

/// All results of a device's series in windows that start in [filter.from, filter.to), in time order: the stored ones
/// and, where it says so, those that are not final yet. Errors: log_read; too_many (more than HttpLimits::rows).
[[nodiscard]] base::Result<std::vector<v1::Aggregate>> rows_of_device(Context& context,
                                                                      const storage::views::Scope& scope,
                                                                      const storage::views::AggregateFilter& filter,
                                                                      bool provisional);

}  // namespace lenne::api
