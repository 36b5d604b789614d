#pragma once
// Files that were put into the program when it was built: the page and openapi.yaml.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/request.hpp"

namespace lenne::api {

struct EmbeddedFile {
  std::string_view path;  ///< without a leading slash: "assets/index-4f2a.js"
  std::string_view bytes;
};

/// The page; empty when the program was built without it.
[[nodiscard]] std::span<const EmbeddedFile> page_files() noexcept;
[[nodiscard]] std::string_view openapi_text() noexcept;

/// Serves files: "/" is index.html; a path without a dot in its last part, if it is no file, is index.html too, so that
/// the page's own addresses can be opened. Names with a content hash (under assets/) may be cached for ever, all else
/// is asked for again with If-None-Match. Nothing: there is no such file.
[[nodiscard]] std::optional<Response> serve_file(std::span<const EmbeddedFile> files, const Request& request);

[[nodiscard]] std::string_view content_type_of(std::string_view path) noexcept;

}  // namespace lenne::api
