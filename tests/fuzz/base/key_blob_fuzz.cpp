#include "tests/fuzz/base/key_blob_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::key_blob({data, size});
  return 0;
}
