#include "tests/fuzz/api/events_target.hpp"

#include <google/protobuf/stubs/logging.h>

#include "tests/fuzz/corpus.hpp"

namespace lenne::fuzz {
namespace {

TEST(EventsCorpus, Events) {
  const google::protobuf::LogSilencer quiet;  // it complains of each damaged text
  run_corpus("api", "events", events, 20'000, "0123456789-:_.~,fsabc");
}

}  // namespace
}  // namespace lenne::fuzz
