#include "tests/fuzz/processing/windows_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::windows({data, size});
  return 0;
}
