#pragma once
// A stored aggregate as the numbers that people read. Doubles appear here and nowhere before.

#include <cstdint>
#include <optional>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing {

/// Absent where the kind has no such number. Values in the aggregate's unit, times in Unix µs, durations in s.
struct AggregateResult {
  std::uint64_t count = 0;
  std::optional<double> mean, sum, deviation;  ///< deviation: of the samples (population), 0 for one sample
  std::optional<double> min, max;
  std::optional<std::int64_t> min_time_us, max_time_us;
  std::optional<double> occupied_share;  ///< of the known time; absent when nothing is known
  std::optional<double> occupied_s, known_s;
  std::optional<std::uint64_t> transitions;  ///< both directions
  std::optional<double> coverage;            ///< 0..1; absent when the nominal interval is unknown
  bool valid = false;                        ///< coverage >= 75 % (rules.hpp); false when it is unknown
};

[[nodiscard]] AggregateResult result_of(const v1::Aggregate& aggregate);

}  // namespace lenne::processing
