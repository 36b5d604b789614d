#include "tests/fuzz/app/csv_documents_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  lenne::fuzz::csv_documents({data, size});
  return 0;
}
