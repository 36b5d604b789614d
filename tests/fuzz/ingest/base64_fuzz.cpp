#include "tests/fuzz/ingest/base64_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::base64({data, size});
  return 0;
}
