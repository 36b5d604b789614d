#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/storage/group_target.hpp"
#include "tests/fuzz/storage/rows_target.hpp"

namespace lenne::fuzz {
namespace {

TEST(GroupCorpus, Group) { run_corpus("storage", "group", group, 50'000); }
TEST(GroupCorpus, Rows) { run_corpus("storage", "rows", rows, 50'000, "0123456789-:_.fsabc"); }

}  // namespace
}  // namespace lenne::fuzz
