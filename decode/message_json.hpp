#pragma once
// Decoded messages as JSON text, and payloads to and from text for the command line and the simulator.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "decode/schema_catalog.hpp"

namespace lenne::decode {

/// The wire bytes of an uplink's message as one JSON object: proto field names in declaration order, numbers as exact
/// numbers (64-bit ones too), enums by name, bytes as lower-case hex, absent optional fields left out, NaN and
/// infinities null. Errors: `unknown_schema`, `bad_message`.
[[nodiscard]] base::Result<std::string> message_json(const SchemaCatalog& catalog, std::string_view schema,
                                                     base::ByteView message);

/// Reads a payload given as hex, without a receive time:
/// {"schema","f_port","status":"complete|partial|failed","message":{…}|null,
///  "samples":[{"measure","value","unit","kind","time":RFC 3339|null}], "warnings":[…],"error":null|"…"}.
/// Errors: `unknown_schema`, `bad_hex`. A payload that cannot be read is a result with status failed, not an error.
[[nodiscard]] base::Result<std::string> decode_text(const SchemaCatalog& catalog, std::string_view schema,
                                                    std::uint32_t f_port, std::string_view hex);

/// The payload of a message given as JSON (field names as in the schema). Errors: `unknown_schema`, `bad_json`,
/// `encode_refused`.
[[nodiscard]] base::Result<base::Bytes> encode(const SchemaCatalog& catalog, std::string_view schema,
                                               std::uint32_t f_port, std::string_view json);

/// What is to be sent to a device.
struct EncodedDownlink {
  std::uint32_t f_port = 0;
  base::Bytes payload;
};

/// A downlink given as JSON. Without an FPort the first of the schema's. Errors: as encode; `no_downlinks` when the
/// schema has none, `no_f_port` when it leaves the FPort open.
[[nodiscard]] base::Result<EncodedDownlink> encode_downlink(const SchemaCatalog& catalog, std::string_view schema,
                                                            std::optional<std::uint32_t> f_port, std::string_view json);

}  // namespace lenne::decode
