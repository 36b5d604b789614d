#include "tests/fuzz/network/lorawan/address_range_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::address_range({data, size});
  return 0;
}
