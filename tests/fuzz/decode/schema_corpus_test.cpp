#include "tests/fuzz/decode/schema_target.hpp"

#include "tests/fuzz/corpus.hpp"

namespace lenne::fuzz {
namespace {

TEST(SchemaCorpus, Schema) { run_corpus("decode", "schema", schema, 300, "{}[];:=().\"0123456789abcdefmnorstu_ "); }

}  // namespace
}  // namespace lenne::fuzz
