#include "api/auth.hpp"

#include <array>

#include "base/bytes.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/ids.hpp"

namespace lenne::api {
namespace {

using storage::Store;

std::string token_key(const base::crypto::Digest& digest) { return std::string(base::as_text(digest)); }

}  // namespace

Authenticator::Authenticator(const HttpSettings& settings, storage::Log& log, const base::Clock& clock)
    : log_(log), clock_(clock), anonymous_(settings.anonymous), most_(settings.limits.tokens) {
  if (!settings.operator_token.empty()) operator_ = base::crypto::sha256(base::as_bytes(settings.operator_token));
}

base::Result<Caller> Authenticator::caller_of(std::string_view token) const {
  if (token.empty()) {
    if (anonymous_ == Anonymous::read) return Caller{Role::reader, storage::views::Scope::everything()};
    return Caller{};
  }
  const auto digest = base::crypto::sha256(base::as_bytes(token));
  if (operator_ && base::crypto::equal_in_constant_time(*operator_, digest)) {
    return Caller{Role::operator_, storage::views::Scope::everything()};
  }
  auto value = log_.state().get(Store::token, 0, token_key(digest));
  if (!value) return std::unexpected(value.error());
  v1::ReadToken row;
  if (!*value || !row.ParseFromString(**value) || row.tenant().empty() ||
      (row.expires_us() != 0 && base::to_us(clock_.now()) >= row.expires_us())) {
    return base::fail("unauthorized", "this token is unknown, expired or revoked");
  }
  auto grant = grant_of(row);
  if (!grant) return std::unexpected(grant.error());
  auto own = storage::views::Scope::of({row.tenant()});
  if (!*grant) return Caller{Role::tenant, std::move(own)};
  return Caller{.role = Role::tenant, .limited = Limited{std::move(**grant), std::move(own)}};
}

base::Result<Authenticator::NewToken> Authenticator::create(std::string tenant, std::string name,
                                                            std::optional<base::Timestamp> expires,
                                                            const std::optional<Grant>& grant) {
  const auto existing = list();
  if (!existing) return std::unexpected(existing.error());
  if (existing->size() >= most_) return base::fail("too_many", "there are too many tokens: revoke some first");
  std::array<std::uint8_t, 32> secret{};
  std::array<std::uint8_t, 8> id{};
  base::crypto::random_bytes(secret);
  base::crypto::random_bytes(id);
  NewToken made;
  made.token = "lenne_" + base::to_hex(secret);
  made.row.set_id(base::to_hex(id));
  made.row.set_tenant(std::move(tenant));
  made.row.set_name(std::move(name));
  made.row.set_created_us(base::to_us(clock_.now()));
  if (expires) made.row.set_expires_us(base::to_us(*expires));
  if (grant) put_grant(*grant, made.row);
  storage::Batch batch;
  batch.put(Store::token, 0, token_key(base::crypto::sha256(base::as_bytes(made.token))), made.row.SerializeAsString());
  if (auto written = log_.put_state(batch); !written) return std::unexpected(written.error());
  return made;
}

base::Result<std::vector<v1::ReadToken>> Authenticator::list() const {
  std::vector<v1::ReadToken> rows;
  auto scanned = log_.state().scan(Store::token, 0, {}, {}, [&](std::string_view, std::string_view value) {
    v1::ReadToken row;
    if (row.ParseFromArray(value.data(), static_cast<int>(value.size()))) rows.push_back(std::move(row));
    return rows.size() < most_;
  });
  if (!scanned) return std::unexpected(scanned.error());
  return rows;
}

base::Result<void> Authenticator::revoke(std::string_view id) {
  std::string found;
  auto scanned = log_.state().scan(Store::token, 0, {}, {}, [&](std::string_view key, std::string_view value) {
    v1::ReadToken row;
    if (row.ParseFromArray(value.data(), static_cast<int>(value.size())) && row.id() == id) found.assign(key);
    return found.empty();
  });
  if (!scanned) return std::unexpected(scanned.error());
  if (found.empty()) return base::fail("not_found", "there is no token with this id");
  storage::Batch batch;
  batch.erase(Store::token, 0, found);
  return log_.put_state(batch);
}

std::string_view bearer_of(std::string_view header) noexcept {
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = header[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return {};
  }
  header.remove_prefix(kScheme.size());
  while (header.starts_with(' ')) header.remove_prefix(1);
  return header;
}

}  // namespace lenne::api
