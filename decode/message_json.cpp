#include "decode/message_json.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/fixed_point.hpp"
#include "base/time.hpp"
#include "decode/decoder.hpp"
#include "decode/encoder.hpp"
#include "decode/json_reader.hpp"
#include "decode/samples.hpp"

namespace lenne::decode {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

constexpr std::size_t kMaxJson = 256 * 1024;

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20 || code == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
    } else {
      out += c;
    }
  }
  out += '"';
}

// The shortest text that reads back as the same number.
template <typename Number>
void append_real(std::string& out, Number value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.begin(), text.end(), value).ptr;
  out.append(text.begin(), end);
}

void append_message(std::string& out, const pb::Message& message);

// `at` < 0: a single field.
void append_value(std::string& out, const pb::Message& message, const FieldDescriptor& field, int at) {
  const pb::Reflection& get = *message.GetReflection();
  const bool many = at >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      out += std::to_string(many ? get.GetRepeatedInt32(message, &field, at) : get.GetInt32(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      out += std::to_string(many ? get.GetRepeatedInt64(message, &field, at) : get.GetInt64(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      out += std::to_string(many ? get.GetRepeatedUInt32(message, &field, at) : get.GetUInt32(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      out += std::to_string(many ? get.GetRepeatedUInt64(message, &field, at) : get.GetUInt64(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      append_real(out, many ? get.GetRepeatedDouble(message, &field, at) : get.GetDouble(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      append_real(out, many ? get.GetRepeatedFloat(message, &field, at) : get.GetFloat(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      out += (many ? get.GetRepeatedBool(message, &field, at) : get.GetBool(message, &field)) ? "true" : "false";
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = many ? get.GetRepeatedEnumValue(message, &field, at) : get.GetEnumValue(message, &field);
      const auto* const value = field.enum_type()->FindValueByNumber(number);
      if (value != nullptr) {
        append_text(out, value->name());
      } else {
        out += std::to_string(number);
      }
      break;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = many ? get.GetRepeatedString(message, &field, at) : get.GetString(message, &field);
      append_text(out, field.type() == FieldDescriptor::TYPE_BYTES ? base::to_hex(base::as_bytes(text)) : text);
      break;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      append_message(out, many ? get.GetRepeatedMessage(message, &field, at) : get.GetMessage(message, &field));
      break;
  }
}

void append_message(std::string& out, const pb::Message& message) {
  const pb::Descriptor& type = *message.GetDescriptor();
  const pb::Reflection& get = *message.GetReflection();
  char separator = '{';
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated() ? get.FieldSize(message, &field) == 0
                            : field.has_presence() && !get.HasField(message, &field)) {
      continue;
    }
    out += separator;
    separator = ',';
    append_text(out, field.name());
    out += ':';
    if (!field.is_repeated()) {
      append_value(out, message, field, -1);
      continue;
    }
    for (int at = 0; at < get.FieldSize(message, &field); ++at) {
      out += at == 0 ? '[' : ',';
      append_value(out, message, field, at);
    }
    out += ']';
  }
  out += separator == '{' ? "{}" : "}";
}

std::string_view kind_name(v1::Kind kind) {
  switch (kind) {
    case v1::KIND_GAUGE:
      return "gauge";
    case v1::KIND_COUNTER:
      return "counter";
    case v1::KIND_STATE:
      return "state";
    case v1::KIND_EVENT:
      return "event";
    case v1::KIND_INFO:
      return "info";
    case v1::KIND_HELD:
      return "held";
    default:
      return "unspecified";
  }
}

// One sample as JSON; what is wrong with it goes to `warnings`.
void append_sample(std::string& out, const SampleSpec& spec, const RawSample& raw, std::string& warnings) {
  const Steps steps = to_steps(spec, raw);
  const std::string value = base::to_decimal(steps.value, spec.exponent);
  out += R"({"measure":)";
  append_text(out, spec.measure);
  out += R"(,"value":)" + value + R"(,"unit":)";
  append_text(out, spec.unit);
  out += R"(,"kind":)";
  append_text(out, kind_name(spec.kind));
  out += R"(,"time":)";
  constexpr std::int64_t kYear10000 = 253402300800;
  if (raw.has_time && raw.time_s >= 0 && raw.time_s < kYear10000) {
    append_text(out, base::to_rfc3339(base::from_us(raw.time_s * 1'000'000)));
  } else {
    out += "null";
  }
  if (raw.reverse) out += R"(,"reverse":true)";
  out += '}';
  if (steps.credible) return;
  if (!warnings.empty()) warnings += ',';
  append_text(warnings, fmt::format("{} = {} {} is out of range", spec.measure, value, spec.unit));
}

base::Result<const Plan*> plan_of(const SchemaCatalog& catalog, std::string_view schema) {
  const Plan* plan = catalog.find(schema);
  if (plan == nullptr) return base::fail("unknown_schema", fmt::format("schema \"{}\" is not loaded", schema));
  return plan;
}

base::Result<base::Bytes> encode_text(const Plan& plan, std::uint32_t f_port, std::string_view json,
                                      pb::Message& typed) {
  if (json.size() > kMaxJson) return base::fail("bad_json", fmt::format("more than {} bytes", kMaxJson));
  if (const auto read = read_json(json, typed); !read) return std::unexpected(read.error());
  return encode(plan, f_port, typed);
}

}  // namespace

base::Result<std::string> message_json(const SchemaCatalog& catalog, std::string_view schema, base::ByteView message) {
  const auto plan = plan_of(catalog, schema);
  if (!plan) return std::unexpected(plan.error());
  const auto typed = catalog.new_message(schema);
  if (!typed->ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return base::fail("bad_message", fmt::format("not a message of {}", schema));
  }
  std::string out;
  append_message(out, *typed);
  return out;
}

base::Result<std::string> decode_text(const SchemaCatalog& catalog, std::string_view schema, std::uint32_t f_port,
                                      std::string_view hex) {
  const auto plan = plan_of(catalog, schema);
  if (!plan) return std::unexpected(plan.error());
  const auto payload = base::from_hex(hex);
  if (!payload) return base::fail("bad_hex", payload.error());
  Decoder decoder;
  const Decoded decoded = decoder.decode(**plan, f_port, *payload);
  std::string out = R"({"schema":)";
  append_text(out, (*plan)->full_name());
  fmt::format_to(std::back_inserter(out), R"(,"f_port":{},"status":)", f_port);
  append_text(out, decoded.outcome == Outcome::kComplete  ? "complete"
                   : decoded.outcome == Outcome::kPartial ? "partial"
                                                          : "failed");
  out += R"(,"message":)";
  if (decoded.outcome == Outcome::kFailed) {
    out += "null";
  } else {
    const auto json = message_json(catalog, schema, decoded.message);
    if (!json) return std::unexpected(json.error());
    out += *json;
  }
  out += R"(,"samples":[)";
  std::string warnings;
  for (std::size_t i = 0; i < decoded.samples.size(); ++i) {
    if (i != 0) out += ',';
    append_sample(out, (*plan)->samples[decoded.samples[i].spec], decoded.samples[i], warnings);
  }
  const std::string why = explain(**plan, decoded, payload->size());
  if (decoded.outcome == Outcome::kPartial) {
    if (!warnings.empty()) warnings += ',';
    append_text(warnings, why);
  }
  out += R"(],"warnings":[)" + warnings + R"(],"error":)";
  if (decoded.outcome == Outcome::kFailed) {
    append_text(out, why);
  } else {
    out += "null";
  }
  out += '}';
  return out;
}

base::Result<base::Bytes> encode(const SchemaCatalog& catalog, std::string_view schema, std::uint32_t f_port,
                                 std::string_view json) {
  const auto plan = plan_of(catalog, schema);
  if (!plan) return std::unexpected(plan.error());
  const auto typed = catalog.new_message(schema);
  return encode_text(**plan, f_port, json, *typed);
}

base::Result<EncodedDownlink> encode_downlink(const SchemaCatalog& catalog, std::string_view schema,
                                              std::optional<std::uint32_t> f_port, std::string_view json) {
  if (const auto known = plan_of(catalog, schema); !known) return std::unexpected(known.error());
  const Plan* plan = catalog.find_downlink(schema);
  if (plan == nullptr) return base::fail("no_downlinks", fmt::format("schema \"{}\" has no downlinks", schema));
  if (!f_port && !plan->ports.empty()) f_port = plan->ports.front();
  if (!f_port) return base::fail("no_f_port", fmt::format("schema \"{}\" leaves the FPort open: say which", schema));
  const auto typed = catalog.new_downlink(schema);
  auto payload = encode_text(*plan, *f_port, json, *typed);
  if (!payload) return std::unexpected(payload.error());
  return EncodedDownlink{*f_port, std::move(*payload)};
}

}  // namespace lenne::decode
