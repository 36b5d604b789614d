#include "decode/field_rules.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/fixed_point.hpp"
#include "base/int128.hpp"
#include "decode/quantities.hpp"

namespace lenne::decode {
namespace {

using base::Int128;
using google::protobuf::FieldDescriptor;

constexpr double kLargestWhole = 9007199254740992.0;  // 2^53

struct Range {
  Int128 min;
  Int128 max;
};

// Values that the Protobuf type can hold; for 64-bit ones what the decoder computes with.
Range range_of(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return {0, std::numeric_limits<std::uint32_t>::max()};
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_ENUM:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {0, std::numeric_limits<std::int64_t>::max()};
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

Range raw_range(const Op& op) {
  const Int128 one = 1;
  if (op.raw == Raw::kSigned) return {-(one << (op.bits - 1)), (one << (op.bits - 1)) - 1};
  if (op.raw == Raw::kBcd) return {0, base::power_of_ten(op.bits / 4) - 1};
  return {0, (one << op.bits) - 1};
}

// Values of a whole number as it comes out of its bits.
Range values_of(const Op& op) {
  if (op.is_bool) return {0, 1};
  const Range raw = raw_range(op);
  const Int128 a = raw.min * op.whole_mul + op.whole_add;
  const Int128 b = raw.max * op.whole_mul + op.whole_add;
  return {std::min(a, b), std::max(a, b)};
}

Wire wire_of(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE:
      return Wire::kDouble;
    case FieldDescriptor::TYPE_FLOAT:
      return Wire::kFloat;
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return Wire::kFixed32;
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return Wire::kFixed64;
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SINT64:
      return Wire::kZigZag;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return Wire::kLength;
    default:
      return Wire::kVarint;
  }
}

std::uint32_t wire_type(Wire wire) {
  switch (wire) {
    case Wire::kVarint:
    case Wire::kZigZag:
      return 0;
    case Wire::kFixed64:
    case Wire::kDouble:
      return 1;
    case Wire::kLength:
      return 2;
    case Wire::kFixed32:
    case Wire::kFloat:
      return 5;
  }
  return 0;
}

void set_tag(Op& op, int number) {
  std::uint64_t rest = (static_cast<std::uint64_t>(number) << 3U) | (op.packed ? 2U : wire_type(op.wire));
  do {
    const std::uint64_t byte = (rest & 0x7fU) | (rest > 0x7f ? 0x80U : 0U);
    op.tag |= byte << (8U * op.tag_size++);
    rest >>= 7U;
  } while (rest != 0);
}

bool is_whole(double value) { return std::floor(value) == value && std::fabs(value) < kLargestWhole; }

std::string fill_scale(const FieldDescriptor& field, const codec::Field& options, Op& op) {
  if (options.has_mul()) op.mul = options.mul();
  if (options.has_div()) op.div = options.div();
  if (options.has_add()) op.add = options.add();
  op.scaled = options.has_mul() || options.has_div() || options.has_add();
  if (!std::isfinite(op.mul) || !std::isfinite(op.div) || !std::isfinite(op.add)) return "mul, div and add are finite";
  if (op.mul == 0 || op.div == 0) return "mul and div are not zero";
  if (!op.integral) return {};
  if (op.is_bool && op.scaled) return "a bool has no scale";
  if (options.has_div()) return "div needs a double or float field";
  if (!is_whole(op.mul) || !is_whole(op.add)) return "mul and add of a whole-number field are whole numbers";
  op.whole_mul = static_cast<std::int64_t>(op.mul);
  op.whole_add = static_cast<std::int64_t>(op.add);
  const Range fits = range_of(field);
  const Range values = values_of(op);
  if (values.min < fits.min || values.max > fits.max) {
    return fmt::format("{} bits do not fit {}{}", op.bits, field.type_name(),
                       op.raw == Raw::kSigned && fits.min == 0 ? ", which has no sign" : "");
  }
  return {};
}

std::string fill_number(const FieldDescriptor& field, const codec::Field& options, Op& op) {
  const std::uint32_t bits = options.bits();
  if (bits == 0) return "bits is missing";
  if (bits > 64) return fmt::format("{} bits are more than 64", bits);
  op.bits = static_cast<std::uint8_t>(bits);
  op.integral = !is_real(field);
  op.is_bool = field.type() == FieldDescriptor::TYPE_BOOL;
  switch (options.rep()) {
    case codec::UNSIGNED:
      op.raw = Raw::kUnsigned;
      break;
    case codec::SIGNED:
      op.raw = Raw::kSigned;
      break;
    case codec::FLOAT:
      op.raw = Raw::kFloat;
      break;
    case codec::BCD:
      op.raw = Raw::kBcd;
      break;
    case codec::UNIX_TIME:
      op.raw = Raw::kUnsigned;
      if (!op.integral) return "UNIX_TIME needs a whole-number field";
      if (bits > 40) return "UNIX_TIME has at most 40 bits";
      if (options.has_mul() || options.has_div()) return "UNIX_TIME has no scale";
      break;
    default:
      return fmt::format("{} does not fit {}", codec::Rep_Name(options.rep()), field.type_name());
  }
  if (op.raw == Raw::kUnsigned && bits == 64) return "unsigned numbers have at most 63 bits";
  if (op.raw == Raw::kFloat && op.integral) return "FLOAT needs a double or float field";
  if (op.raw == Raw::kFloat && bits != 32 && bits != 64) return "FLOAT has 32 or 64 bits";
  if (op.raw == Raw::kBcd && (bits % 4 != 0 || bits > 60)) return "BCD has 4 to 60 bits in steps of 4";
  if (op.is_bool && op.raw != Raw::kUnsigned) return "a bool is UNSIGNED";
  return fill_scale(field, options, op);
}

std::string fill_bytes(const FieldDescriptor& field, const codec::Field& options, Op& op) {
  const bool text = field.type() == FieldDescriptor::TYPE_STRING;
  if (text && options.rep() == codec::HEX) {
    op.raw = Raw::kHex;
  } else if (text && options.rep() == codec::ASCII) {
    op.raw = Raw::kAscii;
  } else if (!text && options.rep() == codec::RAW) {
    op.raw = Raw::kBytes;
  } else {
    return text ? "a string is HEX or ASCII" : "bytes are RAW";
  }
  if (options.has_mul() || options.has_div() || options.has_add()) return "text and bytes have no scale";
  if (options.invalid_size() > 0 || options.check_size() > 0) return "text and bytes have neither invalid nor check";
  op.to_end = options.rest() && !field.is_repeated();
  if (op.to_end) return options.bits() == 0 ? "" : "either bits or rest";
  if (options.bits() == 0) return "bits is missing";
  if (options.bits() % 8 != 0) return "text and bytes are whole bytes";
  if (options.bits() / 8 > kMaxPayload)
    return fmt::format("{} bits are more than {} bytes", options.bits(), kMaxPayload);
  op.length = static_cast<std::uint16_t>(options.bits() / 8);
  return {};
}

}  // namespace

// Options of a schema loaded at run time are unknown fields there; the same bytes are typed here.
FieldOptions options_of(const FieldDescriptor& field) {
  google::protobuf::FieldOptions typed;
  FieldOptions result;
  if (!typed.ParseFromString(field.options().SerializeAsString())) return result;
  result.present = typed.HasExtension(codec::f);
  result.layout = typed.GetExtension(codec::f);
  result.meaning = typed.GetExtension(codec::m);
  return result;
}

codec::Layout layout_of(const google::protobuf::Descriptor& message) {
  google::protobuf::MessageOptions typed;
  if (!typed.ParseFromString(message.options().SerializeAsString())) return {};
  return typed.GetExtension(codec::layout);
}

bool is_real(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE || field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
}

bool is_message(const FieldDescriptor& field) { return field.type() == FieldDescriptor::TYPE_MESSAGE; }

bool is_number(const FieldDescriptor& field) { return wire_of(field) != Wire::kLength; }

std::string fill_value(const FieldDescriptor& field, const codec::Field& options, Op& op) {
  op.field = &field;
  op.wire = wire_of(field);
  std::string why;
  if (is_message(field)) {
    op.raw = Raw::kMessage;
    if (options.bits() != 0 || options.check_size() > 0 || options.invalid_size() > 0) {
      why = "a message has no bits, check or invalid of its own";
    }
  } else if (field.type() == FieldDescriptor::TYPE_GROUP) {
    why = "groups are not supported";
  } else {
    why = is_number(field) ? fill_number(field, options, op) : fill_bytes(field, options, op);
  }
  op.packed = op.repeat != Repeat::kOnce && is_number(field);
  set_tag(op, field.number());
  return why;
}

bool can_hold(const FieldDescriptor& field, const codec::Field& options, const codec::When& when) {
  Op op;
  if (!fill_value(field, options, op).empty()) return true;  // refused for that
  const Range values = values_of(op);
  if (!when.has_mask()) {
    if (when.eq() < values.min || when.eq() > values.max) return false;
    if ((Int128{when.eq()} - op.whole_add) % op.whole_mul != 0) return false;
    return field.type() != FieldDescriptor::TYPE_ENUM ||
           field.enum_type()->FindValueByNumber(static_cast<int>(when.eq())) != nullptr;
  }
  const auto width = values.min < 0 ? 64 : std::bit_width(static_cast<std::uint64_t>(values.max));
  const auto bits = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  const auto looked_at = when.mask() & bits;
  return looked_at != 0 && (static_cast<std::uint64_t>(when.eq()) & ~looked_at) == 0;
}

std::string fill_sample(const FieldDescriptor& field, const codec::Meaning& meaning, SampleSpec& spec) {
  if (!is_number(field)) return "only numbers have a quantity";
  const Quantity* quantity = find_quantity(meaning.quantity());
  if (quantity == nullptr) return fmt::format("quantity \"{}\" is not registered", meaning.quantity());
  const std::string unit = meaning.unit().empty() ? std::string{quantity->unit} : meaning.unit();
  const auto conversion = convert(unit, quantity->unit);
  if (!conversion) {
    return is_unit(unit) ? fmt::format("unit \"{}\" is not one of {}", unit, quantity->name)
                         : fmt::format("unit \"{}\" is not registered", unit);
  }
  spec.measure = meaning.measure().empty() ? meaning.quantity() : meaning.measure();
  if (spec.measure != quantity->name && !spec.measure.starts_with(fmt::format("{}.", quantity->name))) {
    return fmt::format("measure \"{}\" is not \"{}.<suffix>\"", spec.measure, quantity->name);
  }
  // Keys of results have a measure between slashes, and name by an @ what was computed by other rules.
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789_.";
  if (spec.measure.ends_with('.') || spec.measure.find_first_not_of(kPlain) != std::string::npos)
    return fmt::format("measure \"{}\" has a suffix that is not of a-z, 0-9, _ and .", spec.measure);
  spec.unit = quantity->unit;
  spec.kind = meaning.kind() == codec::KIND_DEFAULT ? quantity->kind : static_cast<v1::Kind>(meaning.kind());
  if (quantity->kind == v1::KIND_INFO && spec.kind != v1::KIND_INFO)
    return fmt::format("{} has no aggregates: its kind is INFO", quantity->name);
  if (spec.kind == v1::KIND_HELD && quantity->kind != v1::KIND_GAUGE)
    return fmt::format("{} is no gauge: only a gauge's value can be HELD", quantity->name);
  spec.exponent = quantity->exponent;
  spec.numerator = conversion->numerator * base::power_of_ten(-quantity->exponent);
  spec.denominator = conversion->denominator;
  const auto common = std::gcd(spec.numerator, spec.denominator);
  spec.numerator /= common;
  spec.denominator /= common;
  spec.min = base::to_steps(quantity->min, quantity->exponent).value_or(-base::kMaxSteps);
  spec.max = base::to_steps(quantity->max, quantity->exponent).value_or(base::kMaxSteps);
  spec.oldest = oldest_credible(quantity->quantity_class);
  spec.interval_s = meaning.interval_s();
  spec.first_step = meaning.first_step();
  spec.obis = meaning.obis();
  if (meaning.has_reverse_when() && spec.kind != v1::KIND_COUNTER) return "only counters run backwards";
  if (meaning.has_reverse_when() && field.is_repeated())
    return "reverse_when needs a single field: what the meter says now is not said of its log";
  if (meaning.rollover_bits() == 0 && meaning.rollover_at() == 0) return {};
  if (spec.kind != v1::KIND_COUNTER) return "only counters roll over";
  if (meaning.rollover_bits() > 62 || (meaning.rollover_bits() != 0 && meaning.rollover_at() != 0)) {
    return "either rollover_bits (at most 62) or rollover_at";
  }
  const Int128 values =
      meaning.rollover_bits() != 0 ? Int128{1} << meaning.rollover_bits() : Int128{meaning.rollover_at()};
  const Int128 steps = values * spec.numerator;
  if (steps % spec.denominator != 0) return "the rollover is not a whole number of steps";
  if (steps / spec.denominator > base::kMaxSteps) return "the rollover is beyond 2^52 steps";
  spec.rollover_at = static_cast<std::uint64_t>(steps / spec.denominator);
  return {};
}

}  // namespace lenne::decode
