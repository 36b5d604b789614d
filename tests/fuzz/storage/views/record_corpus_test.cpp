#include "tests/fuzz/storage/views/record_target.hpp"

#include <google/protobuf/stubs/logging.h>

#include "tests/fuzz/corpus.hpp"

namespace lenne::fuzz {
namespace {

TEST(ViewsCorpus, Record) {
  const google::protobuf::LogSilencer quiet;  // it complains of each damaged text
  run_corpus("storage/views", "record", record, 20'000);
}

}  // namespace
}  // namespace lenne::fuzz
