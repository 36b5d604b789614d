#pragma once
// Records of tenants' topics as the API tells them.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "decode/schema_catalog.hpp"
#include "storage/topics.hpp"

namespace lenne::app {

/// Makes of a record of topic event or aggregate the line that the API makes, but for `position`; nothing of one that
/// the API would not show. Any thread.
[[nodiscard]] std::function<std::optional<std::string>(storage::Topic topic, std::string_view value)> public_json(
    std::shared_ptr<const decode::SchemaCatalog> catalog);

/// A device's own message as JSON; nothing when it cannot be read. Any thread.
[[nodiscard]] std::function<std::optional<std::string>(std::string_view schema, std::string_view message)>
message_renderer(std::shared_ptr<const decode::SchemaCatalog> catalog);

}  // namespace lenne::app
