#pragma once
// How much of their time places were taken, as JSON: bays of a car park, rooms of a house.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "api/json_writer.hpp"
#include "processing/derived/occupancy.hpp"
#include "processing/derived/stays.hpp"

namespace lenne::api {

/// The keys occupancy (of the time that is known) and coverage (what is known of it).
void write_place_time(JsonWriter& json, const processing::derived::PlaceTime& time);
/// The key peak: when most places were taken at once, how many, and which share of `capacity`.
void write_peak(JsonWriter& json, const processing::derived::PlacesTogether& together, std::size_t capacity);

/// So long before the time asked for those stays may have begun that end in it.
inline constexpr std::chrono::hours kStaysBefore{24};
/// The keys ended, unknown, mean_minutes, median_minutes and p85_minutes.
void write_stay_lengths(JsonWriter& json, std::span<const processing::derived::Stay> ended, std::uint64_t unknown);
/// In minutes, or null.
void write_minutes(JsonWriter& json, std::string_view key, std::optional<std::int64_t> us);

}  // namespace lenne::api
