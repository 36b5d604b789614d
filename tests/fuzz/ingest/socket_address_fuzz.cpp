#include "tests/fuzz/ingest/socket_address_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::socket_address({data, size});
  return 0;
}
