#include "tests/fuzz/decode/schema_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::schema({data, size});
  return 0;
}
