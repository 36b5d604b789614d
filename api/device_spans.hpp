#pragma once
// Questions about devices and a span of hours: `device` or `site`, `from`, `to`, `limit` and `cursor`, answered by a
// list with one item for each device, as answer_of_devices() writes it.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "api/request.hpp"
#include "api/stored_results.hpp"

namespace lenne::api {

struct DeviceSpan {
  std::vector<storage::views::SeriesItem> items;  ///< one series of each device, or several that follow each other
  std::string next;                               ///< the cursor of the next page; empty: there is none
  Span span;                                      ///< by default the last 24 hours; begins at a whole hour
};

/// The series of `measure` of the device or the site, at most 10 of them, 5 by default. Which parameters there may be
/// is the handler's to check. Errors: bad_parameter (also of a span longer than `longest`), log_read, bad_cursor.
[[nodiscard]] base::Result<DeviceSpan> device_span(Context& context, const Request& request, const Caller& caller,
                                                   std::string_view measure, std::chrono::days longest);

}  // namespace lenne::api
