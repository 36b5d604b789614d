#pragma once
// What a token that was given for one purpose reads of meters: one table of routes and purposes. What is not in the
// table is closed to such tokens. docs/internals/meters.md explains it.

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "lenne/v1/view.pb.h"
#include "storage/views/scope.hpp"

namespace lenne::api {

enum class Purpose : std::uint8_t {
  billing,  ///< of each meter the reading of a key date
  leaks,    ///< findings and alerts, without amounts
  network,  ///< sums over so many meters that none can be told from them
  consent   ///< the meters of a customer who agreed, down to 15 minutes
};
inline constexpr std::size_t kPurposes = 4;

/// Most devices that a token for consent names.
inline constexpr std::size_t kMostNamedDevices = 64;

/// What a token of a purpose was given for.
struct Grant {
  Purpose purpose;
  std::set<std::uint64_t> devices = {};  ///< for consent: at least one
};
/// That of a stored token; nothing: the token reads all of its tenant. Error: unauthorized (a purpose that this program
/// does not know, or consent without a device).
[[nodiscard]] base::Result<std::optional<Grant>> grant_of(const v1::ReadToken& row);
/// Writes it into a token that is made.
void put_grant(const Grant& grant, v1::ReadToken& row);

/// "billing", "leaks", "network", "consent".
[[nodiscard]] std::string_view name_of(Purpose purpose) noexcept;
/// Error: bad_json, naming the text and those that there are.
[[nodiscard]] base::Result<Purpose> purpose_named(std::string_view name);

/// What a handler gets to see of meters.
enum class Sees : std::uint8_t {
  closed,  ///< the route is not for this purpose
  others,  ///< all but meters
  names,   ///< of meters which they are, and how they were heard
  alerts,  ///< and their alerts, without what was measured
  named,   ///< of meters the token's alone, in windows of 15 minutes and longer
  whole    ///< all of its tenant: the answer itself is no more than the purpose allows
};

struct Allowed {
  std::string_view path;  ///< as in routes()
  Sees billing;
  Sees leaks;
  Sees network;
  Sees consent;
};
/// Every route that shows tenants' data, for those who read.
[[nodiscard]] std::span<const Allowed> allowed_routes() noexcept;
/// Closed for a route that is not in the table.
[[nodiscard]] Sees sees(Purpose purpose, std::string_view path) noexcept;

/// The scope that a handler gets, of the token's own. `seen` is not closed.
[[nodiscard]] storage::views::Scope scope_of(const storage::views::Scope& own, const Grant& grant, Sees seen);

/// Whether a window of that name, and the time from one to the next, is at least 15 minutes; false for other texts.
[[nodiscard]] bool is_quarter_or_longer(std::string_view window);

}  // namespace lenne::api
