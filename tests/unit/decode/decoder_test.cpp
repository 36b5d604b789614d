// Each construct of the notation: what it reads, what it refuses, and that the encoder is its inverse.
#include "decode/decoder.hpp"

#include <gtest/gtest.h>

#include "tests/unit/decode/support.hpp"

namespace lenne::decode::tests {
namespace {

// The message as it stands in the decoded text: Boost would write the numbers in its own way.
std::string message_of(const SchemaCatalog& catalog, std::string_view hex, std::uint32_t f_port) {
  const auto text = decode_text(catalog, "test/t", f_port, hex);
  const auto begin = text->find(R"("message":)") + 10;
  return text->substr(begin, text->find(R"(,"samples":[)") - begin);
}

// Decodes with a schema given as text; the message as JSON, or the error.
std::string read(const std::string& messages, std::string_view hex, std::uint32_t f_port = 1) {
  const auto catalog = compiled(messages);
  const auto got = decoded(*catalog, "test/t", f_port, hex);
  if (got.at("status").as_string() == "failed") return std::string{got.at("error").as_string()};
  const std::string json = message_of(*catalog, hex, f_port);
  if (got.at("status").as_string() == "partial") {
    return json + " " + std::string{got.at("warnings").as_array().back().as_string()};
  }
  return json;
}

// The same, and back to the same bytes.
std::string both(const std::string& messages, std::string_view hex, std::uint32_t f_port = 1) {
  const auto catalog = compiled(messages);
  const auto got = decoded(*catalog, "test/t", f_port, hex);
  EXPECT_EQ(got.at("status").as_string(), "complete") << boost::json::serialize(got);
  const auto json = message_of(*catalog, hex, f_port);
  const auto bytes = encode(*catalog, "test/t", f_port, json);
  EXPECT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(base::to_hex(bytes.value_or(base::Bytes{})), hex);
  return json;
}

std::string fields(const std::string& inside) { return "message M { " + inside + " }"; }

TEST(Decoder, BitsBigAndLittleEndian) {
  EXPECT_EQ(both(fields("uint32 a = 1 [(codec.f) = {bits: 2}]; uint32 b = 2 [(codec.f) = {bits: 14}];"), "cb1f"),
            R"({"a":3,"b":2847})");
  EXPECT_EQ(both(fields("uint32 a = 1 [(codec.f) = {bits: 24 endian: LITTLE}];"), "010203"), R"({"a":197121})");
  EXPECT_EQ(both(fields("uint32 a = 1 [(codec.f) = {bits: 24}];"), "010203"), R"({"a":66051})");
  EXPECT_EQ(both(fields("uint64 a = 1 [(codec.f) = {skip: 1 bits: 63}];"), "7fffffffffffffff"),
            R"({"a":9223372036854775807})");
  EXPECT_EQ(
      both(fields("uint32 a = 1 [(codec.f) = {bits: 3 pad: 5}]; bool b = 2 [(codec.f) = {skip: 7 bits: 1}];"), "a001"),
      R"({"a":5,"b":true})");
  // 9 bytes are touched
  EXPECT_EQ(both(fields("uint32 a = 1 [(codec.f) = {bits: 7}]; uint64 b = 2 [(codec.f) = {bits: 63}]; uint32 c = 3 "
                        "[(codec.f) = {bits: 2}];"),
                 "01ffffffffffffffff"),
            R"({"a":0,"b":9223372036854775807,"c":3})");
}

TEST(Decoder, SignedNumbersOfEveryType) {
  EXPECT_EQ(
      both(
          fields(
              "sint32 a = 1 [(codec.f) = {bits: 8 rep: SIGNED}]; int32 b = 2 [(codec.f) = {bits: 8 rep: SIGNED}]; "
              "sfixed32 c = 3 [(codec.f) = {bits: 8 rep: SIGNED}]; sfixed64 d = 4 [(codec.f) = {bits: 8 rep: SIGNED}]; "
              "int64 e = 5 [(codec.f) = {bits: 64 rep: SIGNED}]; sint64 f = 6 [(codec.f) = {bits: 64 rep: SIGNED}];"),
          "ff80ff8080000000000000007fffffffffffffff"),
      R"({"a":-1,"b":-128,"c":-1,"d":-128,"e":-9223372036854775808,"f":9223372036854775807})");
  EXPECT_EQ(
      both(fields("sint32 a = 1 [(codec.f) = {bits: 12 rep: SIGNED}]; uint32 b = 2 [(codec.f) = {bits: 4}];"), "fff1"),
      R"({"a":-1,"b":1})");
}

TEST(Decoder, DividesRatherThanMultiplies) {
  const auto catalog = compiled(fields("double a = 1 [(codec.f) = {bits: 16 rep: SIGNED div: 10}];"));
  Decoder decoder;
  for (int raw = -32768; raw <= 32767; ++raw) {
    const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(static_cast<unsigned>(raw) >> 8U),
                                            static_cast<std::uint8_t>(raw)};
    const auto result = decoder.decode(*catalog->find("test/t"), 1, bytes);
    ASSERT_EQ(result.message.size(), 9U);
    EXPECT_EQ(std::bit_cast<double>(base::read_le<std::uint64_t>(result.message.subspan(1))), raw / 10.0);
  }
}

TEST(Decoder, ScalesInTheStatedOrder) {
  EXPECT_EQ(both(fields("double a = 1 [(codec.f) = {bits: 8 mul: 3 div: 4 add: -40}];"), "50"), R"({"a":20})");
  EXPECT_EQ(both(fields("uint32 a = 1 [(codec.f) = {bits: 8 mul: 50 add: 7}];"), "03"), R"({"a":157})");
}

TEST(Decoder, Floats) {
  EXPECT_EQ(both(fields("double a = 1 [(codec.f) = {bits: 32 rep: FLOAT}]; float b = 2 [(codec.f) = {bits: 32 rep: "
                        "FLOAT endian: LITTLE}]; "
                        "double c = 3 [(codec.f) = {bits: 64 rep: FLOAT}];"),
                 "3fc000000000c03fc004000000000000"),
            R"({"a":1.5,"b":1.5,"c":-2.5})");
  EXPECT_EQ(read(fields("double a = 1 [(codec.f) = {bits: 32 rep: FLOAT}];"), "7fc00000"), R"({"a":null})");
}

TEST(Decoder, BinaryCodedDecimals) {
  const auto schema = fields(
      "uint32 a = 1 [(codec.f) = {bits: 16 rep: BCD}]; double b = 2 [(codec.f) = {bits: 32 rep: BCD endian: LITTLE "
      "div: 100}];");
  EXPECT_EQ(both(schema, "123478563412"), R"({"a":1234,"b":123456.78})");
  EXPECT_EQ(read(schema, "123a78563412"), "M.a has the decimal digit 0xa at offset 0");
  EXPECT_EQ(read(schema, "1234785634f2"), "M.b has the decimal digit 0xf at offset 2");
}

TEST(Decoder, TextAndBytes) {
  const auto schema = fields(
      "string a = 1 [(codec.f) = {bits: 24 rep: HEX}]; string b = 2 [(codec.f) = {bits: 32 rep: ASCII}]; "
      "bytes c = 3 [(codec.f) = {rest: true rep: RAW}];");
  EXPECT_EQ(both(schema, "0a0b0c416200000102ff"), R"({"a":"0a0b0c","b":"Ab","c":"0102ff"})");
  EXPECT_EQ(both(schema, "0a0b0c41620000"), R"({"a":"0a0b0c","b":"Ab","c":""})");
  EXPECT_EQ(read(schema, "0a0b0c41c30000"), "M.b has the character 0xc3 at offset 4");
}

TEST(Decoder, LongTextGetsALongLength) {
  const auto schema = fields("bytes a = 1 [(codec.f) = {rest: true rep: RAW}];");
  for (const std::size_t size : {126U, 127U, 128U, 129U, 242U}) {
    const std::string hex(size * 2, 'a');
    EXPECT_EQ(both(schema, hex), R"({"a":")" + hex + R"("})");
  }
}

TEST(Decoder, Enumerations) {
  const auto schema = fields("enum E { ZERO = 0; ONE = 1; } E a = 1 [(codec.f) = {bits: 8}];");
  EXPECT_EQ(both(schema, "01"), R"({"a":"ONE"})");
  EXPECT_EQ(both(schema, "07"), R"({"a":7})");
}

TEST(Decoder, FixedValuesAreChecked) {
  const auto schema =
      fields("uint32 version = 1 [(codec.f) = {bits: 8 check: 2}]; uint32 a = 2 [(codec.f) = {bits: 8}];");
  EXPECT_EQ(both(schema, "0205"), R"({"version":2,"a":5})");
  EXPECT_EQ(read(schema, "0305"), "M.version is 0x3, not 0x2 at offset 0");
  EXPECT_EQ(read(fields("uint32 a = 1 [(codec.f) = {bits: 8 check: 0}];"), "01"), "M.a is 0x1, not 0x0 at offset 0");
  // What the only value is need not be said.
  EXPECT_EQ(base::to_hex(*encode(*compiled(schema), "test/t", 1, R"({"a":5})")), "0205");
  EXPECT_EQ(encode(*compiled(schema), "test/t", 1, R"({"version":3,"a":5})").error().message,
            "M.version: 0x3 is not 0x2");
}

TEST(Decoder, AFixedValueIsNotWrittenForAnotherOneThatIsGiven) {
  const auto catalog = compiled(
      "message M { option (codec.layout) = {tlv_key_bytes: 1}; optional bool reboot = 1 [(codec.f) = {key: 16 bits: 8 "
      "check: 255}]; optional uint32 a = 2 [(codec.f) = {key: 17 bits: 8 check: 7}]; }");
  EXPECT_EQ(base::to_hex(*encode(*catalog, "test/t", 1, R"({"reboot":true,"a":7})")), "10ff1107");
  EXPECT_EQ(encode(*catalog, "test/t", 1, R"({"reboot":false})").error().message, "M.reboot: 0x0 is not 0xff");
  EXPECT_EQ(encode(*catalog, "test/t", 1, R"({"a":0})").error().message, "M.a: 0x0 is not 0x7");
}

TEST(Decoder, OneOfSeveralFixedValuesIsEnough) {
  const auto schema = fields("uint32 mode = 1 [(codec.f) = {bits: 8 check: [1, 4]}];");
  EXPECT_EQ(both(schema, "01"), R"({"mode":1})");
  EXPECT_EQ(both(schema, "04"), R"({"mode":4})");
  EXPECT_EQ(read(schema, "09"), "M.mode is 0x9, not 0x1 or 0x4 at offset 0");
  const auto refused = encode(*compiled(schema), "test/t", 1, R"({"mode":9})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "M.mode: 0x9 is not 0x1 or 0x4");
}

TEST(Decoder, TimesCountFromTheDevicesZero) {
  const auto schema = fields("uint64 time = 1 [(codec.f) = {bits: 32 rep: UNIX_TIME add: 1356998400}];");
  EXPECT_EQ(both(schema, "00000000"), R"({"time":1356998400})");
  EXPECT_EQ(both(schema, "ffffffff"), R"({"time":5651965695})");
  const auto timed = compiled(
      "message M { option (codec.layout) = {sample_time: \"t\"}; "
      "uint64 t = 1 [(codec.f) = {bits: 32 rep: UNIX_TIME add: 1356998400}]; "
      "uint32 a = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\"}]; }");
  const auto got = decoded(*timed, "test/t", 1, "0000000107");
  EXPECT_EQ(got.at("samples").as_array().front().at("time").as_string(), "2013-01-01T00:00:01.000000Z");
}

TEST(Decoder, PresenceMask) {
  const auto schema = fields(
      "uint32 flags = 1 [(codec.f) = {bits: 8}]; "
      "optional uint32 a = 2 [(codec.f) = {when: {field: \"flags\" mask: 1} bits: 8}]; "
      "optional uint32 b = 3 [(codec.f) = {when: {field: \"flags\" mask: 6 eq: 4} bits: 8}]; "
      "optional uint32 c = 4 [(codec.f) = {when: {field: \"flags\" eq: 9} bits: 8}];");
  EXPECT_EQ(both(schema, "00"), R"({"flags":0})");
  EXPECT_EQ(both(schema, "01aa"), R"({"flags":1,"a":170})");
  EXPECT_EQ(both(schema, "05aabb"), R"({"flags":5,"a":170,"b":187})");
  EXPECT_EQ(both(schema, "09aacc"), R"({"flags":9,"a":170,"c":204})");
  EXPECT_EQ(read(schema, "05aa"), "the frame of 2 bytes ends inside M.b at offset 2");
}

TEST(Decoder, SentinelsMeanNoValue) {
  const auto schema = fields(
      "optional double a = 1 [(codec.f) = {bits: 16 rep: SIGNED div: 100 invalid: [0x7fff, 0x8000]}]; "
      "uint32 b = 2 [(codec.f) = {bits: 8}];");
  EXPECT_EQ(both(schema, "00c801"), R"({"a":2,"b":1})");
  EXPECT_EQ(both(schema, "7fff01"), R"({"b":1})");
  EXPECT_EQ(read(schema, "800001"), R"({"b":1})");
}

TEST(Decoder, OptionalTail) {
  const auto schema =
      fields("uint32 a = 1 [(codec.f) = {bits: 8}]; optional uint32 b = 2 [(codec.f) = {min_left: 16 bits: 16}];");
  EXPECT_EQ(both(schema, "01"), R"({"a":1})");
  EXPECT_EQ(both(schema, "010203"), R"({"a":1,"b":515})");
  EXPECT_EQ(read(schema, "0102"), R"({"a":1} partial: 1 bytes too many at offset 1)");
}

TEST(Decoder, Repetition) {
  EXPECT_EQ(both(fields("repeated uint32 a = 1 [(codec.f) = {bits: 4 count: 3 pad: 4}];"), "1230"), R"({"a":[1,2,3]})");
  const auto counted = fields(
      "uint32 n = 1 [(codec.f) = {bits: 8}]; repeated sint32 a = 2 [(codec.f) = {bits: 8 rep: SIGNED count_field: "
      "\"n\"}]; "
      "uint32 z = 3 [(codec.f) = {bits: 8}];");
  EXPECT_EQ(both(counted, "02ff0109"), R"({"n":2,"a":[-1,1],"z":9})");
  EXPECT_EQ(both(counted, "0009"), R"({"n":0,"z":9})");
  EXPECT_EQ(read(counted, "0301"), "the frame of 2 bytes ends inside M.a at offset 2");
  const auto rest =
      "message M { repeated N n = 1 [(codec.f) = {rest: true}]; } "
      "message N { uint32 a = 1 [(codec.f) = {bits: 8}]; double b = 2 [(codec.f) = {bits: 8 div: 2}]; }";
  EXPECT_EQ(both(rest, "01020304"), R"({"n":[{"a":1,"b":1},{"a":3,"b":2}]})");
  EXPECT_EQ(read(rest, "010203"), "the frame of 3 bytes ends inside N.b at offset 3");
  EXPECT_EQ(read(fields("repeated uint32 a = 1 [(codec.f) = {bits: 16 rest: true}];"), "010203"),
            "the frame of 3 bytes ends inside M.a at offset 2");
  EXPECT_EQ(both(fields("repeated bool a = 1 [(codec.f) = {bits: 1 rest: true}];"), "a0"),
            R"({"a":[true,false,true,false,false,false,false,false]})");
  EXPECT_EQ(both(fields("repeated string a = 1 [(codec.f) = {bits: 16 rep: HEX count: 2}];"), "01020304"),
            R"({"a":["0102","0304"]})");
}

TEST(Decoder, ElementsEndWhereWhatFollowsThemBegins) {
  const auto schema = fields(
      "bool timed = 1 [(codec.f) = {bits: 8}]; repeated sint32 a = 2 [(codec.f) = {bits: 16 rep: SIGNED rest: true}]; "
      "optional uint32 time = 3 [(codec.f) = {when: {field: \"timed\" eq: 1} bits: 32 rep: UNIX_TIME}]; "
      "uint32 end = 4 [(codec.f) = {skip: 4 bits: 4}]; optional string name = 5 [(codec.f) = {when: {field: \"timed\" "
      "eq: 1} bits: 16 rep: HEX}];");
  EXPECT_EQ(both(schema, "00fffe000105"), R"({"timed":false,"a":[-2,1],"end":5})");
  EXPECT_EQ(both(schema, "0005"), R"({"timed":false,"end":5})");
  EXPECT_EQ(both(schema, "01fffe0000000705abcd"), R"({"timed":true,"a":[-2],"time":7,"end":5,"name":"abcd"})");
  EXPECT_EQ(both(schema, "010000000705abcd"), R"({"timed":true,"time":7,"end":5,"name":"abcd"})");
  EXPECT_EQ(read(schema, "00fffe0105"), "the frame of 5 bytes ends inside M.a at offset 3");
  EXPECT_EQ(read(schema, "0100000007"), "the frame of 5 bytes ends inside M.end at offset 5");
  EXPECT_EQ(read(schema, "00"), "the frame of 1 bytes ends inside M.end at offset 1");
  const auto messages =
      "message M { uint32 two = 1 [(codec.f) = {bits: 8}]; repeated N n = 2 [(codec.f) = {rest: true}]; "
      "uint32 z = 3 [(codec.f) = {bits: 8}]; } "
      "message N { uint32 a = 1 [(codec.f) = {bits: 8}]; "
      "optional uint32 b = 2 [(codec.f) = {when: {field: \"two\" eq: 1} bits: 8}]; }";
  EXPECT_EQ(both(messages, "0001020304"), R"({"two":0,"n":[{"a":1},{"a":2},{"a":3}],"z":4})");
  EXPECT_EQ(both(messages, "010102030409"), R"({"two":1,"n":[{"a":1,"b":2},{"a":3,"b":4}],"z":9})");
  EXPECT_EQ(read(messages, "0101020309"), "the frame of 5 bytes ends inside M.z at offset 5");
}

TEST(Decoder, SeriesAccumulateFromTheirBase) {
  const auto schema = fields(
      "uint32 start = 1 [(codec.f) = {bits: 16}]; "
      "repeated sint64 a = 2 [(codec.f) = {bits: 8 rep: SIGNED rest: true accumulate: \"start\"}];");
  EXPECT_EQ(both(schema, "03e801ff05"), R"({"start":1000,"a":[1001,1000,1005]})");
  EXPECT_EQ(both(schema, "03e8"), R"({"start":1000})");
  const auto absent = fields(
      "optional uint32 start = 1 [(codec.f) = {bits: 8 invalid: 255}]; "
      "repeated uint32 a = 2 [(codec.f) = {bits: 8 rest: true accumulate: \"start\"}];");
  EXPECT_EQ(read(absent, "ff01"), "M.a has no start at offset 1");
}

TEST(Decoder, PortsAndTypes) {
  const auto ports =
      "message M { oneof frame { A a = 1 [(codec.f) = {port: [1, 3]}]; B b = 2 [(codec.f) = {port: 2}]; } } "
      "message A { uint32 x = 1 [(codec.f) = {bits: 8}]; } message B { uint32 y = 1 [(codec.f) = {bits: 16}]; }";
  EXPECT_EQ(both(ports, "05", 1), R"({"a":{"x":5}})");
  EXPECT_EQ(both(ports, "05", 3), R"({"a":{"x":5}})");
  EXPECT_EQ(both(ports, "0005", 2), R"({"b":{"y":5}})");
  EXPECT_EQ(read(ports, "05", 4), "no layout for FPort 4");
  const auto types =
      "message M { option (codec.layout) = {type_bytes: 1}; optional A a = 1 [(codec.f) = {type: 0x10}]; "
      "optional A b = 2 [(codec.f) = {type: 0x11}]; } message A { uint32 x = 1 [(codec.f) = {bits: 8}]; }";
  EXPECT_EQ(both(types, "1005"), R"({"a":{"x":5}})");
  EXPECT_EQ(both(types, "1105"), R"({"b":{"x":5}})");
  EXPECT_EQ(read(types, "1205"), "unknown type 0x12 at offset 0");
  EXPECT_EQ(read(types, ""), "the frame of 0 bytes ends inside a key or type at offset 0");
  const auto limited = fields("option (codec.layout) = {port: [7, 8]}; uint32 a = 1 [(codec.f) = {bits: 8}];");
  EXPECT_EQ(both(limited, "05", 8), R"({"a":5})");
  EXPECT_EQ(read(limited, "05", 9), "no layout for FPort 9");
}

TEST(Decoder, RecordsUnderAPortArePartialToo) {
  const auto schema =
      "message M { optional T t = 1 [(codec.f) = {port: 1}]; } message T { option (codec.layout) = {tlv_key_bytes: 1}; "
      "optional uint32 a = 1 [(codec.f) = {key: 1 bits: 8}]; repeated uint32 r = 2 [(codec.f) = {key: 2 bits: 8}]; }";
  EXPECT_EQ(both(schema, "010502070208"), R"({"t":{"a":5,"r":[7,8]}})");
  EXPECT_EQ(read(schema, "010509"), R"({"t":{"a":5}} partial: unknown key 0x09 at offset 2)");
  EXPECT_EQ(read(schema, "01050106"), R"({"t":{"a":5}} partial: key 0x01 a second time at offset 2)");
  EXPECT_EQ(read(schema, "0901"), "unknown key 0x09 at offset 0");
}

TEST(Decoder, ACheckInARecordRefusesTheFrame) {
  const auto schema = fields(
      "option (codec.layout) = {tlv_key_bytes: 1}; optional uint32 a = 1 [(codec.f) = {key: 1 bits: 8}]; "
      "optional uint32 c = 2 [(codec.f) = {key: 2 bits: 8 check: 7}];");
  EXPECT_EQ(read(schema, "01050208"), "M.c is 0x8, not 0x7 at offset 3");
}

TEST(Decoder, NestedMessagesShareThePosition) {
  const auto schema =
      "message M { N n = 1 [(codec.f) = {}]; uint32 z = 2 [(codec.f) = {bits: 4}]; } "
      "message N { uint32 a = 1 [(codec.f) = {bits: 12}]; }";
  EXPECT_EQ(both(schema, "abcd"), R"({"n":{"a":2748},"z":13})");
}

TEST(Decoder, PayloadsThatCannotComeByRadioAreRefused) {
  const auto schema = fields("bytes a = 1 [(codec.f) = {rest: true rep: RAW}];");
  EXPECT_EQ(read(schema, std::string(486, 'a')), "243 bytes cannot come by radio at offset 242");
}

// The largest message that a payload can make: one-bit elements that become ten bytes each.
TEST(Decoder, TheLargestMessageFits) {
  const auto schema = fields(
      "int64 start = 1 [(codec.f) = {bits: 8 rep: SIGNED}]; "
      "repeated int64 a = 2 [(codec.f) = {bits: 1 rep: SIGNED rest: true accumulate: \"start\"}];");
  const auto catalog = compiled(schema);
  Decoder decoder;
  const base::Bytes payload(kMaxPayload, 0xff);
  const auto result = decoder.decode(*catalog->find("test/t"), 1, payload);
  EXPECT_EQ(result.outcome, Outcome::kComplete);
  EXPECT_GT(result.message.size(), 19'000U);
}

TEST(Decoder, AMessageThatWouldBeTooLargeIsAnError) {
  std::string inner = "uint32 v = 1 [(codec.f) = {bits: 8}];";
  std::string all = "message L0 { " + inner + " }";
  const int depth = 6;
  for (int i = 1; i <= depth; ++i) {
    all += " message L" + std::to_string(i) + " { L" + std::to_string(i - 1) + " a = 536870911 [(codec.f) = {}]; }";
  }
  const auto schema = "message M { repeated L6 l = 536870911 [(codec.f) = {rest: true}]; } " + all;
  const auto catalog = compiled(schema);
  Decoder decoder;
  const base::Bytes payload(kMaxPayload, 0xff);
  const auto result = decoder.decode(*catalog->find("test/t"), 1, payload);
  EXPECT_EQ(result.outcome, Outcome::kComplete);  // 242 * (7 * 6 + 2) bytes
  EXPECT_LT(result.message.size(), 24U * 1024U);
}

TEST(Decoder, KeepsNothingBetweenFrames) {
  const auto catalog =
      compiled(fields("optional uint32 n = 1 [(codec.f) = {bits: 8 invalid: 255}]; "
                      "optional uint32 a = 2 [(codec.f) = {when: {field: \"n\" eq: 1} bits: 8}];"));
  Decoder decoder;
  const Plan& plan = *catalog->find("test/t");
  EXPECT_EQ(decoder.decode(plan, 1, base::Bytes{1, 5}).message.size(), 4U);
  EXPECT_EQ(decoder.decode(plan, 1, base::Bytes{255}).message.size(), 0U);  // not the register of the frame before
}

// Of each sample "<" when the meter says that it ran backwards, else ">".
std::string directions(const std::string& messages, std::string_view hex) {
  const auto catalog = compiled(messages);
  std::string all;
  const auto got = decoded(*catalog, "test/t", 1, hex);
  for (const auto& sample : got.at("samples").as_array()) all += sample.as_object().contains("reverse") ? '<' : '>';
  return all;
}

TEST(Decoder, ACounterRunsBackwardsWhenItsMessageSaysSo) {
  const auto counter = [](const char* when, const char* key = "") {
    return std::string("optional uint32 c = 9 [(codec.f) = {bits: 8 ") + key +
           "}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" " + when + "}}]; ";
  };
  const auto status = [](const char* options = "bits: 8") {
    return std::string("optional int32 s = 1 [(codec.f) = {") + options + "}]; ";
  };
  for (const bool later : {false, true}) {  // the status stands behind the counter
    const auto directions_of = [&](const std::string& s, const std::string& c, std::string hex) {
      if (later) std::swap(hex[0], hex[2]), std::swap(hex[1], hex[3]);
      return directions(fields(later ? c + s : s + c), hex);
    };
    EXPECT_EQ(directions_of(status(), counter("eq: 3"), "0305"), "<");
    EXPECT_EQ(directions_of(status(), counter("eq: 3"), "0705"), ">");
    EXPECT_EQ(directions_of(status(), counter("mask: 4"), "0705"), "<");
    EXPECT_EQ(directions_of(status(), counter("mask: 4"), "0305"), ">");
    EXPECT_EQ(directions_of(status(), counter("mask: 6 eq: 4"), "0d05"), "<");
    EXPECT_EQ(directions_of(status(), counter("mask: 6 eq: 4"), "0605"), ">");
    EXPECT_EQ(directions_of(status("bits: 8 rep: SIGNED"), counter("eq: -1"), "ff05"), "<");
    EXPECT_EQ(directions_of(status("bits: 8 rep: SIGNED"), counter("mask: 128"), "8005"), "<");
    EXPECT_EQ(directions_of(status("bits: 8 mul: -2 add: 1"), counter("eq: -5"), "0305"), "<");
    EXPECT_EQ(directions_of(status("bits: 8 invalid: 3"), counter("eq: 3"), "0305"), ">") << "it says nothing";
  }
  EXPECT_EQ(directions(fields("bool s = 1 [(codec.f) = {bits: 8}]; " + counter("eq: 1")), "0305"), "<");
  const auto records = "message M { option (codec.layout) = {tlv_key_bytes: 1}; " + status("key: 1 bits: 8") +
                       counter("eq: 3", "key: 2") + "}";
  EXPECT_EQ(directions(records, "01030205"), "<");
  EXPECT_EQ(directions(records, "02050103"), "<") << "in any order";
  EXPECT_EQ(directions(records, "0205"), ">");
  EXPECT_EQ(directions(records, "0205010309"), "<") << "what stands before a fault counts";
  EXPECT_EQ(directions("message M { repeated N n = 1 [(codec.f) = {rest: true}]; } message N { " +
                           counter("eq: 3", "") + status() + "}",
                       "050305040503"),
            "<><")
      << "each element speaks for itself";
  const auto inner =
      "optional int32 s = 1 [(codec.f) = {bits: 8}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = "
      "{quantity: \"pulses\" measure: \"pulses.2\" kind: COUNTER reverse_when: {field: \"s\" eq: 3}}]; ";
  EXPECT_EQ(directions("message M { " + status() + counter("eq: 4") +
                           "repeated N n = 2 [(codec.f) = {rest: true}]; } message N { " + inner + "}",
                       "0405030504050305"),
            "<<><")
      << "and not for those around it";
}

TEST(Decoder, ABrokenRecordSaysNothingOfTheSamplesBeforeIt) {
  const auto schema = fields(
      "option (codec.layout) = {tlv_key_bytes: 1 sample_time: \"t\"}; optional uint32 t = 1 [(codec.f) = {key: 1 bits: "
      "8 "
      "rep: UNIX_TIME}]; optional uint32 s = 2 [(codec.f) = {key: 1 bits: 8}]; "
      "optional uint32 x = 3 [(codec.f) = {key: 1 bits: 8}]; optional uint32 c = 4 [(codec.f) = {key: 2 bits: 8}, "
      "(codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 3}}];");
  const auto sample_of = [&](std::string_view hex) {
    return decoded(*compiled(schema), "test/t", 1, hex).at("samples").as_array().at(0).as_object();
  };
  const auto whole = sample_of("020501090307");
  EXPECT_TRUE(whole.contains("reverse"));
  EXPECT_EQ(whole.at("time").as_string(), "1970-01-01T00:00:09.000000Z");
  const auto cut = sample_of("0205010903");
  EXPECT_FALSE(cut.contains("reverse"));
  EXPECT_TRUE(cut.at("time").is_null());
  EXPECT_FALSE(Decoder{}.decode(*compiled(schema)->find("test/t"), 1, base::Bytes{2, 5, 1, 9, 3}).time_s.has_value());
}

TEST(Decoder, ADirectionIsNotKeptBetweenFrames) {
  const auto catalog = compiled(
      fields("option (codec.layout) = {tlv_key_bytes: 1}; optional uint32 s = 1 [(codec.f) = {key: 1 bits: 8}]; "
             "optional uint32 c = 2 [(codec.f) = {key: 2 bits: 8}, (codec.m) = "
             "{quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 3}}]; "
             "optional uint32 d = 3 [(codec.f) = {key: 3 bits: 8}, (codec.m) = {quantity: \"pulses\" measure: "
             "\"pulses.2\"}];"));
  Decoder decoder;
  const Plan& plan = *catalog->find("test/t");
  EXPECT_TRUE(decoder.decode(plan, 1, base::Bytes{1, 3, 2, 5}).samples.front().reverse);
  EXPECT_FALSE(decoder.decode(plan, 1, base::Bytes{3, 5}).samples.front().reverse);
}

}  // namespace
}  // namespace lenne::decode::tests
