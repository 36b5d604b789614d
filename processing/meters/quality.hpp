#pragma once
// How good a window's amount is, in the letters that metering uses.

#include <cstdint>
#include <string_view>

#include "processing/meters/slice.hpp"

namespace lenne::processing::meters {

/// From good to bad: the worst part of a window names it.
enum class Quality : std::uint8_t {
  true_value,    ///< W: readings within two minutes of both edges
  interpolated,  ///< I: between readings that are near enough to each other
  substitute,    ///< E: spread evenly between readings that are too far apart
  missing,       ///< M: of some of the time nothing is known
  provisional,   ///< P: not final, so that readings may still come
};

[[nodiscard]] constexpr Quality quality_of(const Slice& slice, bool final) noexcept {
  if (!final) return Quality::provisional;
  if (slice.measured_us + slice.estimated_us < slice.length_us()) return Quality::missing;
  if (slice.estimated_us > 0) return Quality::substitute;
  return slice.interpolated_us > 0 ? Quality::interpolated : Quality::true_value;
}

/// "W", "I", "E", "M", "P".
[[nodiscard]] constexpr std::string_view letter_of(Quality quality) noexcept {
  constexpr std::string_view kLetters = "WIEMP";
  return kLetters.substr(static_cast<std::size_t>(quality), 1);
}

}  // namespace lenne::processing::meters
