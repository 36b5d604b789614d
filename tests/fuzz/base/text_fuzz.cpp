#include "tests/fuzz/base/text_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::text({data, size});
  return 0;
}
