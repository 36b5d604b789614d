#include "tests/fuzz/api/events_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::events({data, size});
  return 0;
}
