#pragma once
// How much of their time places were taken, as JSON: bays of a car park, rooms of a house.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/json_writer.hpp"
#include "processing/derived/occupancy.hpp"

namespace lenne::api {

/// The keys occupancy (of the time that is known) and coverage (what is known of it).
void write_place_time(JsonWriter& json, const processing::derived::PlaceTime& time);
/// The key peak: when most places were taken at once, how many, and which share of `capacity`.
void write_peak(JsonWriter& json, const processing::derived::PlacesTogether& together, std::size_t capacity);

}  // namespace lenne::api
