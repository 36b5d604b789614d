#pragma once
// One event, or one final aggregate, as one line of JSON: a contract that other programs rely on.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/event.pb.h"

namespace lenne::api {

/// A device's own message as JSON text; nothing when it cannot be read. May be empty (then `decoded` is null).
using RenderMessage = std::function<std::optional<std::string>(std::string_view schema, std::string_view message)>;

/// "uplink", "reception", "join", "ack", "txack", "status" or "log"; empty when the event holds none.
[[nodiscard]] std::string_view type_of(const v1::DeviceEvent& event) noexcept;

/// The line, without its newline. EUIs, DevAddr and payload are lower-case hex, times RFC 3339 UTC with microseconds,
/// what is absent is null. `position` = where a reader goes on after this event; empty: it is left out.
[[nodiscard]] std::string event_line(const v1::DeviceEvent& event, std::string_view position,
                                     const RenderMessage& render);

/// {"type":"aggregate",…the row of /v1/agg…}
[[nodiscard]] std::string aggregate_line(const v1::Aggregate& aggregate, std::string_view position);

/// "SF7BW125", "SF7BW62.5", "FSK50000"; empty when nothing is known.
[[nodiscard]] std::string data_rate_name(const v1::DataRate& rate);

}  // namespace lenne::api
