#include "api/embedded.hpp"

#include <array>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/ids.hpp"

namespace lenne::api {
namespace {

// The page asks for nothing outside its own origin, runs no inline script, and stands in nobody's frame.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const EmbeddedFile* find_file(std::span<const EmbeddedFile> files, std::string_view path) {
  for (const auto& file : files) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

}  // namespace

std::string_view content_type_of(std::string_view path) noexcept {
  struct Known {
    std::string_view ending;
    std::string_view type;
  };
  static constexpr std::array kKnown{
      Known{".html", "text/html; charset=utf-8"},
      Known{".js", "text/javascript; charset=utf-8"},
      Known{".css", "text/css; charset=utf-8"},
      Known{".json", "application/json"},
      Known{".svg", "image/svg+xml"},
      Known{".png", "image/png"},
      Known{".ico", "image/x-icon"},
      Known{".woff2", "font/woff2"},
      Known{".webmanifest", "application/manifest+json"},
      Known{".txt", "text/plain; charset=utf-8"},
      Known{".geojson", "application/geo+json"},
  };
  for (const auto& known : kKnown) {
    if (path.ends_with(known.ending)) return known.type;
  }
  return "application/octet-stream";
}

std::optional<Response> serve_file(std::span<const EmbeddedFile> files, const Request& request) {
  std::string_view path = request.path;
  path.remove_prefix(std::min<std::size_t>(path.size(), 1));
  const auto* file = find_file(files, path.empty() ? "index.html" : path);
  const auto last = path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
  if (file == nullptr && last.find('.') == std::string_view::npos) file = find_file(files, "index.html");
  if (file == nullptr) return std::nullopt;
  Response response;
  response.content_type = std::string(content_type_of(file->path));
  const auto tag = "\"" + base::hex_of(base::hash64(base::as_bytes(file->bytes)), 16) + "\"";
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control",
                                file->path.starts_with("assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  if (request.if_none_match == tag) {
    response.status = 304;
  } else {
    response.body = std::string(file->bytes);
  }
  return response;
}

}  // namespace lenne::api
