#include "tests/fuzz/base/key_blob_target.hpp"
#include "tests/fuzz/base/text_target.hpp"
#include "tests/fuzz/corpus.hpp"

namespace lenne::fuzz {
namespace {

TEST(TextCorpus, Text) { run_corpus("base", "text", text, 50'000, "0123456789-:TZ.+abcdef"); }
TEST(TextCorpus, KeyBlob) { run_corpus("base", "key_blob", key_blob, 5'000); }

}  // namespace
}  // namespace lenne::fuzz
