#pragma once
// The inverse of the decoder over the same plan: a device's message to payload bytes. For downlinks, simulators and
// tests.

#include <cstdint>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "decode/plan.hpp"

namespace google::protobuf {
class Message;
}

namespace lenne::decode {

/// The payload that decodes to `message` (of plan.messages[0].type) on this FPort. Values are rounded to the nearest
/// raw step. Errors, code `encode_refused`, naming the field: a value that does not fit, a record that is incomplete,
/// a port without layout, more than kMaxPayload bytes.
[[nodiscard]] base::Result<base::Bytes> encode(const Plan& plan, std::uint32_t f_port,
                                               const google::protobuf::Message& message);

}  // namespace lenne::decode
