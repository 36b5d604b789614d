#include "tests/fuzz/network/sequence_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::sequence({data, size});
  return 0;
}
