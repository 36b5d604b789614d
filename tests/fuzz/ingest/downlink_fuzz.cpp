#include "tests/fuzz/ingest/downlink_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::downlink({data, size});
  return 0;
}
