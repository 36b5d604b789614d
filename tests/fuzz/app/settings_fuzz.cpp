#include "tests/fuzz/app/settings_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::settings({data, size});
  return 0;
}
