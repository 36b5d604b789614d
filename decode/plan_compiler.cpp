#include "decode/plan_compiler.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "decode/field_rules.hpp"
#include "decode/quantities.hpp"

namespace lenne::decode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::size_t kMaxOps = 4096;
constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxRegisters = 64;
constexpr std::uint64_t kMaxBits = kMaxPayload * 8;
constexpr std::uint64_t kMaxKeyBytes = 2;
constexpr std::uint32_t kMaxPort = 223;  // LoRaWAN 1.0.4, 4.3.2: application ports

// A message around the present one, and what its fields have been given.
struct Scope {
  const Descriptor* message = nullptr;
  const Scope* around = nullptr;
  std::map<std::string, std::uint8_t, std::less<>> registers;
  std::set<std::string, std::less<>> declared;  // fields already read at this point
  std::uint8_t time_reg = kNoRegister;
};

// Where the reader stands in front of a field: bits past a byte border, or unknown.
struct Position {
  int bit = 0;
  bool known = true;

  void advance(std::uint64_t bits) { bit = static_cast<int>((static_cast<std::uint64_t>(bit) + bits) % 8); }
  [[nodiscard]] bool on_byte() const { return known && bit == 0; }
};

using Measures = std::set<std::string, std::less<>>;

class Compiler {
 public:
  Compiler(Plan& plan, std::vector<std::string>& errors) : plan_(plan), errors_(errors) {}

  // Compiles one use of a message type; `bits` grows by its smallest size. Its index in plan.messages.
  std::uint16_t message(const Descriptor& type, const Scope* around, bool little, bool frame, Position& position,
                        std::uint64_t& bits, Measures& measures);

 private:
  void refuse(const FieldDescriptor& field, std::string_view why) {
    errors_.push_back(
        fmt::format("{}.proto: {}.{}: {}", plan_.name, field.containing_type()->name(), field.name(), why));
  }
  void refuse(const Descriptor& message, std::string_view why) {
    errors_.push_back(fmt::format("{}.proto: {}: {}", plan_.name, message.name(), why));
  }

  void allocate_registers(const Descriptor& type, Scope& scope, MessagePlan& result);
  [[nodiscard]] std::uint8_t find_register(const Scope& scope, std::string_view name, bool earlier) const;
  std::uint8_t reference(const FieldDescriptor& field, const Scope& scope, const std::string& name,
                         std::string_view what);

  void sequence(const Descriptor& type, Scope& scope, bool little, Position& position, std::uint64_t& bits,
                Measures& measures, std::vector<Op>& ops);
  [[nodiscard]] std::string behind_rest(const std::vector<Op>& ops, std::size_t rest) const;
  void records(const Descriptor& type, Scope& scope, bool little, MessagePlan& result, Measures& measures,
               std::vector<Op>& ops);
  void choices(const Descriptor& type, Scope& scope, bool little, MessagePlan& result, const Measures& measures,
               std::vector<Op>& ops);

  Op field(const FieldDescriptor& field, const FieldOptions& options, Scope& scope, bool little, bool frame,
           Position& position, std::uint64_t& bits, Measures& measures);
  void repetition(const FieldDescriptor& field, const codec::Field& options, const Scope& scope, Op& op);
  void conditions(const FieldDescriptor& field, const codec::Field& options, const Scope& scope, Op& op);
  void sample(const FieldDescriptor& field, const codec::Meaning& meaning, const Scope& scope, Op& op,
              Measures& measures);
  void direction(const FieldDescriptor& field, const codec::When& when, const Scope& scope, SampleSpec& spec);
  void place(const FieldDescriptor& field, const codec::Field& options, bool little, const Position& position, Op& op);
  void advance(const Op& op, const FieldDescriptor& field, std::uint64_t element_bits, Position& position,
               std::uint64_t& bits);
  void build_slots(MessagePlan& result);

  Plan& plan_;
  std::vector<std::string>& errors_;
  std::vector<const Descriptor*> stack_;
  std::size_t registers_ = 0;
  std::map<std::uint8_t, bool> is_time_;
};

Condition condition_of(const codec::When& when, std::uint8_t reg) {
  Condition condition;
  condition.reg = reg;
  condition.has_eq = when.has_eq();
  if (when.has_mask()) condition.mask = when.mask();
  condition.eq = when.eq();
  return condition;
}

// Names that fields of `type`, or of messages inside it, refer to.
void referenced_names(const Descriptor& type, std::set<std::string>& names, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return;
  names.insert(layout_of(type).sample_time());
  for (int i = 0; i < type.field_count(); ++i) {
    const auto options = options_of(*type.field(i));
    names.insert(options.layout.when().field());
    names.insert(options.layout.accumulate());
    names.insert(options.layout.count_field());
    names.insert(options.meaning.sample_time());
    names.insert(options.meaning.reverse_when().field());
    if (is_message(*type.field(i))) referenced_names(*type.field(i)->message_type(), names, seen);
  }
}

void Compiler::allocate_registers(const Descriptor& type, Scope& scope, MessagePlan& result) {
  std::set<std::string> names;
  std::set<const Descriptor*> seen;
  referenced_names(type, names, seen);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!names.contains(field.name()) || field.is_repeated() || !is_number(field) || is_real(field)) continue;
    if (registers_ >= kMaxRegisters) {
      refuse(field, fmt::format("more than {} fields are referred to", kMaxRegisters));
      return;
    }
    const auto reg = static_cast<std::uint8_t>(registers_++);
    scope.registers.emplace(field.name(), reg);
    is_time_[reg] = options_of(field).layout.rep() == codec::UNIX_TIME;
    result.registers |= std::uint64_t{1} << reg;
    result.has_times = result.has_times || is_time_[reg];
  }
}

std::uint8_t Compiler::find_register(const Scope& scope, std::string_view name, bool earlier) const {
  for (const Scope* at = &scope; at != nullptr; at = at->around) {
    const auto found = at->registers.find(name);
    if (found == at->registers.end()) continue;
    return !earlier || at->declared.contains(name) ? found->second : kNoRegister;
  }
  return kNoRegister;
}

std::uint8_t Compiler::reference(const FieldDescriptor& field, const Scope& scope, const std::string& name,
                                 std::string_view what) {
  const auto reg = find_register(scope, name, true);
  if (reg != kNoRegister) return reg;
  const bool later = find_register(scope, name, false) != kNoRegister;
  refuse(field, later ? fmt::format("{} \"{}\" comes later in the payload", what, name)
                      : fmt::format("{} \"{}\" is no single whole-number field here", what, name));
  return kNoRegister;
}

std::uint16_t Compiler::message(const Descriptor& type, const Scope* around, bool little, bool frame,
                                Position& position, std::uint64_t& bits, Measures& measures) {
  const auto index = static_cast<std::uint16_t>(plan_.messages.size());
  plan_.messages.emplace_back();
  if (std::ranges::find(stack_, &type) != stack_.end() || stack_.size() >= kMaxDepth) {
    refuse(type, fmt::format("contains itself, or is nested more than {} deep", kMaxDepth));
    return index;
  }
  stack_.push_back(&type);
  const auto layout = layout_of(type);
  MessagePlan result;
  result.type = &type;
  result.frame = frame;
  Scope scope{.message = &type, .around = around, .registers = {}, .declared = {}, .time_reg = kNoRegister};
  allocate_registers(type, scope, result);
  if (around != nullptr) scope.time_reg = around->time_reg;
  if (!layout.sample_time().empty()) {
    const auto found = scope.registers.find(layout.sample_time());
    if (found == scope.registers.end() || !is_time_[found->second]) {
      refuse(type, fmt::format("sample_time \"{}\" is no UNIX_TIME field of it", layout.sample_time()));
    } else {
      scope.time_reg = result.time_reg = found->second;
    }
  }
  if (layout.endian() != codec::ENDIAN_INHERIT) little = layout.endian() == codec::LITTLE;
  bool by_port = false;
  for (int i = 0; i < type.field_count(); ++i) {
    const auto options = options_of(*type.field(i));
    by_port = by_port || options.layout.port_size() > 0;
    result.has_reverse = result.has_reverse || options.meaning.has_reverse_when();
  }
  if (type.field_count() == 0) refuse(type, "has no fields");
  const auto key_bytes = std::uint64_t{layout.tlv_key_bytes()} + layout.type_bytes();
  if (key_bytes > kMaxKeyBytes || (layout.tlv_key_bytes() != 0 && layout.type_bytes() != 0))
    refuse(type, "tlv_key_bytes or type_bytes is 1 or 2");
  result.key_bytes = static_cast<std::uint8_t>(std::min<std::uint64_t>(key_bytes, kMaxKeyBytes));
  if (around != nullptr && (by_port || layout.port_size() > 0)) refuse(type, "only the first message knows the FPort");
  if (around != nullptr && layout.downlink()) refuse(type, "is a field's message, and no downlink of its own");

  std::vector<Op> ops;
  if (layout.tlv_key_bytes() != 0 && !by_port) {
    result.form = Form::kTlv;
    if (!position.on_byte()) refuse(type, "records begin at a byte");
    bits += 8 * std::uint64_t{layout.tlv_key_bytes()};
    records(type, scope, little, result, measures, ops);
    position = Position{};
  } else if (by_port || layout.type_bytes() != 0) {
    result.form = by_port ? Form::kPort : Form::kType;
    if (by_port && result.key_bytes != 0) refuse(type, "either ports, types or keys");
    if (!position.on_byte()) refuse(type, "a type begins at a byte");
    bits += 8 * std::uint64_t{layout.type_bytes()};
    choices(type, scope, little, result, measures, ops);
    position = Position{};
  } else {
    sequence(type, scope, little, position, bits, measures, ops);
  }
  if (bits > kMaxBits) refuse(type, fmt::format("needs {} bytes, a frame has at most {}", (bits + 7) / 8, kMaxPayload));
  result.first_op = static_cast<std::uint16_t>(plan_.ops.size());
  result.op_count = static_cast<std::uint16_t>(ops.size());
  for (auto& branch : result.branches) branch.first_op = static_cast<std::uint16_t>(branch.first_op + result.first_op);
  plan_.ops.insert(plan_.ops.end(), ops.begin(), ops.end());
  if (plan_.ops.size() > kMaxOps) refuse(type, fmt::format("more than {} fields", kMaxOps));
  if (result.branches.size() > kMaxBranches)
    refuse(type, fmt::format("more than {} keys, types or ports", kMaxBranches));
  if (result.form == Form::kTlv) build_slots(result);
  plan_.messages[index] = std::move(result);
  stack_.pop_back();
  return index;
}

void Compiler::sequence(const Descriptor& type, Scope& scope, bool little, Position& position, std::uint64_t& bits,
                        Measures& measures, std::vector<Op>& ops) {
  std::optional<std::size_t> rest;  // the field that reaches to the end
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field_ = *type.field(i);
    const auto options = options_of(field_);
    if (options.layout.has_key() || options.layout.has_type())
      refuse(field_, "has a key or type, but its message no such layout");
    ops.push_back(field(field_, options, scope, little, false, position, bits, measures));
    if (field_.is_repeated() && ops.back().repeat == Repeat::kOnce)
      refuse(field_, "repeated needs rest, count or count_field");
    if (rest) {
      if (auto why = behind_rest(ops, *rest); !why.empty()) refuse(field_, why);
      ++ops[*rest].after;
    } else if (options.layout.rest()) {
      rest = ops.size() - 1;
    }
  }
}

// Why the last operation cannot stand behind the one that reaches to the end; empty when it can. Where the elements end
// must be known before the first of them is read.
std::string Compiler::behind_rest(const std::vector<Op>& ops, std::size_t rest) const {
  const Op& elements = ops[rest];
  const Op& last = ops.back();
  if (elements.repeat != Repeat::kRest) return "comes after a field that reaches to the end";
  if (last.repeat != Repeat::kOnce || last.to_end || last.min_left > 0 || last.raw == Raw::kMessage)
    return "comes after a field that reaches to the end, and is no single field of fixed size";
  if (elements.bits % 8 != 0) return fmt::format("comes after elements of {} bits, no whole bytes", elements.bits);
  const auto depends_on = [&](const Op& op) {
    return last.condition != kNoIndex && op.store != kNoRegister && plan_.conditions[last.condition].reg == op.store;
  };
  const auto between = std::span{ops}.subspan(rest + 1);
  return std::ranges::any_of(between, depends_on) ? "depends on a field behind one that reaches to the end" : "";
}

void Compiler::records(const Descriptor& type, Scope& scope, bool little, MessagePlan& result, Measures& measures,
                       std::vector<Op>& ops) {
  std::map<std::uint32_t, std::string> used;
  Position position;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field_ = *type.field(i);
    const auto options = options_of(field_);
    const std::uint32_t key = options.layout.key();
    if (!options.layout.has_key()) refuse(field_, "has no key");
    if (key >= (1U << (8 * result.key_bytes)))
      refuse(field_, fmt::format("key {:#x} has more than {} bytes", key, result.key_bytes));
    if (!field_.has_presence() && !field_.is_repeated()) refuse(field_, "must be optional: its record may be absent");
    if (result.branches.empty() || result.branches.back().value != key) {
      const auto [at, fresh] = used.emplace(key, field_.name());
      if (!fresh) refuse(field_, fmt::format("key {:#x} is already that of {}", key, at->second));
      result.branches.push_back({key, static_cast<std::uint16_t>(ops.size()), 0, true});
      position = Position{};
    }
    auto& branch = result.branches.back();
    ++branch.op_count;
    branch.repeatable = branch.repeatable && field_.is_repeated();
    std::uint64_t bits = 0;
    ops.push_back(field(field_, options, scope, little, false, position, bits, measures));
    const bool last = i + 1 == type.field_count() || options_of(*type.field(i + 1)).layout.key() != key;
    if (last && !position.on_byte()) refuse(field_, "its record does not end at a byte");
    if (bits > kMaxBits) refuse(field_, fmt::format("needs more than {} bytes", kMaxPayload));
  }
}

void Compiler::choices(const Descriptor& type, Scope& scope, bool little, MessagePlan& result, const Measures& measures,
                       std::vector<Op>& ops) {
  std::map<std::uint32_t, std::string> used;
  const bool by_port = result.form == Form::kPort;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field_ = *type.field(i);
    const auto options = options_of(field_);
    if (!is_message(field_) || field_.is_repeated()) refuse(field_, "only single messages are chosen by port or type");
    std::vector<std::uint32_t> values(options.layout.port().begin(), options.layout.port().end());
    if (!by_port) values.clear();
    if (!by_port && options.layout.has_type()) values.push_back(options.layout.type());
    if (values.empty()) refuse(field_, by_port ? "has no port" : "has no type");
    for (const auto value : values) {
      const std::uint32_t limit = by_port ? kMaxPort : (1U << (8 * result.key_bytes)) - 1;
      const std::string_view what = by_port ? "port" : "type";
      if (value > limit || (by_port && value == 0))
        refuse(field_, fmt::format("{} {} is not in {}..{}", what, value, by_port ? 1 : 0, limit));
      const auto [at, fresh] = used.emplace(value, field_.name());
      if (!fresh) refuse(field_, fmt::format("{} {} is already that of {}", what, value, at->second));
      result.branches.push_back({value, static_cast<std::uint16_t>(ops.size()), 1, false});
    }
    Position position;
    std::uint64_t bits = 0;
    Measures own = measures;  // only one of the choices is in a frame
    ops.push_back(field(field_, options, scope, little, true, position, bits, own));
  }
}

Op Compiler::field(const FieldDescriptor& field, const FieldOptions& options, Scope& scope, bool little, bool frame,
                   Position& position, std::uint64_t& bits, Measures& measures) {
  const codec::Field& layout = options.layout;
  Op op;
  if (!options.present) refuse(field, "has no (codec.f): where does it stand?");
  if (field.is_map()) refuse(field, "maps are not supported");
  repetition(field, layout, scope, op);
  if (auto why = fill_value(field, layout, op); !why.empty()) refuse(field, why);
  conditions(field, layout, scope, op);
  op.skip = static_cast<std::uint16_t>(std::min<std::uint64_t>(layout.skip(), kMaxBits + 1));
  op.pad = static_cast<std::uint16_t>(std::min<std::uint64_t>(layout.pad(), kMaxBits + 1));
  op.min_left = static_cast<std::uint16_t>(std::min<std::uint64_t>(layout.min_left(), kMaxBits + 1));
  std::uint64_t element_bits = op.length != 0 ? std::uint64_t{op.length} * 8 : op.bits;
  Position start = position;
  start.advance(op.skip);
  place(field, layout, little, start, op);
  if (op.raw == Raw::kMessage) {
    Position inside = start;
    element_bits = 0;
    if (layout.endian() != codec::ENDIAN_INHERIT) little = layout.endian() == codec::LITTLE;
    op.message = message(*field.message_type(), &scope, little, frame, inside, element_bits, measures);
    const bool to_end = plan_.messages[op.message].form != Form::kSequence;
    if (op.repeat != Repeat::kOnce) {
      if (element_bits == 0) refuse(field, "its elements can be empty");
      if (inside.bit != start.bit || inside.known != start.known || to_end)
        refuse(field, "its elements are not whole bytes");
    }
    if (!inside.known) position.known = false;
  } else if (!options.meaning.quantity().empty()) {
    sample(field, options.meaning, scope, op, measures);
  } else if (options.meaning.has_reverse_when()) {
    refuse(field, "reverse_when needs a quantity");
  } else if (!options.meaning.unit().empty() && !is_unit(options.meaning.unit())) {
    refuse(field, fmt::format("unit \"{}\" is not registered", options.meaning.unit()));
  }
  if (const auto own = scope.registers.find(field.name()); own != scope.registers.end()) op.store = own->second;
  advance(op, field, element_bits, position, bits);
  op.plain = op.repeat == Repeat::kOnce && op.condition == kNoIndex && op.min_left == 0 && op.invalid_count == 0 &&
             op.check_count == 0 && op.skip == 0 && op.pad == 0 && is_number(field) && op.raw != Raw::kBcd;
  scope.declared.insert(field.name());
  return op;
}

void Compiler::repetition(const FieldDescriptor& field, const codec::Field& options, const Scope& scope, Op& op) {
  const bool bytes = !is_number(field) && !is_message(field);
  const int ways = (options.rest() && (field.is_repeated() || !bytes) ? 1 : 0) + (options.count() != 0 ? 1 : 0) +
                   (options.count_field().empty() ? 0 : 1);
  if (ways > 0 && !field.is_repeated()) refuse(field, "rest, count and count_field need a repeated field");
  if (ways > 1) refuse(field, "only one of rest, count and count_field");
  if (options.count() > kMaxBits) refuse(field, fmt::format("count {} is more than a frame holds", options.count()));
  if (options.rest() && field.is_repeated()) {
    op.repeat = Repeat::kRest;
  } else if (options.count() != 0) {
    op.repeat = Repeat::kCount;
    op.count = static_cast<std::uint16_t>(options.count());
  } else if (!options.count_field().empty()) {
    op.repeat = Repeat::kCountField;
    op.count_reg = reference(field, scope, options.count_field(), "count_field");
  }
  if (options.accumulate().empty()) return;
  op.base = reference(field, scope, options.accumulate(), "accumulate");
  if (op.repeat == Repeat::kOnce || !is_number(field) || is_real(field) || field.type() == FieldDescriptor::TYPE_BOOL) {
    refuse(field, "accumulate needs a repeated whole-number field with rest, count or count_field");
  }
}

void Compiler::conditions(const FieldDescriptor& field, const codec::Field& options, const Scope& scope, Op& op) {
  if (options.has_when()) {
    const auto condition = condition_of(options.when(), reference(field, scope, options.when().field(), "when"));
    if (!options.when().has_eq() && !options.when().has_mask()) refuse(field, "when needs eq or mask");
    op.condition = static_cast<std::uint16_t>(plan_.conditions.size());
    plan_.conditions.push_back(condition);
  }
  op.first_invalid = static_cast<std::uint16_t>(plan_.invalid.size());
  op.invalid_count = static_cast<std::uint16_t>(options.invalid_size());
  plan_.invalid.insert(plan_.invalid.end(), options.invalid().begin(), options.invalid().end());
  op.first_check = static_cast<std::uint16_t>(plan_.checks.size());
  op.check_count = static_cast<std::uint16_t>(options.check_size());
  plan_.checks.insert(plan_.checks.end(), options.check().begin(), options.check().end());
  if (op.check_count > 0 && field.is_repeated()) refuse(field, "check needs a single field");
  if (op.invalid_count > 0 && field.is_repeated())
    refuse(field, "invalid would shift the elements of a repeated field");
  const bool may_be_absent = options.has_when() || options.min_left() > 0 || op.invalid_count > 0;
  if (may_be_absent && !field.has_presence() && !field.is_repeated())
    refuse(field, "must be optional: it may be absent");
  if (is_number(field) && op.bits > 0 && op.bits < 64) {
    const std::uint64_t limit = std::uint64_t{1} << op.bits;
    const auto beyond = [&](std::uint64_t raw) { return raw >= limit; };
    if (std::ranges::any_of(options.invalid(), beyond) || std::ranges::any_of(options.check(), beyond))
      refuse(field, "check or invalid has more bits than the field");
  }
}

void Compiler::sample(const FieldDescriptor& field, const codec::Meaning& meaning, const Scope& scope, Op& op,
                      Measures& measures) {
  SampleSpec spec;
  if (auto why = fill_sample(field, meaning, spec); !why.empty()) {
    refuse(field, why);
    return;
  }
  spec.time_reg = scope.time_reg;
  if (!meaning.sample_time().empty()) {
    spec.time_reg = find_register(scope, meaning.sample_time(), false);
    if (spec.time_reg == kNoRegister || !is_time_[spec.time_reg]) {
      refuse(field, fmt::format("sample_time \"{}\" is no UNIX_TIME field here", meaning.sample_time()));
    }
  }
  if ((spec.interval_s != 0 || spec.first_step != 0) && (!field.is_repeated() || spec.time_reg == kNoRegister)) {
    refuse(field, "interval_s and first_step need a repeated field with a sample_time");
  }
  if (!measures.insert(fmt::format("{} at {} step {}", spec.measure, spec.time_reg, spec.interval_s)).second) {
    refuse(field,
           fmt::format("a second \"{}\" of the same time: name it \"{}.<suffix>\"", spec.measure, meaning.quantity()));
  }
  if (meaning.has_reverse_when()) direction(field, meaning.reverse_when(), scope, spec);
  if (op.base != kNoRegister) {
    op.wrap = meaning.rollover_bits() != 0 ? std::uint64_t{1} << meaning.rollover_bits() : meaning.rollover_at();
  }
  plan_.oldest_frame = std::max(plan_.oldest_frame, spec.oldest);
  op.sample = static_cast<std::uint16_t>(plan_.samples.size());
  plan_.samples.push_back(std::move(spec));
}

// Which field of its message says that a counter ran backwards, and how.
void Compiler::direction(const FieldDescriptor& field, const codec::When& when, const Scope& scope, SampleSpec& spec) {
  const auto found = scope.registers.find(when.field());
  if (found == scope.registers.end()) {
    refuse(field, fmt::format("reverse_when \"{}\" is no single whole-number field of its message", when.field()));
    return;
  }
  if (!when.has_eq() && !when.has_mask()) {
    refuse(field, "reverse_when needs eq or mask");
    return;
  }
  const FieldDescriptor& status = *scope.message->FindFieldByName(when.field());
  if (!can_hold(status, options_of(status).layout, when))
    refuse(field, fmt::format("reverse_when never holds: \"{}\" has no such value", when.field()));
  spec.reverse = static_cast<std::uint16_t>(plan_.conditions.size());
  plan_.conditions.push_back(condition_of(when, found->second));
}

// Whether the field can stand where the reader is.
void Compiler::place(const FieldDescriptor& field, const codec::Field& options, bool little, const Position& position,
                     Op& op) {
  if (options.endian() != codec::ENDIAN_INHERIT) little = options.endian() == codec::LITTLE;
  const bool bytes = op.raw == Raw::kHex || op.raw == Raw::kAscii || op.raw == Raw::kBytes;
  op.little = little && op.bits > 8;
  if (op.little && op.bits % 8 != 0) refuse(field, "a little-endian number is whole bytes");
  if ((op.little || bytes) && !position.on_byte()) refuse(field, "does not begin at a byte");
}

void Compiler::advance(const Op& op, const FieldDescriptor& field, std::uint64_t element_bits, Position& position,
                       std::uint64_t& bits) {
  const bool optional = op.condition != kNoIndex || op.min_left > 0;
  const std::uint64_t count = op.repeat == Repeat::kOnce ? 1 : op.repeat == Repeat::kCount ? op.count : 0;
  const std::uint64_t least = op.skip + element_bits * count + op.pad;
  if (op.repeat == Repeat::kRest || op.repeat == Repeat::kCountField) {
    if (element_bits % 8 != 0) position.known = false;
    position.advance(op.skip + op.pad);
  } else {
    position.advance(least);
  }
  if (optional && least % 8 != 0) position.known = false;
  if (!optional) bits += least;
  if (bits > kMaxBits) refuse(field, fmt::format("ends after more than {} bytes", kMaxPayload));
}

// A hash table without collisions: one probe finds a key's branch.
void Compiler::build_slots(MessagePlan& result) {
  if (!errors_.empty()) return;
  for (std::uint8_t log2 = 1; log2 <= 16; ++log2) {
    const std::size_t size = std::size_t{1} << log2;
    if (size < 2 * result.branches.size()) continue;
    for (std::uint32_t attempt = 0; attempt < 64; ++attempt) {
      const std::uint32_t multiplier = 0x9e3779b1U + 2 * attempt * 0x7feb352dU;
      std::vector<std::uint16_t> slots(size, kNoIndex);
      const auto shift = static_cast<std::uint8_t>(32 - log2);
      const bool collides =
          std::ranges::any_of(result.branches, [&, index = std::uint16_t{0}](const Branch& branch) mutable {
            auto& slot = slots[(branch.value * multiplier) >> shift];
            return std::exchange(slot, index++) != kNoIndex;
          });
      if (collides) continue;
      result.slots = std::move(slots);
      result.slot_multiplier = multiplier;
      result.slot_shift = shift;
      return;
    }
  }
  refuse(*result.type, "has too many keys");
}

}  // namespace

std::optional<Plan> compile_plan(const Descriptor& root, std::string name, std::string id,
                                 std::vector<std::string>& errors) {
  Plan plan;
  plan.name = std::move(name);
  plan.id = std::move(id);
  std::vector<std::string> found;
  Position position;
  std::uint64_t bits = 0;
  Measures measures;
  Compiler{plan, found}.message(root, nullptr, false, true, position, bits, measures);
  const auto layout = layout_of(root);
  for (const auto port : layout.port()) {
    if (port == 0 || port > kMaxPort) {
      found.push_back(fmt::format("{}.proto: {}: port {} is not in 1..{}", plan.name, root.name(), port, kMaxPort));
    }
    plan.ports.push_back(port);
  }
  errors.insert(errors.end(), found.begin(), found.end());
  if (!found.empty()) return std::nullopt;
  return plan;
}

}  // namespace lenne::decode
