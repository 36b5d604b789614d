#pragma once
// A request and its answer as plain values, so that handlers know neither sockets nor Beast.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace lenne::api {

/// Percent-decoded query parameters in the order in which they stand.
class QueryParameters {
 public:
  /// Parses `a=b&c=d`. Error: what is malformed. At most 32 parameters.
  [[nodiscard]] static base::Result<QueryParameters> parse(std::string_view text);

  /// The first value of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const { return std::string(find(name).value_or("")); }
  /// Error bad_parameter when there is any other than these (and `token`, `min_position`).
  [[nodiscard]] base::Result<void> only(std::initializer_list<std::string_view> names) const;
  /// Errors: bad_parameter, naming the parameter. Absent: the default.
  [[nodiscard]] base::Result<std::size_t> size(std::string_view name, std::size_t absent, std::size_t most) const;
  [[nodiscard]] base::Result<bool> boolean(std::string_view name, bool absent) const;
  [[nodiscard]] base::Result<std::optional<base::Timestamp>> time(std::string_view name) const;
  [[nodiscard]] base::Result<std::optional<base::DevEui>> dev_eui(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

/// Percent-decodes one path segment or parameter ('+' is a space in parameters only). Error: a bad escape or a zero
/// byte.
[[nodiscard]] base::Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

struct Request {
  std::string method = "GET";
  std::string path = "/";  ///< decoded, without the query
  QueryParameters query = {};
  std::vector<std::string> arguments = {};  ///< what the route's {…} matched
  std::string body = {};
  std::string if_none_match = {};
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// A page that is no JSON: the cursor of the next one, if there is one, is in the header Lenne-Next.
[[nodiscard]] inline Response page_of_type(std::string content_type, std::string body, const std::string& next) {
  Response response{.content_type = std::move(content_type), .body = std::move(body)};
  if (!next.empty()) response.headers.emplace_back("Lenne-Next", next);
  return response;
}

/// An answer that has to wait for the views. `poll` is called now and then; `give_up` when the time is over.
class Deferred {
 public:
  virtual ~Deferred() = default;
  [[nodiscard]] virtual std::optional<Response> poll() = 0;
  [[nodiscard]] virtual Response give_up() = 0;
  /// How long it is waited for; nothing: as long as for the views.
  [[nodiscard]] virtual std::optional<base::Duration> patience() const { return std::nullopt; }
};

using Answer = std::variant<Response, std::unique_ptr<Deferred>>;

/// `{"error":code,"message":message}` with the status that belongs to the code.
[[nodiscard]] Response error_response(const base::Error& error);
[[nodiscard]] unsigned status_of(std::string_view code) noexcept;

}  // namespace lenne::api
