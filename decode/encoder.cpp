#include "decode/encoder.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "base/int128.hpp"

namespace lenne::decode {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

// A value as the decoder computes it.
struct Computed {
  std::int64_t whole = 0;
  double real = 0;
};

class Writer {
 public:
  Writer(const Plan& plan, std::uint32_t f_port) : plan_(plan), f_port_(f_port) {}

  bool message(const MessagePlan& m, const pb::Message& from);
  [[nodiscard]] base::Result<base::Bytes> result() &&;
  bool refuse(const Op* op, std::string why);

 private:
  bool records(const MessagePlan& m, const pb::Message& from);
  bool choice(const MessagePlan& m, const pb::Message& from);
  bool alone(const MessagePlan& m, const Branch& chosen, const pb::Message& from);
  bool record(const MessagePlan& m, const Branch& branch, const pb::Message& from, int element);
  bool sequence(const MessagePlan& m, const pb::Message& from);
  bool field(const Op& op, const pb::Message& from, int element);
  bool absent(const Op& op);
  bool repeated(const Op& op, const pb::Message& from);
  bool one(const Op& op, const pb::Message& from, int element);
  bool number(const Op& op, Computed value);
  bool text(const Op& op, const std::string& value);
  std::optional<std::uint64_t> raw_of(const Op& op, Computed value);
  void put(std::uint64_t raw, unsigned bits);
  [[nodiscard]] bool holds(const Condition& condition) const;

  const Plan& plan_;
  std::uint32_t f_port_;
  base::Bytes bytes_;
  std::size_t bits_ = 0;
  std::array<std::int64_t, 64> registers_{};
  std::uint64_t known_ = 0;
  std::string error_;
};

// `element` < 0: a single field.
Computed value_of(const pb::Message& from, const FieldDescriptor& field, int element) {
  const pb::Reflection& get = *from.GetReflection();
  const bool many = element >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return {many ? get.GetRepeatedInt32(from, &field, element) : get.GetInt32(from, &field), 0};
    case FieldDescriptor::CPPTYPE_INT64:
      return {many ? get.GetRepeatedInt64(from, &field, element) : get.GetInt64(from, &field), 0};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {many ? get.GetRepeatedUInt32(from, &field, element) : get.GetUInt32(from, &field), 0};
    case FieldDescriptor::CPPTYPE_UINT64: {
      const auto value = many ? get.GetRepeatedUInt64(from, &field, element) : get.GetUInt64(from, &field);
      return {static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX)), 0};
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return {many ? get.GetRepeatedBool(from, &field, element) : get.GetBool(from, &field), 0};
    case FieldDescriptor::CPPTYPE_ENUM:
      return {many ? get.GetRepeatedEnumValue(from, &field, element) : get.GetEnumValue(from, &field), 0};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {0, many ? get.GetRepeatedFloat(from, &field, element) : get.GetFloat(from, &field)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {0, many ? get.GetRepeatedDouble(from, &field, element) : get.GetDouble(from, &field)};
    default:
      return {};
  }
}

bool has(const Op& op, const pb::Message& from) {
  if (op.field->is_repeated()) return from.GetReflection()->FieldSize(from, op.field) > 0;
  return !op.field->has_presence() || from.GetReflection()->HasField(from, op.field);
}

bool Writer::refuse(const Op* op, std::string why) {
  error_ = op == nullptr ? std::move(why)
                         : fmt::format("{}.{}: {}", op->field->containing_type()->name(), op->field->name(), why);
  return false;
}

base::Result<base::Bytes> Writer::result() && {
  if (error_.empty() && bytes_.size() > kMaxPayload) {
    refuse(nullptr, fmt::format("{} bytes, a frame has at most {}", bytes_.size(), kMaxPayload));
  }
  if (!error_.empty()) return base::fail("encode_refused", error_);
  return std::move(bytes_);
}

void Writer::put(std::uint64_t raw, unsigned bits) {
  for (unsigned left = bits; left > 0; --left, ++bits_) {
    if (bits_ % 8 == 0) bytes_.push_back(0);
    const auto bit = static_cast<std::uint8_t>((raw >> (left - 1)) & 1U);
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (bit << (7 - bits_ % 8)));
  }
}

bool Writer::message(const MessagePlan& m, const pb::Message& from) {
  known_ &= ~m.registers;
  switch (m.form) {
    case Form::kSequence:
      return sequence(m, from);
    case Form::kTlv:
      return records(m, from);
    case Form::kType:
    case Form::kPort:
      return choice(m, from);
  }
  return false;
}

bool Writer::sequence(const MessagePlan& m, const pb::Message& from) {
  for (std::uint16_t i = 0; i < m.op_count; ++i) {
    if (!field(plan_.ops[std::size_t{m.first_op} + i], from, -1)) return false;
  }
  return true;
}

bool Writer::choice(const MessagePlan& m, const pb::Message& from) {
  for (const Branch& branch : m.branches) {
    const Op& op = plan_.ops[branch.first_op];
    if (m.form == Form::kPort && branch.value != f_port_) continue;
    if (!has(op, from)) {
      if (m.form == Form::kPort) return refuse(&op, fmt::format("FPort {} needs it", f_port_));
      continue;
    }
    if (m.form == Form::kType) put(branch.value, m.key_bytes * 8U);
    return field(op, from, -1) && alone(m, branch, from);
  }
  if (m.form == Form::kPort) return refuse(nullptr, fmt::format("no layout for FPort {}", f_port_));
  return refuse(nullptr, fmt::format("{}: nothing to encode", m.type->name()));
}

// A second choice would be left out silently.
bool Writer::alone(const MessagePlan& m, const Branch& chosen, const pb::Message& from) {
  for (const Branch& branch : m.branches) {
    const Op& op = plan_.ops[branch.first_op];
    if (branch.first_op != chosen.first_op && has(op, from))
      return refuse(&op, fmt::format("does not fit a frame with {}", plan_.ops[chosen.first_op].field->name()));
  }
  return true;
}

bool Writer::records(const MessagePlan& m, const pb::Message& from) {
  for (const Branch& branch : m.branches) {
    int elements = 0;
    int present = 0;
    for (std::uint16_t i = 0; i < branch.op_count; ++i) {
      const Op& op = plan_.ops[std::size_t{branch.first_op} + i];
      if (has(op, from)) ++present;
      if (branch.repeatable && op.repeat == Repeat::kOnce) {
        elements = std::max(elements, from.GetReflection()->FieldSize(from, op.field));
      }
    }
    if (present == 0) continue;
    if (elements == 0) {
      if (!record(m, branch, from, -1)) return false;
    }
    for (int element = 0; element < elements; ++element) {
      if (!record(m, branch, from, element)) return false;
    }
  }
  return !bytes_.empty() || refuse(nullptr, fmt::format("{}: nothing to encode", m.type->name()));
}

bool Writer::record(const MessagePlan& m, const Branch& branch, const pb::Message& from, int element) {
  put(branch.value, m.key_bytes * 8U);
  for (std::uint16_t i = 0; i < branch.op_count; ++i) {
    const Op& op = plan_.ops[std::size_t{branch.first_op} + i];
    const bool each = op.field->is_repeated() && op.repeat == Repeat::kOnce;
    if (each && element >= from.GetReflection()->FieldSize(from, op.field)) return refuse(&op, "has too few elements");
    if (!field(op, from, each ? element : -1)) return false;
  }
  return true;
}

bool Writer::holds(const Condition& condition) const {
  if (((known_ >> condition.reg) & 1U) == 0) return false;
  const auto masked = static_cast<std::int64_t>(static_cast<std::uint64_t>(registers_[condition.reg]) & condition.mask);
  return condition.has_eq ? masked == condition.eq : masked != 0;
}

bool Writer::field(const Op& op, const pb::Message& from, int element) {
  if (op.condition != kNoIndex && !holds(plan_.conditions[op.condition])) {
    return !op.field->has_presence() || !has(op, from) || refuse(&op, "its condition does not hold");
  }
  const bool there = element >= 0 || has(op, from);
  if (!there && op.min_left != 0 && op.repeat == Repeat::kOnce) return true;  // an optional tail
  put(0, op.skip);
  bool good = false;
  if (op.repeat != Repeat::kOnce) {
    good = repeated(op, from);
  } else {
    good = there ? one(op, from, element) : absent(op);
  }
  put(0, op.pad);
  return good;
}

// What stands in the payload for a field that has no value.
bool Writer::absent(const Op& op) {
  if (op.invalid_count == 0) return refuse(&op, "is missing");
  const std::uint64_t raw = plan_.invalid[op.first_invalid];
  put(op.little ? __builtin_bswap64(raw) >> (64 - op.bits) : raw, op.bits);
  return true;
}

bool Writer::repeated(const Op& op, const pb::Message& from) {
  const int size = from.GetReflection()->FieldSize(from, op.field);
  if (op.repeat == Repeat::kCount && size != op.count) return refuse(&op, fmt::format("needs {} elements", op.count));
  if (op.repeat == Repeat::kCountField) {
    const bool known = op.count_reg != kNoRegister && ((known_ >> op.count_reg) & 1U) != 0;
    if (!known || registers_[op.count_reg] != size)
      return refuse(&op, "its count field does not say how many there are");
  }
  std::uint64_t before = 0;
  if (op.base != kNoRegister && size > 0) {
    if (((known_ >> op.base) & 1U) == 0) return refuse(&op, "has no start");
    before = static_cast<std::uint64_t>(registers_[op.base]);
  }
  for (int i = 0; i < size; ++i) {
    if (bytes_.size() > kMaxPayload) return refuse(&op, "does not fit a frame");
    if (op.base == kNoRegister) {
      if (!one(op, from, i)) return false;
      continue;
    }
    const auto now = static_cast<std::uint64_t>(value_of(from, *op.field, i).whole);
    std::uint64_t step = now - before;
    if (op.wrap != 0 && now < before && op.raw == Raw::kUnsigned) step += op.wrap;
    if (!number(op, {static_cast<std::int64_t>(step), 0})) return false;
    before = now;
  }
  return true;
}

bool Writer::one(const Op& op, const pb::Message& from, int element) {
  const pb::Reflection& get = *from.GetReflection();
  if (op.raw == Raw::kMessage) {
    return message(plan_.messages[op.message],
                   element >= 0 ? get.GetRepeatedMessage(from, op.field, element) : get.GetMessage(from, op.field));
  }
  if (op.wire == Wire::kLength) {
    return text(op, element >= 0 ? get.GetRepeatedString(from, op.field, element) : get.GetString(from, op.field));
  }
  return number(op, value_of(from, *op.field, element));
}

std::optional<std::uint64_t> Writer::raw_of(const Op& op, Computed value) {
  if (op.raw == Raw::kFloat) {
    const double raw = op.scaled ? (value.real - op.add) * op.div / op.mul : value.real;
    return op.bits == 32 ? std::bit_cast<std::uint32_t>(static_cast<float>(raw)) : std::bit_cast<std::uint64_t>(raw);
  }
  base::Int128 raw = 0;
  if (op.integral) {
    const base::Int128 scaled = base::Int128{value.whole} - op.whole_add;
    if (scaled % op.whole_mul != 0) return std::nullopt;
    raw = scaled / op.whole_mul;
  } else {
    const double scaled = std::round(op.scaled ? (value.real - op.add) * op.div / op.mul : value.real);
    if (!(std::fabs(scaled) < 9.3e18)) return std::nullopt;
    raw = static_cast<base::Int128>(scaled);
  }
  const base::Int128 one = 1;
  const bool sign = op.raw == Raw::kSigned;
  if (raw < (sign ? -(one << (op.bits - 1)) : 0) || raw >= (one << (sign ? op.bits - 1 : op.bits))) return std::nullopt;
  auto bits = static_cast<std::uint64_t>(raw);
  if (op.raw == Raw::kBcd) {
    std::uint64_t digits = 0;
    unsigned at = 0;
    for (; bits != 0 && at < op.bits; at += 4, bits /= 10) digits |= (bits % 10) << at;
    if (bits != 0) return std::nullopt;
    return digits;
  }
  return op.bits == 64 ? bits : bits & ((std::uint64_t{1} << op.bits) - 1);
}

bool Writer::number(const Op& op, Computed value) {
  const auto checks = plan_.checks_of(op);
  // The only value there can be need not be said; what is said to be something else is refused below.
  const bool said = op.field->has_presence() || value.whole != 0 || value.real != 0;
  const bool meant = op.is_bool && checks.size() == 1 && (checks.front() != 0) == (value.whole != 0);
  const auto raw = checks.size() == 1 && (!said || meant) ? checks.front() : raw_of(op, value);
  if (!raw) {
    return refuse(&op, op.integral ? fmt::format("{} does not fit {} bits", value.whole, op.bits)
                                   : fmt::format("{} does not fit {} bits", value.real, op.bits));
  }
  if (!checks.empty() && std::ranges::find(checks, *raw) == checks.end()) {
    return refuse(&op, fmt::format("{:#x} is not {:#x}", *raw, fmt::join(checks, " or ")));
  }
  for (std::uint16_t i = 0; i < op.invalid_count; ++i) {
    if (plan_.invalid[std::size_t{op.first_invalid} + i] == *raw) return refuse(&op, "would mean \"no value\"");
  }
  put(op.little ? __builtin_bswap64(*raw) >> (64 - op.bits) : *raw, op.bits);
  if (op.store != kNoRegister) {
    registers_[op.store] = value.whole;
    known_ |= std::uint64_t{1} << op.store;
  }
  return true;
}

bool Writer::text(const Op& op, const std::string& value) {
  base::Bytes raw(value.begin(), value.end());
  if (op.raw == Raw::kHex) {
    auto parsed = base::from_hex(value);
    if (!parsed) return refuse(&op, parsed.error());
    raw = std::move(*parsed);
  }
  if (op.raw == Raw::kAscii && std::ranges::any_of(raw, [](std::uint8_t c) { return c == 0 || c > 0x7f; })) {
    return refuse(&op, "is not 7-bit text");
  }
  if (op.raw == Raw::kAscii && !op.to_end && raw.size() < op.length) raw.resize(op.length, 0);
  if (!op.to_end && raw.size() != op.length) return refuse(&op, fmt::format("{} bytes, not {}", raw.size(), op.length));
  if (raw.size() > kMaxPayload) return refuse(&op, "does not fit a frame");
  for (const auto byte : raw) put(byte, 8);
  return true;
}

}  // namespace

base::Result<base::Bytes> encode(const Plan& plan, std::uint32_t f_port, const pb::Message& message) {
  Writer writer{plan, f_port};
  if (!plan.ports.empty() && std::ranges::find(plan.ports, f_port) == plan.ports.end()) {
    writer.refuse(nullptr, fmt::format("no layout for FPort {}", f_port));
  } else if (message.GetDescriptor() != plan.messages.front().type) {
    writer.refuse(nullptr,
                  fmt::format("a {}, not a {}", message.GetTypeName(), plan.messages.front().type->full_name()));
  } else {
    writer.message(plan.messages.front(), message);
  }
  return std::move(writer).result();
}

}  // namespace lenne::decode
