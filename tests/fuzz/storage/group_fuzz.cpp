#include "tests/fuzz/storage/group_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::group({data, size});
  return 0;
}
