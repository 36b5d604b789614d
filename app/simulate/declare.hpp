#pragma once
// Declares a region on a running server through its API.

#include "app/http_client.hpp"
#include "app/simulate/region.hpp"
#include "base/error.hpp"

namespace lenne::app::simulate {

/// Idempotent. Errors: of the client, or refused (the first document that the server did not take, with its reason).
[[nodiscard]] base::Result<void> declare(const HttpClient& client, const Region& region);

}  // namespace lenne::app::simulate
