#pragma once
// All routes as a table. openapi.yaml says the same; a test compares them.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/handlers.hpp"

namespace lenne::api {

/// `released`: open to everybody as `open` is, and answered from the views.
enum class Need : std::uint8_t { open, released, read, operator_ };

struct Route {
  std::string_view method;
  std::string_view path;  ///< {name} matches one segment, {name...} the rest
  Need need;
  bool cors;        ///< any origin may read it (tokens are not sent by themselves)
  bool large_body;  ///< up to HttpLimits::apply_body_bytes
  Handler handler;
};

[[nodiscard]] std::span<const Route> routes() noexcept;

struct Match {
  const Route* route = nullptr;  ///< null: no such path, or not with this method
  bool path_known = false;
  std::vector<std::string> arguments = {};
};

/// HEAD is taken as GET.
[[nodiscard]] Match match_route(std::string_view method, std::string_view path);

/// Whether a caller may use a route: with what it may see there. Errors: unauthorized, forbidden.
[[nodiscard]] base::Result<Caller> admit(const Route& route, Caller caller);

/// From the address on: access, parameters, waiting for min_position, the handler. `token` empty: none.
[[nodiscard]] Answer answer_request(Context& context, const Request& request, std::string_view token);

}  // namespace lenne::api
