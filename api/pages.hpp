#pragma once
// What answers made of the views' rows share.

#include <algorithm>
#include <string>
#include <string_view>

#include "api/context.hpp"
#include "api/json_writer.hpp"
#include "api/request.hpp"
#include "base/time.hpp"

namespace lenne::api {

/// A time in µs as RFC 3339, null for 0.
inline void write_time(JsonWriter& json, std::string_view key, std::int64_t us) {
  json.key(key);
  us != 0 ? json.text(base::to_rfc3339(base::from_us(us))) : json.null();
}

/// Null when it is empty.
inline void write_optional(JsonWriter& json, std::string_view key, std::string_view text) {
  json.key(key);
  text.empty() ? json.null() : json.text(text);
}

/// Error: bad_parameter.
[[nodiscard]] inline base::Result<storage::views::PageRequest> page_of(const Context& context, const Request& request,
                                                                       std::size_t absent) {
  const auto& limits = context.settings.limits;
  auto limit = request.query.size("limit", absent, limits.rows);
  if (!limit) return std::unexpected(limit.error());
  return storage::views::PageRequest{*limit, request.query.text("cursor"), std::max(limits.scanned_rows, *limit)};
}

/// Ends `{"items":[…` with the cursor of the next page.
[[nodiscard]] inline Response finish(JsonWriter& json, const std::string& next) {
  json.end_array().key("next");
  next.empty() ? json.null() : json.text(next);
  json.end_object();
  return {.body = json.take()};
}

[[nodiscard]] inline std::int64_t now_us(const Context& context) { return base::to_us(context.deps.clock.now()); }

/// Whether a gateway was heard lately.
[[nodiscard]] inline bool online(const Context& context, const v1::GatewayView& gateway) {
  return gateway.last_seen_us() != 0 &&
         now_us(context) - gateway.last_seen_us() <= context.settings.gateway_online.count();
}

}  // namespace lenne::api
