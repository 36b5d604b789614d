#include "tests/fuzz/network/record_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lenne::network::test::take_record({data, size});
  return 0;
}
