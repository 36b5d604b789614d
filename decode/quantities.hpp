#pragma once
// The closed list of what can be measured, as data: names, units, resolutions and what is credible.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lenne/v1/measurement.pb.h"

namespace lenne::decode {

/// Decides how old a payload's own time may be.
enum class QuantityClass : std::uint8_t { kGeneral, kMeter };

/// One registered quantity. Samples of it are whole numbers of 10^exponent `unit`.
struct Quantity {
  std::string_view name;
  std::string_view unit;  // SenML (RFC 8428, RFC 8798); empty for plain states
  int exponent;
  v1::Kind kind;  // unless a schema says otherwise
  double min;     // credible range in `unit`, both ends inside
  double max;
  QuantityClass quantity_class;
};

[[nodiscard]] std::span<const Quantity> quantities();
[[nodiscard]] const Quantity* find_quantity(std::string_view name);

/// value in `to` = value in `from` * numerator / denominator.
struct Conversion {
  std::int64_t numerator;
  std::int64_t denominator;
};

/// A unit that a schema may name.
[[nodiscard]] bool is_unit(std::string_view unit);
/// Nothing when the units measure different things.
[[nodiscard]] std::optional<Conversion> convert(std::string_view from, std::string_view to);

/// Oldest credible payload time before the receive time: meters 45 d, everything else 7 d.
[[nodiscard]] std::chrono::seconds oldest_credible(QuantityClass quantity_class);
/// Newest credible payload time after the frame was heard.
inline constexpr std::chrono::seconds kNewestCredible{60};

}  // namespace lenne::decode
