#include "tests/fuzz/decode/payload_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lenne::decode::tests::fuzz_payload({data, size});
  return 0;
}
