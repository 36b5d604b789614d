#include "tests/fuzz/processing/window_rows_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::window_rows({data, size});
  return 0;
}
