#pragma once
// Any text as declared things in YAML: refused with a reason, or documents that are JSON.

#include <boost/json.hpp>

#include "app/documents.hpp"
#include "base/bytes.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

/// What is read is JSON, and not much longer than its text.
inline void check_documents(const base::Result<boost::json::array>& documents, std::size_t size) {
  if (!documents) return require(!documents.error().message.empty(), "refused with a reason");
  const auto text = boost::json::serialize(*documents);
  require(text.size() < 1'000 * (size + 1'000), "documents do not grow without bound");
  for (const auto& document : *documents) require(document.is_object(), "a document is an object");
  boost::system::error_code error;
  boost::json::parse_options options;
  options.allow_invalid_utf8 = true;
  options.max_depth = 64;
  const auto again = boost::json::parse(text, error, {}, options);
  require(!error && again.is_array(), "documents are JSON");
}

inline void yaml_documents(base::ByteView bytes) {
  check_documents(app::parse_yaml_documents("devices.yaml", std::string(base::as_text(bytes))), bytes.size());
}

}  // namespace lenne::fuzz
