#include "tests/fuzz/network/state_rows_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::state_rows({data, size});
  return 0;
}
