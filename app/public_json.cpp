#include "app/public_json.hpp"

#include <optional>
#include <utility>

#include "api/alert_json.hpp"
#include "api/event_json.hpp"
#include "base/bytes.hpp"
#include "base/fixed_point.hpp"
#include "decode/message_json.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/event.pb.h"

namespace lenne::app {

std::function<std::optional<std::string>(storage::Topic, std::string_view)> public_json(
    std::shared_ptr<const decode::SchemaCatalog> catalog) {
  return [render = message_renderer(std::move(catalog))](storage::Topic topic,
                                                         std::string_view value) -> std::optional<std::string> {
    const auto parse = [&](google::protobuf::MessageLite& message) {
      return message.ParseFromArray(value.data(), static_cast<int>(value.size()));
    };
    if (topic == storage::Topic::aggregate) {
      v1::Aggregate aggregate;
      // With any other exponent its numbers could be written without end.
      if (!parse(aggregate) || !base::is_exponent(aggregate.exponent())) return std::nullopt;
      return api::aggregate_line(aggregate, {});
    }
    if (topic == storage::Topic::alert) {
      v1::Alert alert;
      if (!parse(alert) || !api::can_be_written(alert)) return std::nullopt;
      return api::alert_line(alert, {});
    }
    v1::DeviceEvent event;
    if (topic != storage::Topic::event || !parse(event) || api::type_of(event).empty()) return std::nullopt;
    return api::event_line(event, {}, render);
  };
}

std::function<std::optional<std::string>(std::string_view, std::string_view)> message_renderer(
    std::shared_ptr<const decode::SchemaCatalog> catalog) {
  return
      [catalog = std::move(catalog)](std::string_view schema, std::string_view message) -> std::optional<std::string> {
        auto text = decode::message_json(*catalog, schema, base::as_bytes(message));
        if (!text) return std::nullopt;
        return std::move(*text);
      };
}

}  // namespace lenne::app
