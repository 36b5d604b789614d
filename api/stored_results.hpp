#pragma once
// Stored results of one device, and what the handlers that read them have in common.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "api/context.hpp"
#include "api/json_writer.hpp"
#include "api/request.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/view.pb.h"

namespace lenne::api {

/// The time that a request asks for: windows that start in [from, to).
struct Span {
  base::Timestamp from;
  base::Timestamp to;
};
/// How the parameters of a span are named.
struct SpanNames {
  std::string_view from = "from";
  std::string_view to = "to";
};
/// `from` and `to`, by default the last `absent`. Error bad_parameter: from after to.
[[nodiscard]] base::Result<Span> span_of(const Context& context, const Request& request, std::chrono::hours absent,
                                         const SpanNames& names = {});
/// The same, of whole hours: `from` is moved to the next one. Error bad_parameter: also more than `longest` apart.
[[nodiscard]] base::Result<Span> hours_of(const Context& context, const Request& request, std::chrono::hours absent,
                                          std::chrono::days longest);

/// The parameter `year`. Error bad_parameter: absent, or not from 1970 to 2199.
[[nodiscard]] base::Result<std::chrono::year> year_of(const Request& request);

/// When the day of that date begins, of the days that are named by their window; nothing when the server has none.
[[nodiscard]] std::optional<std::int64_t> day_start_us(const Context& context, std::string_view window,
                                                       std::chrono::sys_days date);

/// Ascending by start. Errors: log_read, too_large (more than HttpLimits::rows: nothing is left out in silence).
[[nodiscard]] base::Result<std::vector<v1::Aggregate>> results_of(const Context& context, const Caller& caller,
                                                                  const storage::views::SeriesItem& item,
                                                                  const std::string& window, const Span& span);

/// The series of a measure at a site, of one tenant. `tenant` empty: that of the first one, which is then named in it.
/// Errors: bad_parameter (sites of that name are several tenants'), too_large (more than 50 devices), log_read.
[[nodiscard]] base::Result<std::vector<storage::views::SeriesItem>> series_at(Context& context, const Caller& caller,
                                                                              std::string& tenant,
                                                                              const std::string& site,
                                                                              std::string_view measure);

/// Whether it belongs to `tenant`; empty: it is named in it. Error bad_parameter: it is another one's.
[[nodiscard]] base::Result<void> of_one_tenant(const storage::views::SeriesItem& item, const std::string& site,
                                               std::string& tenant);

/// The series of `measure` by `device`, `site` and `tenant`, at most `most`: for lists whose order is not that of keys,
/// so that they cannot come in pages. `things`: what an error calls them. Errors: bad_parameter; log_read; too_large.
[[nodiscard]] base::Result<std::vector<storage::views::SeriesItem>> whole_list(Context& context, const Request& request,
                                                                               const Caller& caller,
                                                                               std::string_view measure,
                                                                               std::size_t most,
                                                                               std::string_view things);

/// A place in a list of things that are due: whether nobody knows when, when, its level, its DevEUI.
using DueOrder = std::tuple<bool, std::int64_t, std::int64_t, std::uint64_t>;
/// Those first that are due first; then by `level`, the least first.
[[nodiscard]] inline DueOrder due_order(std::optional<std::int64_t> due_us, std::int64_t level,
                                        const v1::DeviceView& device) {
  return {!due_us.has_value(), due_us.value_or(0), level, device.dev_eui()};
}

/// The keys tenant, site, dev_eui and device.
void write_who(JsonWriter& json, const v1::DeviceView& device);
/// "2026-07-01".
[[nodiscard]] std::string date_text(std::chrono::sys_days date);

inline constexpr std::string_view kQuarterWindow = "PT15M";
inline constexpr std::string_view kHourWindow = "PT1H";
inline constexpr std::string_view kLocalDayWindow = "P1D";

}  // namespace lenne::api
