#pragma once
// JSON text to a device's message, as message_json writes it.

#include <string_view>

#include "base/error.hpp"

namespace google::protobuf {
class Message;
}

namespace lenne::decode {

/// Fills an empty message. Field names as in the schema, bytes as hex, enums by name or number, null = absent.
/// Error `bad_json` with the byte where it stands: not JSON, an unknown field, a value that the field cannot hold.
[[nodiscard]] base::Result<void> read_json(std::string_view json, google::protobuf::Message& message);

}  // namespace lenne::decode
