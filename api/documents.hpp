#pragma once
// Operators' documents (JSON objects with a `kind`) as records, and records as documents. Checks form only; what a
// document refers to is checked by apply.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "lenne/v1/control.pb.h"

namespace lenne::api {

/// One document that is well formed. Keys are wrapped already; they exist in clear only inside parse_documents.
struct Document {
  std::size_t index = 0;  ///< in the request
  std::string kind;       ///< as in the document: "Device"
  std::string name;       ///< its identity without the kind: a DevEUI, "menden", "menden/town-hall"
  std::string key;        ///< on topic control: "device/…"
  bool remove = false;
  v1::Object object;
  std::string refused = {};  ///< well formed, but not to be had (such as mac_version 1.1): why
};

/// One thing that is wrong with one document.
struct DocumentError {
  std::size_t index = 0;
  std::string kind;
  std::string name;
  std::string field;
  std::string message;
};

struct ParsedDocuments {
  std::vector<Document> documents;
  std::vector<DocumentError> errors;  ///< when there is one, nothing may be applied
};

/// What the network that the documents are for can do.
struct DocumentRules {
  std::set<std::string, std::less<>> regions;
  std::size_t most = 20'000;
};

/// Parses a JSON array of documents (or one document). Text and numbers may both be given as JSON strings, so that a
/// client need not know the type of a field. Errors: bad_json, too_large. At most 100 document errors are listed.
[[nodiscard]] base::Result<ParsedDocuments> parse_documents(std::string_view json, const DocumentRules& rules,
                                                            const base::crypto::KeyVault& vault);

/// A document as JSON text, the same fields as are read, without keys.
[[nodiscard]] std::string document_json(const v1::Object& object);

/// Seconds as documents say them, in the largest unit that is exact: 5400 -> "90m".
[[nodiscard]] std::string duration_text(std::uint32_t seconds);

/// "Device" -> "device", "UseCase" -> "use_case"; empty when there is no such kind.
[[nodiscard]] std::string_view control_kind(std::string_view kind) noexcept;

/// What is different, field by field; of rules and parameters each has a name of its own, such as
/// "alerts.level-1.threshold". The order of rules makes no difference. Keys show as "keys" without their values.
struct FieldChange {
  std::string field;
  std::string from;  ///< JSON
  std::string to;    ///< JSON
};
[[nodiscard]] std::vector<FieldChange> differences(const v1::Object& before, const v1::Object& after);

}  // namespace lenne::api
