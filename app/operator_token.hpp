#pragma once
// The operator's token: made at first start, kept in a file that only its owner may read.

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace lenne::app {

/// Reads the token, or makes one (32 random bytes as hex, mode 0600) when the file is missing.
/// Errors: token_file (unreadable, or readable by others, with the path).
[[nodiscard]] base::Result<std::string> open_operator_token(const std::filesystem::path& file);

}  // namespace lenne::app
