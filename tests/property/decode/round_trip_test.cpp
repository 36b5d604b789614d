// Any message that a device can send survives encoding and decoding; any bytes are harmless.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>

#include "decode/encoder.hpp"
#include "tests/unit/decode/support.hpp"

namespace lenne::decode::tests {
namespace {

base::Bytes bytes_of(const std::vector<std::uint8_t>& bytes) { return bytes; }

// The vectors of a kind whose payload is a whole frame.
std::vector<Vector> whole_frames(std::string_view kind) {
  auto list = vectors(kind);
  std::erase_if(list, [](const Vector& vector) { return vector.value.contains("error"); });
  return list;
}

// A frame that decodes completely, whatever the schema: a vector's, with those of some random bytes that leave it so.
base::Bytes mutated(const Plan& plan, const Vector& vector) {
  auto bytes = *base::from_hex(vector.payload());
  const auto edits = *rc::gen::container<std::vector<std::pair<std::size_t, std::uint8_t>>>(
      rc::gen::pair(rc::gen::inRange<std::size_t>(0, bytes.size()), rc::gen::arbitrary<std::uint8_t>()));
  Decoder decoder;
  for (const auto& [at, value] : edits) {
    const auto before = std::exchange(bytes[at], value);
    if (decoder.decode(plan, vector.f_port(), bytes).outcome != Outcome::kComplete) bytes[at] = before;
  }
  return bytes;
}

// decode(encode(decode(x))) = decode(x): what was once read is written so that it reads the same.
RC_GTEST_PROP(RoundTrip, WhatWasReadIsWrittenBack, ()) {
  static const auto all = whole_frames("vectors");
  const Vector& vector = all[*rc::gen::inRange<std::size_t>(0, all.size())];
  const Plan& plan = *builtin()->find(vector.schema);
  const auto payload = mutated(plan, vector);
  Decoder decoder;
  const auto first = decoder.decode(plan, vector.f_port(), payload);
  RC_ASSERT(first.outcome == Outcome::kComplete);
  const auto json = message_json(*builtin(), vector.schema, first.message);
  RC_ASSERT(json.has_value());
  const auto encoded = encode(*builtin(), vector.schema, vector.f_port(), *json);
  if (!encoded) RC_FAIL(encoded.error().message);
  const auto second = decoder.decode(plan, vector.f_port(), *encoded);
  RC_ASSERT(second.outcome == Outcome::kComplete);
  RC_ASSERT(*message_json(*builtin(), vector.schema, second.message) == *json);
}

// The same of what is sent to devices.
RC_GTEST_PROP(RoundTrip, DownlinksAreWrittenBack, ()) {
  static const auto all = whole_frames("downlinks");
  const Vector& vector = all[*rc::gen::inRange<std::size_t>(0, all.size())];
  const Plan& plan = *builtin()->find_downlink(vector.schema);
  const auto payload = mutated(plan, vector);
  const auto read = [&](base::ByteView bytes) {
    Decoder decoder;
    const auto result = decoder.decode(plan, vector.f_port(), bytes);
    RC_ASSERT(result.outcome == Outcome::kComplete);
    auto message = builtin()->new_downlink(vector.schema);
    RC_ASSERT(message->ParseFromArray(result.message.data(), static_cast<int>(result.message.size())));
    return message;
  };
  const auto first = read(payload);
  const auto encoded = encode(plan, vector.f_port(), *first);
  if (!encoded) RC_FAIL(encoded.error().message);
  RC_ASSERT(read(*encoded)->SerializeAsString() == first->SerializeAsString());
}

RC_GTEST_PROP(RoundTrip, RoomSensorsKeepTenths, ()) {
  const int tenths = *rc::gen::inRange(-800, 1250);
  const int humidity = *rc::gen::inRange(0, 101);
  const std::string json =
      "{\"temperature\":" + std::to_string(tenths / 10.0) + ",\"humidity\":" + std::to_string(humidity) + "}";
  const auto bytes = encode(*builtin(), "elsys/ers", 5, json);
  RC_ASSERT(bytes.has_value());
  Decoder decoder;
  const auto result = decoder.decode(*builtin()->find("elsys/ers"), 5, *bytes);
  RC_ASSERT(result.samples.size() == 2U);
  RC_ASSERT(result.samples[0].real() == tenths / 10.0);
  RC_ASSERT(result.samples[1].integer() == humidity);
}

RC_GTEST_PROP(RoundTrip, MeterLogsKeepEveryReading, ()) {
  const auto start = *rc::gen::inRange<std::uint32_t>(0, 4'000'000'000U);
  const auto deltas =
      *rc::gen::resize(100, rc::gen::container<std::vector<std::uint16_t>>(rc::gen::arbitrary<std::uint16_t>()));
  RC_PRE(deltas.size() <= 100U);
  std::uint64_t reading = start;
  std::string volumes;
  for (const auto delta : deltas) {
    reading += delta;
    volumes += (volumes.empty() ? "" : ",") + std::to_string(reading);
  }
  const std::string json = R"({"basic":{"time":1790000000,"volume":5,"log_time":1789999200,"log_volume":)" +
                           std::to_string(start) + R"(,"volumes":[)" + volumes + "]}}";
  const auto bytes = encode(*builtin(), "axioma/w1", 100, json);
  if (!bytes) RC_FAIL(bytes.error().message);
  RC_ASSERT(bytes->size() == 17 + 2 * deltas.size());
  Decoder decoder;
  const auto result = decoder.decode(*builtin()->find("axioma/w1"), 100, *bytes);
  RC_ASSERT(result.outcome == Outcome::kComplete);
  RC_ASSERT(result.samples.size() == 4 + deltas.size());
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    RC_ASSERT(result.samples[4 + i].time_s == 1789999200 + 3600 * static_cast<std::int64_t>(i + 1));
  }
}

RC_GTEST_PROP(AnyBytes, AreHarmless, (const std::vector<std::uint8_t>& bytes, std::uint8_t f_port)) {
  const auto payload = bytes_of(bytes);
  Decoder decoder;
  for (const auto& name : builtin()->names()) {
    const Plan& plan = *builtin()->find(name);
    const auto result = decoder.decode(plan, f_port, payload);
    RC_ASSERT(result.offset <= std::max<std::size_t>(payload.size(), kMaxPayload));
    RC_ASSERT((result.outcome == Outcome::kComplete) == (result.fault == Fault::kNone));
    if (result.outcome != Outcome::kFailed) RC_ASSERT(message_json(*builtin(), name, result.message).has_value());
  }
}

}  // namespace
}  // namespace lenne::decode::tests
