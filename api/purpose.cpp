#include "api/purpose.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "processing/meters/measures.hpp"

namespace lenne::api {
namespace {

using storage::views::Detail;
using enum Sees;

struct PurposeInfo {
  Purpose purpose;
  v1::TokenPurpose stored;
  std::string_view name;
};
constexpr std::array<PurposeInfo, kPurposes> kInfos{{
    {Purpose::billing, v1::TOKEN_PURPOSE_BILLING, "billing"},
    {Purpose::leaks, v1::TOKEN_PURPOSE_LEAKS, "leaks"},
    {Purpose::network, v1::TOKEN_PURPOSE_NETWORK, "network"},
    {Purpose::consent, v1::TOKEN_PURPOSE_CONSENT, "consent"},
}};

// billing, leaks, network, consent
constexpr std::array kAllowed{
    Allowed{"/v1/status", others, others, others, others},
    Allowed{"/v1/tenants", others, others, others, others},
    Allowed{"/v1/gateways", others, others, others, others},
    Allowed{"/v1/devices", names, names, others, named},
    Allowed{"/v1/network/gateways", others, others, others, others},
    Allowed{"/v1/network/coverage", names, names, others, named},
    Allowed{"/v1/network/devices", names, names, others, named},
    Allowed{"/v1/latest", others, others, others, named},
    Allowed{"/v1/series", others, others, others, named},
    Allowed{"/v1/agg", others, others, others, named},
    Allowed{"/v1/climate-days", others, others, others, named},
    Allowed{"/v1/air-quality", others, others, others, named},
    Allowed{"/v1/air-limits", others, others, others, named},
    Allowed{"/v1/alerts", others, alerts, others, named},
    Allowed{"/v1/alerts/{dev_eui}/{rule}", others, alerts, others, named},
    Allowed{"/v1/thresholds", others, others, others, named},
    // Whoever chooses the meters of a sum can subtract: a zone's balance is for that.
    Allowed{"/v1/meter/balance", closed, closed, closed, closed},
    Allowed{"/v1/meter/findings", closed, whole, closed, named},
    Allowed{"/v1/meter/profile", closed, closed, closed, named},
    Allowed{"/v1/meter/readings", whole, closed, closed, named},
    Allowed{"/v1/meter/report", closed, closed, closed, named},
    Allowed{"/v1/meter/substations", closed, closed, closed, named},
    Allowed{"/v1/meter/sums", closed, closed, whole, closed},
    Allowed{"/v1/meter/zone", closed, closed, whole, closed},
    Allowed{"/v1/rain", others, others, others, named},
    Allowed{"/v1/rain-events", others, others, others, named},
    Allowed{"/v1/wind", others, others, others, named},
    Allowed{"/v1/heat-hours", others, others, others, named},
    Allowed{"/v1/heat-island", others, others, others, named},
    Allowed{"/v1/noise", others, others, others, named},
    Allowed{"/v1/indoor-air", others, others, others, named},
    Allowed{"/v1/mould", others, others, others, named},
    Allowed{"/v1/traffic", others, others, others, named},
    Allowed{"/v1/week-profile", others, others, others, named},
    Allowed{"/v1/waste", others, others, others, named},
    Allowed{"/v1/parking", others, others, others, named},
    Allowed{"/v1/rooms", others, others, others, named},
    Allowed{"/v1/uv", others, others, others, named},
    Allowed{"/v1/charge-points", others, others, others, named},
    Allowed{"/v1/street-light", others, others, others, named},
    Allowed{"/v1/building", others, others, others, named},
    Allowed{"/v1/water-levels", others, others, others, named},
    Allowed{"/v1/batteries", others, others, others, named},
    // Streams of what was measured; they know no scope of meters.
    Allowed{"/v1/events", closed, closed, closed, closed},
    Allowed{"/v1/live", closed, closed, closed, closed},
};

/// "PT1H30M" in seconds; 0 for other texts.
std::int64_t seconds_of(std::string_view duration) {
  if (!duration.starts_with("PT")) return 0;
  duration.remove_prefix(2);
  std::int64_t seconds = 0;
  while (!duration.empty()) {
    std::uint32_t number = 0;
    const auto* end = duration.data() + duration.size();
    const auto [at, error] = std::from_chars(duration.data(), end, number);
    if (error != std::errc{} || at == end) return 0;
    const std::int64_t unit = *at == 'H' ? 3600 : *at == 'M' ? 60 : *at == 'S' ? 1 : 0;
    if (unit == 0) return 0;
    seconds += number * unit;
    duration.remove_prefix(static_cast<std::size_t>(at + 1 - duration.data()));
  }
  return seconds;
}

bool is_long(std::string_view duration) {
  constexpr std::int64_t kQuarterS = 900;
  // Days, months and years of a calendar.
  const bool is_calendar = duration.size() > 2 && duration[0] == 'P' && duration[1] >= '1' && duration[1] <= '9';
  return is_calendar || seconds_of(duration) >= kQuarterS;
}

bool is_meter(std::string_view measure) { return processing::meters::is_register(measure); }

Detail detail_of(Sees seen) noexcept {
  switch (seen) {
    case names:
      return Detail::name;
    case alerts:
      return Detail::alerts;
    case whole:
      return Detail::all;
    case closed:
    case others:
    case named:
      break;
  }
  return Detail::nothing;
}

}  // namespace

base::Result<std::optional<Grant>> grant_of(const v1::ReadToken& row) {
  if (row.purpose() == v1::TOKEN_PURPOSE_UNSPECIFIED && row.devices().empty()) return std::optional<Grant>{};
  const auto found = std::ranges::find(kInfos, row.purpose(), &PurposeInfo::stored);
  if (found == kInfos.end() || (found->purpose == Purpose::consent) == row.devices().empty())
    return base::fail("unauthorized", "this token is for a purpose that is not known here");
  return std::optional{Grant{found->purpose, {row.devices().begin(), row.devices().end()}}};
}

void put_grant(const Grant& grant, v1::ReadToken& row) {
  row.set_purpose(kInfos[static_cast<std::size_t>(grant.purpose)].stored);
  row.mutable_devices()->Assign(grant.devices.begin(), grant.devices.end());
}

std::string_view name_of(Purpose purpose) noexcept { return kInfos[static_cast<std::size_t>(purpose)].name; }

base::Result<Purpose> purpose_named(std::string_view name) {
  const auto found = std::ranges::find(kInfos, name, &PurposeInfo::name);
  if (found != kInfos.end()) return found->purpose;
  std::string known;
  for (const auto& info : kInfos) known.append(known.empty() ? "" : ", ").append(info.name);
  return base::fail("bad_json", "purpose is one of " + known + ", not " + std::string(name));
}

std::span<const Allowed> allowed_routes() noexcept { return kAllowed; }

Sees sees(Purpose purpose, std::string_view path) noexcept {
  constexpr std::array<Sees Allowed::*, kPurposes> kColumns{&Allowed::billing, &Allowed::leaks, &Allowed::network,
                                                            &Allowed::consent};
  const auto found = std::ranges::find(kAllowed, path, &Allowed::path);
  return found == kAllowed.end() ? closed : (*found).*kColumns[static_cast<std::size_t>(purpose)];
}

storage::views::Scope scope_of(const storage::views::Scope& own, const Grant& grant, Sees seen) {
  if (seen == whole) return own;
  const auto detail = detail_of(seen);
  const auto of_named = seen == named ? Detail::results : detail;
  return own.with({detail, of_named, grant.devices, is_meter, is_quarter_or_longer});
}

bool is_quarter_or_longer(std::string_view window) {
  const auto slash = window.find('/');
  return is_long(window.substr(0, slash)) && (slash == std::string_view::npos || is_long(window.substr(slash + 1)));
}

}  // namespace lenne::api
