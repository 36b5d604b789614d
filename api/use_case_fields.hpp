#pragma once
// The rules of a use case in documents. Internal to api.

#include <string_view>

#include "api/document_fields.hpp"
#include "lenne/v1/control.pb.h"

namespace lenne::api {

/// Reads a UseCase document: its rules in their order, none twice.
void read_use_case(DocumentFields& fields, v1::UseCase& use_case);

// How documents call the values of enums.
[[nodiscard]] std::string_view comparison_name(v1::Comparison comparison) noexcept;
[[nodiscard]] std::string_view severity_name(v1::Severity severity) noexcept;
/// Empty for the tenant's own: it is what a document has that says nothing.
[[nodiscard]] std::string_view privacy_name(v1::PrivacyClass privacy) noexcept;

}  // namespace lenne::api
