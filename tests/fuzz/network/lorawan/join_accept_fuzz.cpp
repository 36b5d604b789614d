#include "tests/fuzz/network/lorawan/join_accept_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::join_accept({data, size});
  return 0;
}
