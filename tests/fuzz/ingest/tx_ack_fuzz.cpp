#include "tests/fuzz/ingest/tx_ack_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::tx_ack({data, size});
  return 0;
}
