#pragma once
// Operators' documents from any bytes: whatever comes is refused or read, and what is read survives being written
// again.

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/documents.hpp"

namespace lenne::api {

inline void fuzz_documents(std::string_view bytes) {
  static const auto vault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{1, 2, 3});
  static const DocumentRules rules{{"EU868"}, 50};
  const auto parsed = parse_documents(bytes, rules, vault);
  if (!parsed) return;
  for (const auto& document : parsed->documents) {
    if (!parsed->errors.empty()) continue;
    if (document.key.empty() || document.name.empty()) std::abort();
    if (!differences(document.object, document.object).empty()) std::abort();
    if (document_json(document.object).empty()) std::abort();
  }
}

}  // namespace lenne::api
