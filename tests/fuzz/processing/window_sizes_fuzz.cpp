#include "tests/fuzz/processing/window_sizes_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::window_sizes({data, size});
  return 0;
}
