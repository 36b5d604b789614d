#pragma once
// Who is asking, and what they may see.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http_server.hpp"
#include "api/purpose.hpp"
#include "base/crypto/sha256.hpp"
#include "base/error.hpp"
#include "lenne/v1/view.pb.h"
#include "storage/views/scope.hpp"

namespace lenne::api {

enum class Role : std::uint8_t {
  nobody,    ///< no token, and the settings let nobody read without one
  reader,    ///< no token: reads all tenants' data, where the settings allow it
  tenant,    ///< a tenant's read token
  operator_  ///< everything, and the only one who writes
};

/// A token that was given for one purpose.
struct Limited {
  Grant grant;
  storage::views::Scope own;  ///< its tenant; no handler gets this as it is but by the table of purpose.hpp
};

struct Caller {
  Role role = Role::nobody;
  storage::views::Scope scope = storage::views::Scope::nothing();  ///< of a limited one: what its route gives it
  std::optional<Limited> limited = {};
};

/// Knows the operator's token and the tenants' read tokens (as digests, in Store::token). One thread.
class Authenticator {
 public:
  Authenticator(const HttpSettings& settings, storage::Log& log, const base::Clock& clock);

  /// `token` empty: none was given. Errors: unauthorized (unknown, expired or revoked), log_read.
  [[nodiscard]] base::Result<Caller> caller_of(std::string_view token) const;

  struct NewToken {
    v1::ReadToken row;
    std::string token;  ///< the only time that it is seen
  };
  /// Without a grant it reads all of its tenant. Errors: too_many, log_write, log_unavailable.
  [[nodiscard]] base::Result<NewToken> create(std::string tenant, std::string name,
                                              std::optional<base::Timestamp> expires,
                                              const std::optional<Grant>& grant);
  [[nodiscard]] base::Result<std::vector<v1::ReadToken>> list() const;
  /// Error: not_found.
  [[nodiscard]] base::Result<void> revoke(std::string_view id);

 private:
  storage::Log& log_;
  const base::Clock& clock_;
  std::optional<base::crypto::Digest> operator_;
  Anonymous anonymous_;
  std::size_t most_;
};

/// The token of an `Authorization: Bearer …` header; empty when the header is empty or something else.
[[nodiscard]] std::string_view bearer_of(std::string_view header) noexcept;

}  // namespace lenne::api
