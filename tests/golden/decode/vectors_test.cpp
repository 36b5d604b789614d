// All vectors of proto/devices: published examples of vendors and computed ones.
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <set>

#include "base/bytes.hpp"
#include "decode/encoder.hpp"
#include "tests/unit/decode/support.hpp"

namespace lenne::decode::tests {
namespace {

namespace json = boost::json;

TEST(Vectors, EverySchemaHasSomePublishedOrComputed) {
  std::map<std::string, int> count;
  for (const auto& vector : vectors()) ++count[vector.schema];
  for (const auto& name : builtin()->names()) EXPECT_GE(count[name], 3) << name;
}

TEST(Vectors, DecodeAsPublished) {
  for (const auto& vector : vectors()) {
    SCOPED_TRACE(vector.name());
    const auto got = decoded(*builtin(), vector.schema, vector.f_port(), vector.payload());
    EXPECT_EQ(got.at("status").as_string(), vector.status());
    EXPECT_TRUE(same(got.at("message"), vector.value.at("message"))) << json::serialize(got.at("message"));
    if (const auto* samples = vector.value.if_contains("samples")) {
      EXPECT_TRUE(same(got.at("samples"), *samples)) << json::serialize(got.at("samples"));
    }
    if (const auto* error = vector.value.if_contains("error")) {
      const auto& where = vector.status() == "failed" ? got.at("error") : got.at("warnings").as_array().back();
      EXPECT_EQ(where.as_string(), error->as_string());
    }
    if (const auto* warning = vector.value.if_contains("warning")) {
      EXPECT_EQ(got.at("warnings").as_array().front().as_string(), warning->as_string());
    }
  }
}

TEST(Vectors, EncodeBackToTheSameBytes) {
  for (const auto& vector : vectors()) {
    SCOPED_TRACE(vector.name());
    if (vector.status() != "complete") continue;
    const auto bytes = encode(*builtin(), vector.schema, vector.f_port(), json::serialize(vector.value.at("message")));
    ASSERT_TRUE(bytes) << bytes.error().message;
    // What a device leaves unused cannot come back: then the vector says what does.
    const auto* other = vector.value.if_contains("encode");
    EXPECT_EQ(base::to_hex(*bytes), other == nullptr ? vector.payload() : std::string{other->as_string()});
  }
}

TEST(Vectors, DownlinksEncodeAsPublishedAndDecodeBack) {
  std::set<std::string> schemas;
  for (const auto& vector : vectors("downlinks")) {
    SCOPED_TRACE(vector.name());
    schemas.insert(vector.schema);
    const auto made =
        encode_downlink(*builtin(), vector.schema, vector.f_port(), json::serialize(vector.value.at("message")));
    if (const auto* error = vector.value.if_contains("error")) {
      ASSERT_FALSE(made);
      EXPECT_EQ(made.error().message, error->as_string());
      continue;
    }
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(base::to_hex(made->payload), vector.payload());
    const Plan& plan = *builtin()->find_downlink(vector.schema);
    Decoder decoder;
    const auto read = decoder.decode(plan, vector.f_port(), made->payload);
    ASSERT_EQ(read.outcome, Outcome::kComplete);
    const auto message = builtin()->new_downlink(vector.schema);
    ASSERT_TRUE(message->ParseFromArray(read.message.data(), static_cast<int>(read.message.size())));
    const auto again = encode(plan, vector.f_port(), *message);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(base::to_hex(*again), vector.payload());
  }
  for (const auto& name : builtin()->names()) {
    EXPECT_EQ(schemas.contains(name), builtin()->find_downlink(name) != nullptr) << name;
  }
}

// A shorter frame is an error with an offset inside it, or, where a record ends there, a whole frame with fewer fields.
TEST(Vectors, EveryTruncationIsAnErrorOrEndsAtARecord) {
  for (const auto& vector : vectors()) {
    for (std::size_t size = 0; size < vector.payload().size(); size += 2) {
      SCOPED_TRACE(vector.name() + " cut to " + std::to_string(size / 2));
      const auto bytes = base::from_hex(vector.payload().substr(0, size));
      ASSERT_TRUE(bytes);
      Decoder decoder;
      const Plan& plan = *builtin()->find(vector.schema);
      const auto result = decoder.decode(plan, vector.f_port(), *bytes);
      EXPECT_LE(result.offset, bytes->size());
      if (result.outcome == Outcome::kComplete) {
        EXPECT_EQ(result.fault, Fault::kNone);
      } else {
        EXPECT_NE(result.fault, Fault::kNone);
        EXPECT_FALSE(explain(plan, result, bytes->size()).empty());
      }
      if (result.outcome == Outcome::kFailed) {
        EXPECT_TRUE(result.message.empty());
        EXPECT_TRUE(result.samples.empty());
      } else {
        EXPECT_TRUE(message_json(*builtin(), vector.schema, result.message));
      }
    }
  }
}

}  // namespace
}  // namespace lenne::decode::tests
