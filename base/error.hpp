#pragma once
// Errors of the shells (files, sockets, logs, settings) as values. Codecs return their own small enums instead.

#include <expected>
#include <string>
#include <utility>

namespace lenne::base {

/// What went wrong. `code` is stable and machine-readable (snake_case); `message` names the offending thing.
struct Error {
  std::string code;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(std::string code, std::string message) {
  return std::unexpected(Error{std::move(code), std::move(message)});
}

}  // namespace lenne::base
