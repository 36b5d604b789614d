#include "api/device_spans.hpp"

namespace lenne::api {

base::Result<DeviceSpan> device_span(Context& context, const Request& request, const Caller& caller,
                                     std::string_view measure, std::chrono::days longest) {
  constexpr std::size_t kDevices = 5;
  constexpr std::size_t kMostDevices = 10;
  auto span = hours_of(context, request, std::chrono::hours{24}, longest);
  if (!span) return std::unexpected(span.error());
  auto device = request.query.dev_eui("device");
  if (!device) return std::unexpected(device.error());
  if (!*device && request.query.text("site").empty()) return base::fail("bad_parameter", "device or site is required");
  auto limit = request.query.size("limit", kDevices, kMostDevices);
  if (!limit) return std::unexpected(limit.error());
  auto series = context.queries.series(
      caller.scope, {request.query.text("tenant"), std::string(measure), request.query.text("site"), *device},
      {*limit, request.query.text("cursor"), context.settings.limits.scanned_rows});
  if (!series) return std::unexpected(series.error());
  return DeviceSpan{std::move(series->items), std::move(series->next), *span};
}

}  // namespace lenne::api
