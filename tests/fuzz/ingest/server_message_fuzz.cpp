#include "tests/fuzz/ingest/server_message_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::server_message({data, size});
  return 0;
}
