#include "tests/fuzz/api/request_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::api::fuzz_request({reinterpret_cast<const char*>(data), size});
  return 0;
}
