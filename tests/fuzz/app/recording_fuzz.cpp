#include "tests/fuzz/app/recording_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::recording({data, size});
  return 0;
}
