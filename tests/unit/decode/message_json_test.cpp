#include "decode/message_json.hpp"

#include <gtest/gtest.h>

#include "tests/unit/decode/support.hpp"

namespace lenne::decode::tests {
namespace {

constexpr const char* kAll =
    "message M { option (codec.layout) = {tlv_key_bytes: 1}; enum E { NONE = 0; SOME = 1; } "
    "optional double d = 1 [(codec.f) = {key: 1 bits: 64 rep: FLOAT}]; "
    "optional uint64 u = 2 [(codec.f) = {key: 2 bits: 63 pad: 1}]; "
    "optional sint64 s = 3 [(codec.f) = {key: 3 bits: 64 rep: SIGNED}]; "
    "optional string t = 4 [(codec.f) = {key: 4 bits: 32 rep: ASCII}]; "
    "optional bytes b = 5 [(codec.f) = {key: 5 bits: 16 rep: RAW}]; "
    "optional bool o = 6 [(codec.f) = {key: 6 bits: 8}]; optional E e = 7 [(codec.f) = {key: 7 bits: 8}]; "
    "repeated uint32 r = 8 [(codec.f) = {key: 8 bits: 8}]; optional float f = 9 [(codec.f) = {key: 9 bits: 8 div: "
    "10}]; }";

// JSON -> payload -> message -> JSON.
std::string around(const std::string& json) {
  const auto catalog = compiled(kAll);
  const auto bytes = encode(*catalog, "test/t", 1, json);
  if (!bytes) return bytes.error().message;
  Decoder decoder;
  const auto result = decoder.decode(*catalog->find("test/t"), 1, *bytes);
  EXPECT_EQ(result.outcome, Outcome::kComplete);
  return *message_json(*catalog, "test/t", result.message);
}

TEST(MessageJson, IsExact) {
  for (const char* json : {
           R"({"d":0.1})",
           R"({"d":1e+300})",
           R"({"d":-0})",
           R"({"d":5e-324})",
           R"({"d":123456789.125})",
           R"({"u":9223372036854775807})",
           R"({"s":-9223372036854775808})",
           R"({"s":9007199254740993})",
           R"({"t":"a\"\\b"})",
           R"({"t":"\u0001\u007f"})",
           R"({"b":"00ff"})",
           R"({"o":true,"e":"SOME"})",
           R"({"e":9})",
           R"({"r":[1,2,3]})",
           R"({"f":0.1})",
           R"({"d":1,"u":2,"s":3,"t":"","b":"0000","o":false,"e":"NONE","r":[0],"f":25.5})",
       }) {
    EXPECT_EQ(around(json), json);
  }
}

TEST(MessageJson, ReadsWhatOthersWrite) {
  EXPECT_EQ(around(" {\n\"u\" : 4.0e1 , \"e\":1,\"o\" :true,\"t\":null}\t"), R"({"u":40,"o":true,"e":"SOME"})");
  EXPECT_EQ(around(R"({"t":"\u0041\/"})"), R"({"t":"A/"})");
}

TEST(MessageJson, RefusesWhatItCannotHold) {
  const auto refused = [](const std::string& json, const std::string& why) {
    const auto error = around(json);
    EXPECT_NE(error.find(why), std::string::npos) << json << ": " << error;
  };
  refused("", "expected '{' at byte 0");
  refused("[]", "expected '{'");
  refused("{", "expected '\"'");
  refused(R"({"x":1})", "M has no field \"x\"");
  refused(R"({"u":-1})", "cannot hold");
  refused(R"({"u":1.5})", "cannot hold");
  refused(R"({"u":"1"})", "expected a number");
  refused(R"({"u":})", "expected a number");
  refused(R"({"d":1e999})", "expected a number");
  refused(R"({"d":NaN})", "expected a number");
  refused(R"({"f":1e39})", "too large");
  refused(R"({"f":1e3})", "M.f: 1000 does not fit 8 bits");
  refused(R"({"o":1})", "expected true or false");
  refused(R"({"e":"MANY"})", "E has no value \"MANY\"");
  refused(R"({"b":"0"})", "at byte");
  refused(R"({"b":"00"})", "M.b: 1 bytes, not 2");
  refused(R"({"t":"\u00e9"})", "only 7-bit text");
  refused(R"({"t":"\ud800"})", "only 7-bit text");
  refused(R"({"t":"\x"})", "bad escape");
  refused(R"({"t":"abcde"})", "M.t: 5 bytes, not 4");
  refused(R"({"t":"abc)", "expected '\"'");
  refused(R"({"r":1})", "expected '['");
  refused(R"({"r":[1,]})", "expected a number");
  refused(R"({"r":[256]})", "M.r: 256 does not fit 8 bits");
  refused(R"({"o":true} x)", "more text");
  refused(R"({})", "M: nothing to encode");
  std::string many = R"({"r":[0)";
  for (int i = 0; i < 200; ++i) many += ",0";
  refused(many + "]}", "402 bytes, a frame has at most 242");
  refused(std::string(300'000, ' '), "more than 262144 bytes");
}

TEST(MessageJson, EncodeRefusesIncompleteMessages) {
  const auto& catalog = *builtin();
  const auto refused = [&](const char* schema, std::uint32_t f_port, const char* json) {
    const auto bytes = encode(catalog, schema, f_port, json);
    return bytes ? base::to_hex(*bytes) : bytes.error().code + ": " + bytes.error().message;
  };
  EXPECT_EQ(refused("elsys/ers", 5, R"({"acceleration_x":1})"), "encode_refused: Ers.acceleration_y: is missing");
  EXPECT_EQ(refused("elsys/ers", 5, R"({"temperature":4000})"),
            "encode_refused: Ers.temperature: 4000 does not fit 16 bits");
  EXPECT_EQ(refused("bosch/tps110", 2, R"({"parking":{"occupied":true}})"),
            "encode_refused: Tps110.heartbeat: FPort 2 needs it");
  EXPECT_EQ(refused("bosch/tps110", 7, R"({"parking":{"occupied":true}})"), "encode_refused: no layout for FPort 7");
  EXPECT_EQ(refused("axioma/w1", 100, R"({"basic":{"log_volume":10,"volumes":[9]}})"),
            "encode_refused: Basic.volumes: 4294967295 does not fit 16 bits");
  EXPECT_EQ(refused("none/none", 1, "{}"), "unknown_schema: schema \"none/none\" is not loaded");
}

TEST(MessageJson, NumbersAreRoundedToTheDevicesStep) {
  const auto bytes = encode(*builtin(), "elsys/ers", 5, R"({"temperature":21.4499,"humidity":55})");
  EXPECT_EQ(base::to_hex(bytes.value_or(base::Bytes{})), "0100d60237");
}

TEST(MessageJson, RefusesForeignBytes) {
  EXPECT_EQ(message_json(*builtin(), "elsys/ers", base::Bytes{0xff}).error().code, "bad_message");
  EXPECT_EQ(message_json(*builtin(), "none/none", {}).error().code, "unknown_schema");
  EXPECT_EQ(*message_json(*builtin(), "elsys/ers", {}), "{}");
  EXPECT_EQ(decode_text(*builtin(), "elsys/ers", 1, "0g").error().code, "bad_hex");
  EXPECT_EQ(decode_text(*builtin(), "none/none", 1, "00").error().code, "unknown_schema");
}

}  // namespace
}  // namespace lenne::decode::tests
