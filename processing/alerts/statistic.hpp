#pragma once
// What a rule looks at in a window's result.

#include <cstdint>
#include <optional>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"
#include "processing/alerts/decimal.hpp"

namespace lenne::processing::alerts {

/// A statistic of a result, in steps of `value.exponent`.
struct Statistic {
  Decimal value;
  /// Whether it says on which side the window was although samples are missing: a count does, of the extremes only
  /// their own far side (an hour's maximum can only be higher), and of what only adds up (events, counters) only that
  /// it was so much: heavy rain is heavy rain, whatever was lost of it.
  enum class Partial : std::uint8_t { nothing, above, below, both } partial = Partial::nothing;
};

/// "mean" (rounded half away from zero to the series' resolution, as it is told), "min", "max", "sum", "count" of
/// gauges and events; "sum" (the amount), "count" of counters; "count" of states. Nothing: it has none of that name, or
/// nothing was counted, or it does not fit 64 bits.
[[nodiscard]] std::optional<Statistic> statistic_of(const v1::Aggregate& result, std::string_view name);

/// Whether enough of the window was measured: 75 % of it (2008/50/EC, annex XI, as for all results), or its nominal
/// interval is not known.
[[nodiscard]] bool is_complete(const v1::Aggregate& result) noexcept;

}  // namespace lenne::processing::alerts
