#include "tests/fuzz/storage/rows_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::rows({data, size});
  return 0;
}
