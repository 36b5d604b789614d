#include "tests/fuzz/storage/views/record_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::record({data, size});
  return 0;
}
