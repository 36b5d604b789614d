#pragma once
// What one field may say: its type against its bits; the options of a schema. Internal to decode.

#include <cstdint>
#include <string>

#include "codec/options.pb.h"
#include "decode/plan.hpp"

namespace google::protobuf {
class FieldDescriptor;
}

namespace lenne::decode {

/// The codec options of a field; `present` is false when it has none.
struct FieldOptions {
  bool present = false;
  codec::Field layout;
  codec::Meaning meaning;
};

[[nodiscard]] FieldOptions options_of(const google::protobuf::FieldDescriptor& field);
[[nodiscard]] codec::Layout layout_of(const google::protobuf::Descriptor& message);

[[nodiscard]] bool is_number(const google::protobuf::FieldDescriptor& field);
[[nodiscard]] bool is_real(const google::protobuf::FieldDescriptor& field);
[[nodiscard]] bool is_message(const google::protobuf::FieldDescriptor& field);

/// Fills what the type and the bits decide (raw, wire, tag, bits, length, scaling). Empty when it is possible,
/// otherwise why not.
[[nodiscard]] std::string fill_value(const google::protobuf::FieldDescriptor& field, const codec::Field& options,
                                     Op& op);

/// Whether a value of a single whole-number field can be such that `when` holds.
[[nodiscard]] bool can_hold(const google::protobuf::FieldDescriptor& field, const codec::Field& options,
                            const codec::When& when);

/// Fills the sample's name, unit, resolution and rollover. Empty or why not.
[[nodiscard]] std::string fill_sample(const google::protobuf::FieldDescriptor& field, const codec::Meaning& meaning,
                                      SampleSpec& spec);

}  // namespace lenne::decode
