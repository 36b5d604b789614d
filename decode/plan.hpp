#pragma once
// A device schema compiled for reading: flat operations instead of descriptors. Immutable, shared by all threads.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lenne/v1/measurement.pb.h"

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
}  // namespace google::protobuf

namespace lenne::decode {

/// Largest FRMPayload of any region (LoRaWAN RP002-1.0.4): longer ones cannot come by radio.
inline constexpr std::size_t kMaxPayload = 242;

/// How raw bits become a value.
enum class Raw : std::uint8_t { kUnsigned, kSigned, kFloat, kBcd, kHex, kAscii, kBytes, kMessage };

/// How a value is written as Protobuf wire bytes.
enum class Wire : std::uint8_t { kVarint, kZigZag, kFixed32, kFixed64, kFloat, kDouble, kLength };

/// How many times an operation runs.
enum class Repeat : std::uint8_t { kOnce, kRest, kCount, kCountField };

/// Most keys, types or ports of one message.
inline constexpr std::size_t kMaxBranches = 1024;

inline constexpr std::uint8_t kNoRegister = 0xff;
inline constexpr std::uint16_t kNoIndex = 0xffff;

struct Condition {
  std::uint8_t reg = kNoRegister;
  bool has_eq = false;
  std::uint64_t mask = ~std::uint64_t{0};
  std::int64_t eq = 0;
};

/// One field of one message, in wire order.
struct Op {
  // What the short way reads, in one cache line.
  std::uint64_t tag = 0;  // the tag's wire bytes, first byte lowest
  double mul = 1, div = 1, add = 0;
  Raw raw = Raw::kUnsigned;
  Wire wire = Wire::kVarint;
  std::uint8_t bits = 0;  // width of a number; bytes and text: see `length`
  std::uint8_t tag_size = 0;
  std::uint8_t store = kNoRegister;  // where the value is kept for later fields
  Repeat repeat = Repeat::kOnce;
  bool plain = false;  // a single number, always there, nothing to check: the short way
  bool little = false;
  bool integral = true;  // the value is a whole number (held in 64 bits)
  bool scaled = false;   // mul, div or add apply
  bool is_bool = false;
  bool packed = false;              // a repeated scalar written as one packed field
  std::uint16_t sample = kNoIndex;  // index into Plan::samples
  bool to_end = false;              // bytes and text until the end of the payload
  std::int64_t whole_mul = 1, whole_add = 0;

  std::uint8_t base = kNoRegister;  // accumulate: where the series starts
  std::uint8_t count_reg = kNoRegister;
  std::uint16_t skip = 0;
  std::uint16_t pad = 0;
  std::uint16_t min_left = 0;
  std::uint16_t length = 0;  // bytes of a byte string or text
  std::uint16_t count = 0;
  std::uint16_t condition = kNoIndex;  // index into Plan::conditions
  std::uint16_t message = kNoIndex;    // index into Plan::messages
  std::uint16_t first_invalid = 0;     // range of Plan::invalid
  std::uint16_t invalid_count = 0;
  std::uint16_t first_check = 0;  // range of Plan::checks: what may stand there; none = anything
  std::uint16_t check_count = 0;
  std::uint16_t after = 0;  // rest: so many operations behind it need their bits too
  std::uint64_t wrap = 0;   // accumulate: values are modulo this; 0 = no wrap
  const google::protobuf::FieldDescriptor* field = nullptr;
};

/// What decides which operations run.
enum class Form : std::uint8_t { kSequence, kTlv, kType, kPort };

/// Operations under one key, type or port.
struct Branch {
  std::uint32_t value = 0;
  std::uint16_t first_op = 0;
  std::uint16_t op_count = 0;
  bool repeatable = false;  // all fields are repeated: the key may come again
};

/// One use of a message type. The same type used in two places is two of these: registers and samples differ.
struct MessagePlan {
  Form form = Form::kSequence;
  std::uint8_t key_bytes = 0;
  std::uint8_t time_reg = kNoRegister;  // the layout's sample_time
  std::uint16_t first_op = 0;
  std::uint16_t op_count = 0;
  std::uint64_t registers = 0;  // those of this message's fields: forgotten when it begins
  std::vector<Branch> branches;
  std::vector<std::uint16_t> slots;  // TLV: hash table over `branches`, kNoIndex = free; its size is a power of two
  std::uint32_t slot_multiplier = 0;
  std::uint8_t slot_shift = 31;
  bool frame = false;        // the frame's own message: its time is the event's
  bool has_times = false;    // a field of it says when samples were taken
  bool has_reverse = false;  // a field of it says that its counters ran backwards
  const google::protobuf::Descriptor* type = nullptr;
};

/// How a field's values become samples.
struct SampleSpec {
  std::string measure;
  std::string unit;
  v1::Kind kind = v1::KIND_UNSPECIFIED;
  int exponent = 0;
  // steps = value * numerator / denominator, unit and resolution in one
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
  std::int64_t min = 0;  // credible range, in steps
  std::int64_t max = 0;
  std::uint64_t rollover_at = 0;  // in steps
  std::int32_t interval_s = 0;
  std::int32_t first_step = 0;
  std::uint8_t time_reg = kNoRegister;
  std::uint16_t reverse = kNoIndex;  // index into Plan::conditions: when the counter ran backwards
  std::chrono::seconds oldest{};
  std::string obis;
};

/// A compiled schema, or its downlinks. messages[0] is the frame's own message.
struct Plan {
  std::string name;                  // "<vendor>/<model>"
  std::string id;                    // hash of the schema, 16 hex digits
  std::vector<std::uint32_t> ports;  // FPorts that it is for; empty = all
  std::vector<MessagePlan> messages;
  std::vector<Op> ops;
  std::vector<Condition> conditions;
  std::vector<std::uint64_t> invalid;
  std::vector<std::uint64_t> checks;
  std::vector<SampleSpec> samples;
  std::chrono::seconds oldest_frame{};  // oldest credible time of the frame itself

  [[nodiscard]] std::string full_name() const { return name + "@" + id; }
  [[nodiscard]] std::span<const std::uint64_t> checks_of(const Op& op) const {
    return std::span{checks}.subspan(op.first_check, op.check_count);
  }
};

}  // namespace lenne::decode
