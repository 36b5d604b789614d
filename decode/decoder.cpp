#include "decode/decoder.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "decode/raw_bits.hpp"

namespace lenne::decode {
namespace {

// A payload of 242 bytes makes at most 1,936 one-bit elements of up to 10 bytes each.
constexpr std::size_t kMessageRoom = 24 * 1024;
constexpr std::size_t kSlack = 32;  // a tag and a number are written without looking
constexpr std::size_t kMaxSamples = kMaxPayload * 8;

// A field's value: bits of an integer, or of a double where the field has a fraction.
struct Value {
  std::uint64_t bits = 0;

  void set(std::int64_t whole) { bits = static_cast<std::uint64_t>(whole); }
  void set(double real) { bits = std::bit_cast<std::uint64_t>(real); }
  [[nodiscard]] std::int64_t whole() const { return static_cast<std::int64_t>(bits); }
  [[nodiscard]] double real() const { return std::bit_cast<double>(bits); }
};

// The writers take and return the place instead of moving a member: a byte store may alias any member, so that the
// compiler would load and store it each time.
[[gnu::always_inline]] inline std::uint8_t* put_varint(std::uint8_t* out, std::uint64_t rest) {
  while (rest > 0x7f) {
    *out++ = static_cast<std::uint8_t>(rest | 0x80U);
    rest >>= 7U;
  }
  *out++ = static_cast<std::uint8_t>(rest);
  return out;
}

[[gnu::always_inline]] inline std::uint8_t* put_value(std::uint8_t* out, Wire wire, const Value& value) {
  switch (wire) {
    case Wire::kVarint:
      return put_varint(out, value.bits);
    case Wire::kZigZag:
      return put_varint(out, (value.bits << 1U) ^ static_cast<std::uint64_t>(value.whole() >> 63));
    case Wire::kFixed32:
      return store_le(out, static_cast<std::uint32_t>(value.bits));
    case Wire::kFloat:
      return store_le(out, std::bit_cast<std::uint32_t>(static_cast<float>(value.real())));
    case Wire::kFixed64:
    case Wire::kDouble:
      return store_le(out, value.bits);
    case Wire::kLength:
      break;
  }
  return out;
}

}  // namespace

struct Decoder::Scratch {
  std::array<std::uint8_t, kMaxPayload + 16> payload;
  std::array<std::uint8_t, kMessageRoom + kSlack> message;
  std::array<RawSample, kMaxSamples> samples;
  std::array<std::int64_t, 64> registers;
};

// One walk over a plan. Every step returns false at the first fault.
class Decoder::Run {
 public:
  Run(const Plan& plan, Scratch& scratch, std::size_t size, Decoded& result)
      : plan_(plan),
        s_(scratch),
        end_(size * 8),
        out_(scratch.message.data()),
        room_(out_ + kMessageRoom),
        decoded_(result) {}

  void all(std::uint32_t f_port);

 private:
  bool fail(Fault fault, const Op* op, std::size_t at, std::uint64_t found = 0);
  bool message(const MessagePlan& m);
  bool sequence(std::uint16_t first, std::uint16_t count);
  bool records(const MessagePlan& m);
  bool choice(const MessagePlan& m);
  bool port(const MessagePlan& m);
  bool field(const Op& op);
  bool repeated(const Op& op);
  bool packed(const Op& op, std::size_t count);
  [[gnu::always_inline]] bool number(const Op& op);
  bool guarded_number(const Op& op);
  bool text(const Op& op);
  bool nested(const Op& op);
  [[nodiscard]] bool holds(const Condition& condition) const;
  [[nodiscard]] bool allowed(const Op& op, std::uint64_t raw) const;
  [[nodiscard]] std::size_t end_of(const Op& elements) const;
  [[gnu::always_inline]] bool value(const Op& op, std::size_t at, std::uint64_t raw, Value& value);
  [[gnu::always_inline]] void keep(const Op& op, const Value& value);
  bool digits(const Op& op, std::size_t at, std::uint64_t raw, std::uint64_t& result);
  [[gnu::always_inline]] void add_sample(const Op& op, std::size_t element, const Value& value);
  void close(std::uint8_t* length_at);
  void times(const MessagePlan& m, std::size_t first_sample);
  void directions(const MessagePlan& m, std::size_t first_sample);

  void write_tag(const Op& op) {
    store_le(out_, op.tag);
    out_ += op.tag_size;
  }

  [[nodiscard]] std::uint64_t raw_at(const Op& op, std::size_t at) const {
    const std::uint64_t raw = read_bits(s_.payload.data(), at, op.bits);
    return op.little ? swap_bytes(raw, op.bits) : raw;
  }

  const Plan& plan_;
  Scratch& s_;
  std::size_t end_;      // bits
  std::size_t pos_ = 0;  // bits
  std::uint8_t* out_;
  std::uint8_t* room_;
  std::uint64_t known_ = 0;  // registers that hold a value
  std::size_t samples_ = 0;
  Decoded& decoded_;
};

bool Decoder::Run::fail(Fault fault, const Op* op, std::size_t at, std::uint64_t found) {
  decoded_.fault = fault;
  decoded_.op = op == nullptr ? kNoIndex : static_cast<std::uint16_t>(op - plan_.ops.data());
  decoded_.offset = at / 8;
  decoded_.found = found;
  return false;
}

void Decoder::Run::all(std::uint32_t f_port) {
  decoded_.outcome = Outcome::kComplete;
  const MessagePlan& root = plan_.messages.front();
  if (!plan_.ports.empty() && std::ranges::find(plan_.ports, f_port) == plan_.ports.end()) {
    fail(Fault::kUnknownPort, nullptr, 0, f_port);
    decoded_.outcome = Outcome::kFailed;
    return;
  }
  decoded_.found = f_port;
  if (!message(root)) {
    // Records before the fault are whole; anything else that breaks off says nothing.
    if (decoded_.outcome != Outcome::kPartial) decoded_.outcome = Outcome::kFailed;
  } else if (pos_ + 8 <= end_) {
    fail(Fault::kLeftOver, nullptr, pos_ + 7);
    decoded_.outcome = Outcome::kPartial;
  }
  if (decoded_.outcome == Outcome::kFailed) {
    decoded_.time_s.reset();
    return;
  }
  decoded_.message = base::ByteView{s_.message.data(), static_cast<std::size_t>(out_ - s_.message.data())};
  decoded_.samples = std::span<const RawSample>{s_.samples.data(), samples_};
}

bool Decoder::Run::message(const MessagePlan& m) {
  known_ &= ~m.registers;
  const std::size_t first_sample = samples_;
  bool good = false;
  switch (m.form) {
    case Form::kSequence:
      good = sequence(m.first_op, m.op_count);
      break;
    case Form::kTlv:
      good = records(m);
      break;
    case Form::kType:
      good = choice(m);
      break;
    case Form::kPort:
      good = port(m);
      break;
  }
  if (m.has_times) times(m, first_sample);
  if (m.has_reverse) directions(m, first_sample);
  return good;
}

// Gives the samples of a message their times, when all of its fields are read.
void Decoder::Run::times(const MessagePlan& m, std::size_t first_sample) {
  const std::uint64_t mine = m.registers & known_;
  const SampleSpec* const specs = plan_.samples.data();
  RawSample* const end = s_.samples.data() + samples_;
  for (RawSample* sample = s_.samples.data() + first_sample; sample != end; ++sample) {
    const SampleSpec& spec = specs[sample->spec];
    if (spec.time_reg == kNoRegister || ((mine >> spec.time_reg) & 1U) == 0) continue;
    sample->has_time = true;
    sample->time_s = s_.registers[spec.time_reg] + (std::int64_t{sample->element} + spec.first_step) * spec.interval_s;
  }
  if (m.frame && m.time_reg != kNoRegister && ((known_ >> m.time_reg) & 1U) != 0) {
    decoded_.time_s = s_.registers[m.time_reg];
  }
}

// Tells the counters of a message which way they ran, when all of its fields are read.
void Decoder::Run::directions(const MessagePlan& m, std::size_t first_sample) {
  RawSample* const end = s_.samples.data() + samples_;
  for (RawSample* sample = s_.samples.data() + first_sample; sample != end; ++sample) {
    const std::uint16_t reverse = plan_.samples[sample->spec].reverse;
    if (reverse == kNoIndex) continue;
    const Condition& condition = plan_.conditions[reverse];
    if (((m.registers >> condition.reg) & 1U) != 0) sample->reverse = holds(condition);
  }
}

bool Decoder::Run::sequence(std::uint16_t first, std::uint16_t count) {
  const Op* const begin = plan_.ops.data() + first;
  for (const Op* op = begin; op != begin + count; ++op) {
    if (!(op->plain ? number(*op) : field(*op))) return false;
  }
  return true;
}

bool Decoder::Run::records(const MessagePlan& m) {
  std::array<std::uint64_t, kMaxBranches / 64> seen;  // one bit a branch; only the used part is cleared
  std::fill_n(seen.begin(), (m.branches.size() + 63) / 64, 0);
  const unsigned key_bits = m.key_bytes * 8U;
  const Branch* const branches = m.branches.data();
  const std::uint16_t* const slots = m.slots.data();
  bool any = false;
  do {
    std::uint8_t* const out = out_;
    const std::size_t at = pos_;
    const std::size_t samples = samples_;
    const std::uint64_t known = known_;
    bool good = pos_ + key_bits <= end_ || fail(Fault::kShort, nullptr, at);
    if (good) {
      const auto key = static_cast<std::uint32_t>(read_bits(s_.payload.data(), pos_, key_bits));
      const std::uint16_t index = slots[(key * m.slot_multiplier) >> m.slot_shift];
      if (index == kNoIndex || branches[index].value != key) {
        good = fail(Fault::kUnknownKey, nullptr, at, key);
      } else {
        const Branch& branch = branches[index];
        const std::uint64_t bit = std::uint64_t{1} << (index % 64U);
        if ((seen[index / 64U] & bit) != 0 && !branch.repeatable) {
          good = fail(Fault::kRepeatedKey, nullptr, at, key);
        } else {
          seen[index / 64U] |= bit;
          pos_ += key_bits;
          good = sequence(branch.first_op, branch.op_count);
        }
      }
    }
    if (!good) {
      out_ = out;
      samples_ = samples;
      known_ = known;  // what is not in the message says nothing of the samples that are
      const bool broken = decoded_.fault == Fault::kCheck || decoded_.fault == Fault::kTooLarge;
      decoded_.outcome = m.frame && any && !broken ? Outcome::kPartial : Outcome::kFailed;
      return false;
    }
    any = true;
  } while (pos_ + 8 <= end_);
  return true;
}

bool Decoder::Run::choice(const MessagePlan& m) {
  const unsigned bits = m.key_bytes * 8U;
  if (pos_ + bits > end_) return fail(Fault::kShort, nullptr, pos_);
  const auto type = static_cast<std::uint32_t>(read_bits(s_.payload.data(), pos_, bits));
  const auto branch = std::ranges::find(m.branches, type, &Branch::value);
  if (branch == m.branches.end()) return fail(Fault::kUnknownType, nullptr, pos_, type);
  pos_ += bits;
  return sequence(branch->first_op, branch->op_count);
}

bool Decoder::Run::port(const MessagePlan& m) {
  const auto f_port = decoded_.found;
  const auto branch = std::ranges::find(m.branches, f_port, &Branch::value);
  if (branch == m.branches.end()) return fail(Fault::kUnknownPort, nullptr, 0, f_port);
  return sequence(branch->first_op, branch->op_count);
}

bool Decoder::Run::holds(const Condition& condition) const {
  if (((known_ >> condition.reg) & 1U) == 0) return false;
  const auto masked =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(s_.registers[condition.reg]) & condition.mask);
  return condition.has_eq ? masked == condition.eq : masked != 0;
}

bool Decoder::Run::allowed(const Op& op, std::uint64_t raw) const {
  const auto values = plan_.checks_of(op);
  return std::ranges::find(values, raw) != values.end();
}

// Where the elements of a `rest` end: at the frame's end, or where the fields behind them begin.
std::size_t Decoder::Run::end_of(const Op& elements) const {
  std::size_t behind = 0;
  const Op* const begin = &elements + 1;
  for (const Op* op = begin; op != begin + elements.after; ++op) {
    if (op->condition != kNoIndex && !holds(plan_.conditions[op->condition])) continue;
    behind += std::size_t{op->skip} + op->bits + std::size_t{op->length} * 8 + op->pad;
  }
  return end_ - std::min(behind, end_);
}

bool Decoder::Run::field(const Op& op) {
  if (op.condition != kNoIndex && !holds(plan_.conditions[op.condition])) return true;
  if (op.min_left != 0 && pos_ + op.min_left > end_) return true;
  const std::size_t at = pos_;
  pos_ += op.skip;
  if (pos_ > end_) return fail(Fault::kShort, &op, at);
  bool good = false;
  if (op.repeat != Repeat::kOnce) {
    good = repeated(op);
  } else if (op.raw == Raw::kMessage) {
    good = nested(op);
  } else if (op.wire == Wire::kLength) {
    good = text(op);
  } else {
    good = guarded_number(op);
  }
  if (!good) return false;
  pos_ += op.pad;
  return pos_ <= end_ || fail(Fault::kShort, &op, end_);
}

bool Decoder::Run::repeated(const Op& op) {
  std::size_t count = op.count;
  if (op.repeat == Repeat::kCountField) {
    const bool known = op.count_reg != kNoRegister && ((known_ >> op.count_reg) & 1U) != 0;
    const std::int64_t said = known ? s_.registers[op.count_reg] : -1;
    if (said < 0 || said > static_cast<std::int64_t>(end_)) {
      return fail(Fault::kBadCount, &op, pos_, static_cast<std::uint64_t>(said));
    }
    count = static_cast<std::size_t>(said);
  }
  const bool to_end = op.repeat == Repeat::kRest;
  const std::size_t end = to_end ? std::max(pos_, end_of(op)) : end_;
  if (op.packed) {
    if (to_end) {
      count = (end - pos_) / op.bits;
      // Fewer bits than a byte are filling; more are a cut element.
      if (end - pos_ - count * op.bits >= 8 || (op.bits % 8 == 0 && (end - pos_) % op.bits != 0)) {
        return fail(Fault::kShort, &op, pos_ + count * op.bits);
      }
    }
    return packed(op, count);
  }
  for (std::size_t i = 0; to_end ? pos_ + 8 <= end : i < count; ++i) {
    if (!(op.raw == Raw::kMessage ? nested(op) : text(op))) return false;
  }
  return true;
}

bool Decoder::Run::packed(const Op& op, std::size_t count) {
  if (pos_ + count * op.bits > end_) return fail(Fault::kShort, &op, end_);
  if (count == 0) return true;
  std::uint64_t sum = 0;
  if (op.base != kNoRegister) {
    if (((known_ >> op.base) & 1U) == 0) return fail(Fault::kNoBase, &op, pos_);
    sum = static_cast<std::uint64_t>(s_.registers[op.base]);
  }
  write_tag(op);
  std::uint8_t* const length_at = out_;
  std::uint8_t* out = out_ + 1;
  const Wire wire = op.wire;
  const bool accumulates = op.base != kNoRegister;
  const std::uint64_t wrap = op.wrap;
  for (std::size_t i = 0, at = pos_; i < count; ++i, at += op.bits) {
    Value now;
    if (out >= room_) return fail(Fault::kTooLarge, &op, at);
    if (!value(op, at, raw_at(op, at), now)) return false;
    if (accumulates) {
      sum += now.bits;
      if (wrap != 0 && sum >= wrap) sum %= wrap;
      now.bits = sum;
    }
    out = put_value(out, wire, now);
    if (op.sample != kNoIndex) add_sample(op, i, now);
  }
  pos_ += count * op.bits;
  out_ = out;
  close(length_at);
  return out_ < room_ || fail(Fault::kTooLarge, &op, pos_);
}

// A number that is always there.
inline bool Decoder::Run::number(const Op& op) {
  const std::size_t at = pos_;
  if (at + op.bits > end_) return fail(Fault::kShort, &op, at);
  if (out_ >= room_) return fail(Fault::kTooLarge, &op, at);
  Value read;
  if (!value(op, at, raw_at(op, at), read)) return false;
  pos_ = at + op.bits;
  keep(op, read);
  return true;
}

bool Decoder::Run::guarded_number(const Op& op) {
  if (pos_ + op.bits > end_) return fail(Fault::kShort, &op, pos_);
  const std::uint64_t raw = raw_at(op, pos_);
  if (op.check_count != 0 && !allowed(op, raw)) return fail(Fault::kCheck, &op, pos_, raw);
  for (std::uint16_t i = 0; i < op.invalid_count; ++i) {
    if (plan_.invalid[std::size_t{op.first_invalid} + i] != raw) continue;
    pos_ += op.bits;
    return true;
  }
  return number(op);
}

inline void Decoder::Run::keep(const Op& op, const Value& value) {
  if (op.store != kNoRegister) {
    s_.registers[op.store] = value.whole();
    known_ |= std::uint64_t{1} << op.store;
  }
  write_tag(op);
  out_ = put_value(out_, op.wire, value);
  if (op.sample != kNoIndex) add_sample(op, 0, value);
}

inline bool Decoder::Run::value(const Op& op, std::size_t at, std::uint64_t raw, Value& value) {
  std::int64_t whole = 0;
  if (op.raw == Raw::kSigned) {
    whole = extend_sign(raw, op.bits);
  } else if (op.raw == Raw::kBcd) {
    if (!digits(op, at, raw, raw)) return false;
    whole = static_cast<std::int64_t>(raw);
  } else {
    whole = static_cast<std::int64_t>(raw);
  }
  if (op.integral) {
    if (op.is_bool) whole = whole != 0 ? 1 : 0;
    if (op.scaled) whole = whole * op.whole_mul + op.whole_add;  // fits: the compiler has looked
    value.set(whole);
    return true;
  }
  double real = static_cast<double>(whole);
  if (op.raw == Raw::kFloat) {
    real = op.bits == 32 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(raw)))
                         : std::bit_cast<double>(raw);
  }
  if (op.scaled) real = real * op.mul / op.div + op.add;
  value.set(real);
  return true;
}

bool Decoder::Run::digits(const Op& op, std::size_t at, std::uint64_t raw, std::uint64_t& result) {
  std::uint64_t number = 0;
  for (unsigned left = op.bits; left > 0; left -= 4) {
    const std::uint64_t digit = (raw >> (left - 4)) & 0xfU;
    if (digit > 9) return fail(Fault::kBadDigit, &op, at, digit);
    number = number * 10 + digit;
  }
  result = number;
  return true;
}

inline void Decoder::Run::add_sample(const Op& op, std::size_t element, const Value& value) {
  if (samples_ == kMaxSamples) return;  // a sample takes at least one bit: cannot be
  RawSample& sample = *(s_.samples.data() + samples_++);
  sample.spec = op.sample;
  sample.element = static_cast<std::uint16_t>(element);
  sample.whole = op.integral;
  sample.has_time = false;
  sample.reverse = false;
  sample.bits = value.bits;
}

// Writes the length of what stands behind `length_at` + 1, moving it when one byte is not enough.
void Decoder::Run::close(std::uint8_t* length_at) {
  const auto size = static_cast<std::size_t>(out_ - length_at - 1);
  std::size_t extra = 0;
  for (std::size_t rest = size >> 7U; rest != 0; rest >>= 7U) ++extra;
  if (extra != 0) std::memmove(length_at + 1 + extra, length_at + 1, size);
  put_varint(length_at, size);
  out_ += extra;
}

bool Decoder::Run::text(const Op& op) {
  const std::size_t at = pos_;
  const std::size_t size = op.to_end ? (end_ - pos_) / 8 : op.length;
  if (pos_ + size * 8 > end_) return fail(Fault::kShort, &op, at);
  if (static_cast<std::size_t>(room_ - std::min(out_, room_)) < 2 * size + kSlack)
    return fail(Fault::kTooLarge, &op, at);
  const std::uint8_t* const from = s_.payload.data() + at / 8;
  pos_ += size * 8;
  write_tag(op);
  std::uint8_t* const length_at = out_++;
  if (op.raw == Raw::kHex) {
    static constexpr char kDigits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < size; ++i) {
      *out_++ = static_cast<std::uint8_t>(kDigits[from[i] >> 4U]);
      *out_++ = static_cast<std::uint8_t>(kDigits[from[i] & 0xfU]);
    }
  } else {
    const bool ascii = op.raw == Raw::kAscii;
    const std::size_t used = ascii ? static_cast<std::size_t>(std::find(from, from + size, 0) - from) : size;
    for (std::size_t i = 0; ascii && i < used; ++i) {
      if (from[i] > 0x7f) return fail(Fault::kBadText, &op, at + 8 * i, from[i]);
    }
    if (used != 0) std::memcpy(out_, from, used);
    out_ += used;
  }
  close(length_at);
  return true;
}

bool Decoder::Run::nested(const Op& op) {
  if (out_ >= room_) return fail(Fault::kTooLarge, &op, pos_);
  write_tag(op);
  std::uint8_t* const length_at = out_++;
  const bool good = message(plan_.messages[op.message]);
  // A frame's records before the fault stay: then this message is closed around them.
  if (good || decoded_.outcome == Outcome::kPartial) close(length_at);
  return good && (out_ < room_ || fail(Fault::kTooLarge, &op, pos_));
}

Decoder::Decoder() : scratch_(std::make_unique<Scratch>()) {}
Decoder::~Decoder() = default;

Decoded Decoder::decode(const Plan& plan, std::uint32_t f_port, base::ByteView payload) {
  if (payload.size() > kMaxPayload) {
    Decoded refused;
    refused.fault = Fault::kTooLong;
    refused.offset = kMaxPayload;
    refused.found = payload.size();
    return refused;
  }
  if (!payload.empty()) std::memcpy(scratch_->payload.data(), payload.data(), payload.size());
  std::memset(scratch_->payload.data() + payload.size(), 0, 16);
  Decoded result;
  Run{plan, *scratch_, payload.size(), result}.all(f_port);
  return result;
}

std::string explain(const Plan& plan, const Decoded& decoded, std::size_t payload_size) {
  std::string what;
  const std::string field = decoded.op == kNoIndex || plan.ops[decoded.op].field == nullptr
                                ? std::string{}
                                : fmt::format("{}.{}", plan.ops[decoded.op].field->containing_type()->name(),
                                              plan.ops[decoded.op].field->name());
  switch (decoded.fault) {
    case Fault::kNone:
      return {};
    case Fault::kShort:
      what = fmt::format("the frame of {} bytes ends inside {}", payload_size, field.empty() ? "a key or type" : field);
      break;
    case Fault::kLeftOver:
      what = fmt::format("{} bytes too many", payload_size - decoded.offset);
      break;
    case Fault::kUnknownPort:
      return fmt::format("no layout for FPort {}", decoded.found);
    case Fault::kUnknownType:
      what = fmt::format("unknown type {:#04x}", decoded.found);
      break;
    case Fault::kUnknownKey:
      what = fmt::format("unknown key {:#04x}", decoded.found);
      break;
    case Fault::kRepeatedKey:
      what = fmt::format("key {:#04x} a second time", decoded.found);
      break;
    case Fault::kCheck:
      what = fmt::format("{} is {:#x}, not {:#x}", field, decoded.found,
                         fmt::join(plan.checks_of(plan.ops[decoded.op]), " or "));
      break;
    case Fault::kBadDigit:
      what = fmt::format("{} has the decimal digit {:#x}", field, decoded.found);
      break;
    case Fault::kBadText:
      what = fmt::format("{} has the character {:#x}", field, decoded.found);
      break;
    case Fault::kNoBase:
      what = fmt::format("{} has no start", field);
      break;
    case Fault::kBadCount:
      what = fmt::format("{} has no possible count", field);
      break;
    case Fault::kTooLong:
      what = fmt::format("{} bytes cannot come by radio", decoded.found);
      break;
    case Fault::kTooLarge:
      what = "the message becomes too large";
      break;
  }
  return fmt::format("{}{} at offset {}", decoded.outcome == Outcome::kPartial ? "partial: " : "", what,
                     decoded.offset);
}

}  // namespace lenne::decode
