#pragma once
// One fuzz case: a selector byte, an FPort byte, then a payload for one of the plans.

#include <cstdint>
#include <cstdlib>
#include <stdexcept>

#include "decode/decoder.hpp"
#include "decode/message_json.hpp"

namespace lenne::decode::tests {

// The built-in devices and schemas that use what they do not.
inline const SchemaCatalog& fuzz_catalog() {
  static const auto catalog = [] {
    auto files = builtin_schema_files();
    // clang-format off
    files.push_back({"test/bits.proto", R"(syntax = "proto3"; package lenne.dev.test; import "codec/options.proto";
message Bits { option (codec.layout) = {sample_time: "time"};
  uint32 flags = 1 [(codec.f) = {bits: 5}]; sint64 odd = 2 [(codec.f) = {bits: 61 rep: SIGNED pad: 6}];
  optional double a = 3 [(codec.f) = {when: {field: "flags" mask: 1} bits: 16 div: 7 invalid: 0xffff}, (codec.m) = {quantity: "distance"}];
  optional uint32 b = 4 [(codec.f) = {when: {field: "flags" mask: 6 eq: 4} bits: 24 rep: BCD}, (codec.m) = {quantity: "energy" rollover_at: 1000000}];
  uint64 time = 5 [(codec.f) = {bits: 40 rep: UNIX_TIME}]; uint32 n = 6 [(codec.f) = {bits: 8}];
  repeated Item items = 7 [(codec.f) = {count_field: "n"}];
  optional string text = 8 [(codec.f) = {min_left: 32 bits: 24 rep: ASCII}];
  repeated int64 series = 9 [(codec.f) = {rest: true bits: 3 rep: SIGNED accumulate: "odd"}, (codec.m) = {quantity: "pulses" rollover_at: 100 sample_time: "time" interval_s: -60}];
  message Item { double f = 1 [(codec.f) = {bits: 32 rep: FLOAT}, (codec.m) = {quantity: "voltage"}]; fixed32 x = 2 [(codec.f) = {bits: 8}]; } })"});
    files.push_back({"test/types.proto", R"(syntax = "proto3"; package lenne.dev.test2; import "codec/options.proto";
message Types { option (codec.layout) = {type_bytes: 1}; optional Tlv tlv = 1 [(codec.f) = {type: 1}]; optional Text text = 2 [(codec.f) = {type: 2}];
  message Tlv { option (codec.layout) = {tlv_key_bytes: 1}; optional double d = 1 [(codec.f) = {key: 1 bits: 64 rep: FLOAT}];
    repeated uint32 r = 2 [(codec.f) = {key: 2 bits: 8}]; optional Tail tail = 3 [(codec.f) = {key: 3}]; }
  message Tail { repeated bytes parts = 1 [(codec.f) = {rest: true bits: 24 rep: RAW}]; }
  message Text { string hex = 1 [(codec.f) = {rest: true rep: HEX}]; } })"});
    // clang-format on
    auto loaded = SchemaCatalog::from_files(std::move(files));
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return *loaded;
  }();
  return *catalog;
}

/// Aborts when a rule is broken; the sanitizers find the rest.
inline void fuzz_payload(base::ByteView data) {
  if (data.size() < 2) return;
  static const auto names = fuzz_catalog().names();
  static Decoder decoder;
  const std::string& name = names[data[0] % names.size()];
  const Plan& plan = *fuzz_catalog().find(name);
  const auto payload = data.subspan(2);
  const auto result = decoder.decode(plan, data[1], payload);
  if ((result.outcome == Outcome::kComplete) != (result.fault == Fault::kNone)) std::abort();
  if (result.outcome != Outcome::kComplete && explain(plan, result, payload.size()).empty()) std::abort();
  if (result.offset > std::max(payload.size(), kMaxPayload)) std::abort();
  if (result.outcome == Outcome::kFailed) return;
  const auto json = message_json(fuzz_catalog(), name, result.message);
  if (!json) std::abort();
  if (!decode_text(fuzz_catalog(), name, data[1], base::to_hex(payload))) std::abort();
  // What was read can be written, unless a value stands for "no value" or a not-a-number has no JSON.
  if (result.outcome == Outcome::kComplete) static_cast<void>(encode(fuzz_catalog(), name, data[1], *json));
}

/// Any text as JSON of any schema, to its uplink and its downlink.
inline void fuzz_json(base::ByteView data) {
  if (data.size() < 2) return;
  static const auto names = fuzz_catalog().names();
  const std::string& name = names[data[0] % names.size()];
  const auto text = base::as_text(data.subspan(2));
  static_cast<void>(encode(fuzz_catalog(), name, data[1], text));
  static_cast<void>(encode_downlink(fuzz_catalog(), name, data[1], text));
}

}  // namespace lenne::decode::tests
