#pragma once
// A plain HTTP and WebSocket client for the command line: one request at a time, blocking.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/time.hpp"

namespace lenne::app {

struct HttpResponse {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

class HttpClient {
 public:
  /// `server` is http://HOST:PORT; the token may be empty. Error: bad_server.
  [[nodiscard]] static base::Result<HttpClient> connect_to(const std::string& server, std::string token);

  /// The same with a user's password (HTTP Basic), unless the user is empty. Who does not answer within
  /// `answer` is unreachable.
  [[nodiscard]] static base::Result<HttpClient> connect_as(const std::string& server, const std::string& user,
                                                           const std::string& password, base::Duration answer);

  /// Error: unreachable (with the server's address), too_large (an answer over 256 MiB).
  [[nodiscard]] base::Result<HttpResponse> request(const std::string& method, const std::string& target,
                                                   const std::string& body = {}) const;

  /// Opens a WebSocket and hands each text message to `receive` until that returns false or the server closes.
  /// Error: unreachable, refused (with the server's words).
  [[nodiscard]] base::Result<void> follow(const std::string& target,
                                          const std::function<bool(const std::string&)>& receive) const;

 private:
  HttpClient(std::string host, std::string port);
  std::string host_;
  std::string port_;
  std::string authorization_;             ///< of each request; empty: none
  std::optional<base::Duration> answer_;  ///< how long one is waited for; nothing: for ever
};

/// Percent-encodes a query value (RFC 3986 unreserved characters stay).
[[nodiscard]] std::string encode_query(const std::string& value);

}  // namespace lenne::app
