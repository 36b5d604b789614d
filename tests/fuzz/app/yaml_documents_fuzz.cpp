#include "tests/fuzz/app/yaml_documents_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::yaml_documents({data, size});
  return 0;
}
