#include "tests/fuzz/network/sequence_target.hpp"

#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/network/state_rows_target.hpp"

namespace lenne::fuzz {
namespace {

TEST(SequenceCorpus, Sequences) { run_corpus("network", "sequence", sequence, 300); }
TEST(SequenceCorpus, StateRows) { run_corpus("network", "state_rows", state_rows, 2'000); }

}  // namespace
}  // namespace lenne::fuzz
