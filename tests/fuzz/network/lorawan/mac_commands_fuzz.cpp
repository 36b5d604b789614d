#include "tests/fuzz/network/lorawan/mac_commands_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::mac_commands({data, size});
  return 0;
}
