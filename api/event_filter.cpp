#include "api/event_filter.hpp"

#include <algorithm>
#include <array>

#include "api/alert_json.hpp"
#include "base/fixed_point.hpp"

namespace lenne::api {
namespace {

constexpr std::array<std::string_view, 9> kTypes{"join",   "uplink", "reception", "ack",  "txack",
                                                 "status", "log",    "aggregate", "alert"};

}  // namespace

base::Result<EventFilter> EventFilter::of(std::string_view types, std::string tenant,
                                          const storage::views::Scope& scope) {
  EventFilter filter(scope);
  while (!types.empty()) {
    const auto end = std::min(types.find(','), types.size());
    const auto type = types.substr(0, end);
    types.remove_prefix(std::min(end + 1, types.size()));
    if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      return base::fail("bad_parameter",
                        "type is join, uplink, reception, ack, txack, status, log, aggregate or alert");
    }
    filter.types_.emplace(type);
  }
  filter.tenant_ = std::move(tenant);
  filter.label_ = filter.tenant_;
  if (filter.label_.empty() && !scope.is_everything() && scope.tenants().size() == 1)
    filter.label_ = *scope.tenants().begin();
  return filter;
}

std::vector<storage::Topic> EventFilter::topics() const {
  std::vector<storage::Topic> topics{storage::Topic::event};
  if (wants_aggregates()) topics.push_back(storage::Topic::aggregate);
  if (wants_alerts()) topics.push_back(storage::Topic::alert);
  return topics;
}

bool EventFilter::sees(std::string_view tenant) const {
  return scope_.allows(tenant) && (tenant_.empty() || tenant_ == tenant);
}

std::optional<std::string> EventFilter::line_of(const storage::Record& record, const EventSource& source,
                                                const RenderMessage& render) const {
  if (record.tombstone || !sees(record.tenant)) return std::nullopt;
  const auto size = static_cast<int>(record.value.size());
  if (record.topic == storage::Topic::aggregate) {
    v1::Aggregate aggregate;
    if (!wants_aggregates() || !aggregate.ParseFromArray(record.value.data(), size)) return std::nullopt;
    if (!aggregate.final() || aggregate.tenant() != record.tenant) return std::nullopt;
    if (!base::is_exponent(aggregate.exponent())) return std::nullopt;  // its numbers could be written without end
    return aggregate_line(aggregate, source.position());
  }
  if (record.topic == storage::Topic::alert) {
    v1::Alert alert;
    if (!wants_alerts() || !alert.ParseFromArray(record.value.data(), size)) return std::nullopt;
    if (alert.tenant() != record.tenant || !can_be_written(alert)) return std::nullopt;
    return alert_line(alert, source.position());
  }
  v1::DeviceEvent event;
  if (record.topic != storage::Topic::event || !event.ParseFromArray(record.value.data(), size)) return std::nullopt;
  if (event.tenant() != record.tenant || type_of(event).empty()) return std::nullopt;
  if (!types_.empty() && !types_.contains(type_of(event))) return std::nullopt;
  return event_line(event, source.position(), render);
}

}  // namespace lenne::api
