#include "decode/schema_catalog.hpp"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/decode/support.hpp"

namespace lenne::decode::tests {
namespace {

struct Refusal {
  const char* messages;
  const char* reason;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, NamesFileAndField) {
  const auto catalog = compile(GetParam().messages);
  ASSERT_FALSE(catalog) << GetParam().messages;
  EXPECT_EQ(catalog.error().code, "schema_refused");
  EXPECT_NE(catalog.error().message.find(GetParam().reason), std::string::npos) << catalog.error().message;
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Schemas, Refused, testing::Values(
  Refusal{"message M { uint32 a = 1; }", "test/t.proto: M.a: has no (codec.f)"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {}]; }", "M.a: bits is missing"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 65}]; }", "M.a: 65 bits are more than 64"},
  Refusal{"message M { uint64 a = 1 [(codec.f) = {bits: 64}]; }", "M.a: unsigned numbers have at most 63 bits"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 33}]; }", "M.a: 33 bits do not fit uint32"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8 rep: SIGNED}]; }", "which has no sign"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8 div: 10}]; }", "div needs a double or float field"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8 mul: 0.5}]; }", "are whole numbers"},
  Refusal{"message M { double a = 1 [(codec.f) = {bits: 8 div: 0}]; }", "mul and div are not zero"},
  Refusal{"message M { double a = 1 [(codec.f) = {bits: 16 rep: FLOAT}]; }", "FLOAT has 32 or 64 bits"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 32 rep: FLOAT}]; }", "FLOAT needs a double or float"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 6 rep: BCD}]; }", "BCD has 4 to 60 bits"},
  Refusal{"message M { bool a = 1 [(codec.f) = {bits: 1 mul: 2}]; }", "a bool has no scale"},
  Refusal{"message M { string a = 1 [(codec.f) = {bits: 8}]; }", "a string is HEX or ASCII"},
  Refusal{"message M { bytes a = 1 [(codec.f) = {bits: 8}]; }", "bytes are RAW"},
  Refusal{"message M { bytes a = 1 [(codec.f) = {bits: 4 rep: RAW}]; }", "text and bytes are whole bytes"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 4}]; bytes b = 2 [(codec.f) = {bits: 8 rep: RAW}]; }",
          "M.b: does not begin at a byte"},
  Refusal{"message M { option (codec.layout) = {endian: LITTLE}; uint32 a = 1 [(codec.f) = {bits: 12}]; }",
          "M.a: a little-endian number is whole bytes"},
  Refusal{"message M { option (codec.layout) = {endian: LITTLE}; bool a = 1 [(codec.f) = {bits: 1}]; "
          "uint32 b = 2 [(codec.f) = {bits: 16}]; }", "M.b: does not begin at a byte"},
  Refusal{"message M { bytes a = 1 [(codec.f) = {bits: 1944 rep: RAW}]; }", "more than 242 bytes"},
  Refusal{"message M { bytes a = 1 [(codec.f) = {bits: 1936 rep: RAW}]; uint32 b = 2 [(codec.f) = {bits: 8}]; }",
          "ends after more than 242 bytes"},
  Refusal{"message M { map<uint32, uint32> a = 1 [(codec.f) = {rest: true}]; }", "maps are not supported"},
  Refusal{"message M { M m = 1 [(codec.f) = {}]; }", "contains itself"},
  Refusal{"message M {}", "test/t.proto: M: has no fields"},
  // References
  Refusal{"message M { optional uint32 a = 1 [(codec.f) = {when: {field: \"b\" eq: 1} bits: 8}]; "
          "uint32 b = 2 [(codec.f) = {bits: 8}]; }", "M.a: when \"b\" comes later in the payload"},
  Refusal{"message M { optional uint32 a = 1 [(codec.f) = {when: {field: \"x\" eq: 1} bits: 8}]; }",
          "M.a: when \"x\" is no single whole-number field here"},
  Refusal{"message M { uint32 b = 1 [(codec.f) = {bits: 8}]; uint32 a = 2 [(codec.f) = {when: {field: \"b\" eq: 1} bits: 8}]; }",
          "M.a: must be optional"},
  Refusal{"message M { uint32 b = 1 [(codec.f) = {bits: 8}]; "
          "optional uint32 a = 2 [(codec.f) = {when: {field: \"b\"} bits: 8}]; }", "when needs eq or mask"},
  Refusal{"message M { repeated uint32 a = 1 [(codec.f) = {bits: 8 count_field: \"n\"}]; "
          "uint32 n = 2 [(codec.f) = {bits: 8}]; }", "M.a: count_field \"n\" comes later"},
  Refusal{"message M { repeated uint32 a = 1 [(codec.f) = {bits: 8 rest: true accumulate: \"n\"}]; }", "M.a: accumulate \"n\""},
  Refusal{"message M { double n = 1 [(codec.f) = {bits: 8}]; "
          "repeated uint32 a = 2 [(codec.f) = {bits: 8 rest: true accumulate: \"n\"}]; }", "is no single whole-number field"},
  // Presence and repetition
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8 invalid: 255}]; }", "M.a: must be optional"},
  Refusal{"message M { optional uint32 a = 1 [(codec.f) = {bits: 8 invalid: 256}]; }", "has more bits than the field"},
  Refusal{"message M { repeated uint32 a = 1 [(codec.f) = {bits: 8}]; }", "repeated needs rest, count or count_field"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8 rest: true}]; }", "need a repeated field"},
  Refusal{"message M { repeated uint32 a = 1 [(codec.f) = {bits: 8 rest: true count: 2}]; }", "only one of rest"},
  Refusal{"message M { bytes a = 1 [(codec.f) = {rep: RAW rest: true}]; uint32 b = 2 [(codec.f) = {bits: 8}]; }",
          "M.b: comes after a field that reaches to the end"},
  Refusal{"message M { repeated uint32 a = 1 [(codec.f) = {bits: 8 rest: true}]; "
          "repeated uint32 b = 2 [(codec.f) = {bits: 8 rest: true}]; }", "M.b: comes after a field that reaches to the end, and is no single"},
  Refusal{"message M { repeated uint32 a = 1 [(codec.f) = {bits: 8 rest: true}]; "
          "optional uint32 b = 2 [(codec.f) = {bits: 8 min_left: 8}]; }", "M.b: comes after a field that reaches to the end, and is no single"},
  Refusal{"message M { repeated uint32 a = 1 [(codec.f) = {bits: 4 rest: true}]; uint32 b = 2 [(codec.f) = {bits: 8}]; }",
          "M.b: comes after elements of 4 bits, no whole bytes"},
  Refusal{"message M { repeated uint32 a = 1 [(codec.f) = {bits: 8 rest: true}]; uint32 b = 2 [(codec.f) = {bits: 8}]; "
          "optional uint32 c = 3 [(codec.f) = {bits: 8 when: {field: \"b\" eq: 1}}]; }", "M.c: depends on a field behind one that reaches to the end"},
  Refusal{"message M { repeated N n = 1 [(codec.f) = {rest: true}]; } message N { uint32 a = 1 [(codec.f) = {bits: 4}]; }",
          "M.n: its elements are not whole bytes"},
  Refusal{"message M { repeated N n = 1 [(codec.f) = {rest: true}]; } "
          "message N { optional uint32 a = 1 [(codec.f) = {bits: 8 min_left: 8}]; }", "M.n: its elements can be empty"},
  // Keys, types, ports
  Refusal{"message M { option (codec.layout) = {tlv_key_bytes: 1}; optional uint32 a = 1 [(codec.f) = {bits: 8}]; }", "M.a: has no key"},
  Refusal{"message M { option (codec.layout) = {tlv_key_bytes: 1}; uint32 a = 1 [(codec.f) = {key: 1 bits: 8}]; }", "M.a: must be optional"},
  Refusal{"message M { option (codec.layout) = {tlv_key_bytes: 1}; optional uint32 a = 1 [(codec.f) = {key: 256 bits: 8}]; }",
          "key 0x100 has more than 1 bytes"},
  Refusal{"message M { option (codec.layout) = {tlv_key_bytes: 1}; optional uint32 a = 1 [(codec.f) = {key: 1 bits: 8}]; "
          "optional uint32 b = 2 [(codec.f) = {key: 2 bits: 8}]; optional uint32 c = 3 [(codec.f) = {key: 1 bits: 8}]; }",
          "M.c: key 0x1 is already that of a"},
  Refusal{"message M { option (codec.layout) = {tlv_key_bytes: 1}; optional uint32 a = 1 [(codec.f) = {key: 1 bits: 4}]; }",
          "its record does not end at a byte"},
  Refusal{"message M { option (codec.layout) = {tlv_key_bytes: 3}; optional uint32 a = 1 [(codec.f) = {key: 1 bits: 8}]; }",
          "tlv_key_bytes or type_bytes is 1 or 2"},
  Refusal{"message M { option (codec.layout) = {tlv_key_bytes: 5}; optional uint32 a = 1 [(codec.f) = {key: 1 bits: 8}]; }",
          "tlv_key_bytes or type_bytes is 1 or 2"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {key: 1 bits: 8}]; }", "its message no such layout"},
  Refusal{"message M { optional N a = 1 [(codec.f) = {port: 1}]; optional N b = 2 [(codec.f) = {port: [2, 1]}]; } "
          "message N { uint32 a = 1 [(codec.f) = {bits: 8}]; }", "M.b: port 1 is already that of a"},
  Refusal{"message M { optional N a = 1 [(codec.f) = {port: 224}]; } message N { uint32 a = 1 [(codec.f) = {bits: 8}]; }",
          "port 224 is not in 1..223"},
  Refusal{"message M { option (codec.layout) = {port: 0}; uint32 a = 1 [(codec.f) = {bits: 8}]; }", "port 0 is not in 1..223"},
  Refusal{"message M { optional N n = 1 [(codec.f) = {}]; } message N { optional O o = 1 [(codec.f) = {port: 1}]; } "
          "message O { uint32 a = 1 [(codec.f) = {bits: 8}]; }", "only the first message knows the FPort"},
  Refusal{"message M { optional uint32 a = 1 [(codec.f) = {port: 1 bits: 8}]; }", "only single messages are chosen by port"},
  Refusal{"message M { option (codec.layout) = {type_bytes: 1}; optional N a = 1 [(codec.f) = {type: 1}]; "
          "optional N b = 2 [(codec.f) = {type: 1}]; } message N { uint32 a = 1 [(codec.f) = {bits: 8}]; }",
          "M.b: type 1 is already that of a"},
  // Meaning
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"love\"}]; }",
          "M.a: quantity \"love\" is not registered"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" unit: \"furlong\"}]; }",
          "M.a: unit \"furlong\" is not registered"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {unit: \"furlong\"}]; }", "M.a: unit \"furlong\""},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" unit: \"m3\"}]; }",
          "M.a: unit \"m3\" is not one of temperature"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" measure: \"hot\"}]; }",
          "is not \"temperature.<suffix>\""},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" measure: \"temperature.a@2\"}]; }",
          "M.a: measure \"temperature.a@2\" has a suffix that is not of"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" measure: \"temperature.a/1h\"}]; }",
          "has a suffix that is not of"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" measure: \"temperature.\"}]; }",
          "has a suffix that is not of"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"wind_direction\" kind: GAUGE}]; }",
          "M.a: wind_direction has no aggregates"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"people\" kind: HELD}]; }",
          "M.a: people is no gauge: only a gauge's value can be HELD"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" rollover_bits: 8}]; }",
          "only counters roll over"},
  Refusal{"message M {  uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 1}}]; }",
          "M.c: reverse_when \"s\" is no single whole-number field of its message"},
  Refusal{"message M { double s = 1 [(codec.f) = {bits: 3}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 1}}]; }",
          "M.c: reverse_when \"s\" is no single whole-number field"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 3}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\"}}]; }",
          "M.c: reverse_when needs eq or mask"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 3}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 8}}]; }",
          "M.c: reverse_when never holds: \"s\" has no such value"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 3}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" mask: 8}}]; }",
          "M.c: reverse_when never holds: \"s\" has no such value"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 3}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" mask: 3 eq: 4}}]; }",
          "M.c: reverse_when never holds: \"s\" has no such value"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 3}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" mask: 0}}]; }",
          "M.c: reverse_when never holds: \"s\" has no such value"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 3 mul: 2 add: 1}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 4}}]; }",
          "M.c: reverse_when never holds: \"s\" has no such value"},
  Refusal{"message M { bool s = 1 [(codec.f) = {bits: 3}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 2}}]; }",
          "M.c: reverse_when never holds: \"s\" has no such value"},
  Refusal{"message M { enum S { NO = 0; YES = 2; } S s = 1 [(codec.f) = {bits: 3}]; uint32 c = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 1}}]; }",
          "M.c: reverse_when never holds: \"s\" has no such value"},
  Refusal{"message M { optional N n = 1 [(codec.f) = {}]; uint32 s = 2 [(codec.f) = {bits: 8}]; } message N { "
          "uint32 c = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 1}}]; }",
          "N.c: reverse_when \"s\" is no single whole-number field of its message"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 8}]; "
          "uint32 t = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" reverse_when: {field: \"s\" eq: 1}}]; }",
          "M.t: only counters run backwards"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 8}]; "
          "uint32 t = 2 [(codec.f) = {bits: 8}, (codec.m) = {reverse_when: {field: \"s\" eq: 1}}]; }", "M.t: reverse_when needs a quantity"},
  Refusal{"message M { uint32 s = 1 [(codec.f) = {bits: 8}]; repeated uint32 c = 2 [(codec.f) = {bits: 8 rest: true}, "
          "(codec.m) = {quantity: \"pulses\" kind: COUNTER reverse_when: {field: \"s\" eq: 1}}]; }", "M.c: reverse_when needs a single field"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\"}]; "
          "uint32 b = 2 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\"}]; }",
          "M.b: a second \"temperature\" of the same time"},
  Refusal{"message M { string a = 1 [(codec.f) = {bits: 8 rep: HEX}, (codec.m) = {quantity: \"temperature\"}]; }",
          "only numbers have a quantity"},
  Refusal{"message M { option (codec.layout) = {sample_time: \"a\"}; uint32 a = 1 [(codec.f) = {bits: 32}]; }",
          "sample_time \"a\" is no UNIX_TIME field of it"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" sample_time: \"z\"}]; }",
          "M.a: sample_time \"z\""},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\" interval_s: 60}]; }",
          "interval_s and first_step need a repeated field"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8 check: [1, 256]}]; }", "has more bits than the field"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 32 rep: UNIX_TIME add: 1356998400}]; }", "32 bits do not fit uint32"},
  Refusal{"message M { uint64 a = 1 [(codec.f) = {bits: 32 rep: UNIX_TIME mul: 60}]; }", "UNIX_TIME has no scale"},
  // Downlinks
  Refusal{"message M { option (codec.layout) = {downlink: true}; uint32 a = 1 [(codec.f) = {bits: 8}]; }",
          "test/t.proto: the first message is what an uplink holds"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}]; } "
          "message D { option (codec.layout) = {downlink: true}; uint32 a = 1 [(codec.f) = {bits: 8}]; } "
          "message E { option (codec.layout) = {downlink: true}; uint32 a = 1 [(codec.f) = {bits: 8}]; }", "E is a second downlink"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}]; } "
          "message D { option (codec.layout) = {downlink: true}; uint32 a = 1 [(codec.f) = {bits: 8}, (codec.m) = {quantity: \"temperature\"}]; }",
          "D is a downlink and measures nothing"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bits: 8}]; } "
          "message D { option (codec.layout) = {downlink: true}; uint32 a = 1 [(codec.f) = {}]; }", "D.a: bits is missing"},
  Refusal{"message M { optional D d = 1 [(codec.f) = {}]; } "
          "message D { option (codec.layout) = {downlink: true}; uint32 a = 1 [(codec.f) = {bits: 8}]; }",
          "D: is a field's message, and no downlink of its own"},
  Refusal{"message M { uint32 a = 1 [(codec.f) = {bites: 8}]; }", "bites"},
  Refusal{"message M { uint32 a = 1 ", "test/t.proto:4:"}));
// clang-format on

TEST(SchemaCatalog, HasTheBuiltInDevices) {
  const auto names = builtin()->names();
  for (const char* name :
       {"adeunis/pulse", "adeunis/temp", "axioma/w1", "bosch/tps110", "decentlab/dl_atm41", "decentlab/dl_pm",
        "decentlab/dl_trs12", "dragino/ldds75", "dragino/lht65n", "dragino/lse01", "elsys/ers", "milesight/em300_th",
        "milesight/em400_mud", "milesight/em500_co2", "milesight/ws301"}) {
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
    EXPECT_NE(builtin()->find(name), nullptr);
    EXPECT_GE(builtin()->descriptor_set(name)->file_size(), 3);  // the device's, the notation's, descriptor.proto
  }
  EXPECT_EQ(builtin()->find("elsys/none"), nullptr);
  EXPECT_EQ(builtin()->new_message("elsys/none"), nullptr);
}

TEST(SchemaCatalog, FindsByNameAndByFullName) {
  const Plan* plan = builtin()->find("elsys/ers");
  EXPECT_EQ(builtin()->find(plan->full_name()), plan);
  EXPECT_EQ(builtin()->find("elsys/ers@0000000000000000"), plan);  // an older plan's messages stay readable
  EXPECT_EQ(plan->id.size(), 16U);
}

TEST(SchemaCatalog, IdChangesWithTheSchemaOnly) {
  const auto id = [](const char* text) { return compiled(text)->find("test/t")->id; };
  const auto one = id("message M { uint32 a = 1 [(codec.f) = {bits: 8}]; }");
  EXPECT_EQ(one, id("// a comment\nmessage M {\n  uint32 a = 1 [(codec.f) = {bits: 8}];\n}"));
  EXPECT_NE(one, id("message M { uint32 a = 1 [(codec.f) = {bits: 9}]; }"));
  EXPECT_NE(one, id("message M { uint32 b = 1 [(codec.f) = {bits: 8}]; }"));
}

TEST(SchemaCatalog, ReportsEveryFaultOfEveryFile) {
  const auto catalog = SchemaCatalog::from_files({
      {"a/one.proto", "syntax = \"proto3\"; message M { uint32 a = 1; uint32 b = 2; }"},
      {"a/two.proto", "syntax = \"proto3\"; import \"nowhere.proto\"; message M { uint32 a = 1; }"},
      {"a/three.proto", "syntax = \"proto3\";"},
      {"four.proto", "syntax = \"proto3\";"},
  });
  ASSERT_FALSE(catalog);
  for (const char* part : {"a/one.proto: M.a:", "a/one.proto: M.b:", "a/two.proto", "a/three.proto: has no message",
                           "four.proto: not named <vendor>/<model>.proto"}) {
    EXPECT_NE(catalog.error().message.find(part), std::string::npos) << part << "\n" << catalog.error().message;
  }
}

TEST(SchemaCatalog, AnOperatorsDirectoryAddsAndReplaces) {
  const std::filesystem::path directory = std::filesystem::path{testing::TempDir()} / "lenne_schemas";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory / "elsys");
  std::filesystem::create_directories(directory / "own");
  const std::string head = "syntax = \"proto3\";\nimport \"codec/options.proto\";\n";
  std::ofstream{directory / "elsys/ers.proto"}
      << head << "package own1; message E { uint32 a = 1 [(lenne.codec.f) = {bits: 8}]; }";
  std::ofstream{directory / "own/x.proto"} << head
                                           << "package own2; message X { uint32 a = 1 [(lenne.codec.f) = {bits: 8}]; }";
  std::ofstream{directory / "own/notes.txt"} << "not a schema";
  const auto catalog = SchemaCatalog::load({directory});
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_NE((*catalog)->find("own/x"), nullptr);
  EXPECT_NE((*catalog)->find("axioma/w1"), nullptr);
  EXPECT_NE((*catalog)->find("elsys/ers")->id, builtin()->find("elsys/ers")->id);
  std::filesystem::remove_all(directory);
  const auto missing = SchemaCatalog::load({directory});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "schema_directory");
}

}  // namespace
}  // namespace lenne::decode::tests
