#pragma once
// Tokens for OAUTHBEARER, by OAuth 2.0's client credentials (RFC 6749 section 4.4) over HTTPS.

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace lenne::app {

struct AccessToken {
  std::string value;
  base::Timestamp expires{};
};

/// Where tokens come from, and for whom.
struct TokenEndpoint {
  std::string url;  ///< https://HOST[:PORT]/PATH
  std::string client_id;
  std::filesystem::path secret_file;  ///< one line; read each time, so that it may be changed
  std::string scope;                  ///< empty = none
  std::filesystem::path ca;           ///< PEM: trusted beside the system's own authorities
};

/// Keeps the newest token. Any thread.
class TokenSource {
 public:
  /// Error: settings_value (no such URL).
  [[nodiscard]] static base::Result<void> check(const TokenEndpoint& endpoint);

  explicit TokenSource(TokenEndpoint endpoint) : endpoint_(std::move(endpoint)) {}
  /// The one it has, while a quarter of its time is left or no other is to be had; else a new one, within 5 s.
  /// Error: token_refused (the endpoint's answer), token_unreachable, settings_value (the secret's file). No message
  /// holds a secret.
  [[nodiscard]] base::Result<AccessToken> get();

 private:
  [[nodiscard]] base::Result<AccessToken> fetch() const;

  const TokenEndpoint endpoint_;
  const base::SystemClock clock_;
  std::mutex mutex_;
  std::optional<AccessToken> token_;
  base::Timestamp renew_{};  ///< from then on it is asked for again
};

/// The first line of a file. Error: settings_value (cannot be read, or is empty), with the file's name.
[[nodiscard]] base::Result<std::string> read_secret(const std::filesystem::path& file);

}  // namespace lenne::app
