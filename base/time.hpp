#pragma once
// Time as values: UTC with microseconds, GPS time, and their RFC 3339 text.

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace lenne::base {

using Duration = std::chrono::microseconds;
/// A UTC instant (Unix time without leap seconds), microseconds.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

inline constexpr std::int64_t kSecondUs = 1'000'000;

[[nodiscard]] constexpr std::int64_t to_us(Timestamp t) noexcept { return t.time_since_epoch().count(); }
[[nodiscard]] constexpr Timestamp from_us(std::int64_t us) noexcept { return Timestamp{Duration{us}}; }

/// `2026-11-24T00:15:26.000001Z`: always UTC, always six decimals.
[[nodiscard]] std::string to_rfc3339(Timestamp t);

/// RFC 3339 with `Z` or an offset and any number of decimals (cut after the sixth). A text without an offset is
/// refused.
[[nodiscard]] std::expected<Timestamp, std::string> parse_rfc3339(std::string_view text);

/// Microseconds since the GPS epoch (1980-01-06T00:00:00Z), leap seconds counted.
using GpsTime = std::chrono::duration<std::int64_t, std::micro>;

[[nodiscard]] GpsTime to_gps(Timestamp t) noexcept;
[[nodiscard]] Timestamp from_gps(GpsTime t) noexcept;

}  // namespace lenne::base
