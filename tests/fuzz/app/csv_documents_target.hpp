#pragma once
// Any text as a list of declared things (CSV).

#include "tests/fuzz/app/yaml_documents_target.hpp"

namespace lenne::fuzz {

inline void csv_documents(base::ByteView bytes) {
  check_documents(app::parse_csv_documents("devices.csv", std::string(base::as_text(bytes))), bytes.size());
}

}  // namespace lenne::fuzz
