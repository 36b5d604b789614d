#include "tests/fuzz/network/lorawan/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::network::lorawan::fuzz::frame_report({data, size});
  return 0;
}
