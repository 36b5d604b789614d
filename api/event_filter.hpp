#pragma once
// Which records of the event, aggregate and alert topics a caller asked for and may see, as lines.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/event_json.hpp"
#include "api/event_source.hpp"
#include "base/error.hpp"
#include "storage/log.hpp"
#include "storage/views/scope.hpp"

namespace lenne::api {

class EventFilter {
 public:
  /// `types`: separated by commas, empty = every kind of event (no aggregates, no alerts). Error bad_parameter.
  [[nodiscard]] static base::Result<EventFilter> of(std::string_view types, std::string tenant,
                                                    const storage::views::Scope& scope);

  [[nodiscard]] bool wants_aggregates() const { return types_.contains("aggregate"); }
  /// Their topic is compacted: there is no history of it, only the last value of each key.
  [[nodiscard]] bool wants_alerts() const { return types_.contains("alert"); }
  [[nodiscard]] std::vector<storage::Topic> topics() const;
  /// The one tenant whose records a reader needs to see, if it is one; empty: all.
  [[nodiscard]] const std::string& label() const noexcept { return label_; }
  /// The line of a record with the source's position after it; nothing when it is not asked for, or not the caller's.
  [[nodiscard]] std::optional<std::string> line_of(const storage::Record& record, const EventSource& source,
                                                   const RenderMessage& render) const;

 private:
  explicit EventFilter(storage::views::Scope scope) : scope_(std::move(scope)) {}
  [[nodiscard]] bool sees(std::string_view tenant) const;

  storage::views::Scope scope_;
  std::set<std::string, std::less<>> types_;
  std::string tenant_;
  std::string label_;
};

}  // namespace lenne::api
