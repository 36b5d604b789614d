#pragma once
// Where results stand among those of one series and one window, ascending by their start.

#include <cstdint>
#include <span>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// The one that starts then; null when there is none.
[[nodiscard]] const v1::Aggregate* row_at(std::span<const v1::Aggregate> rows, std::int64_t start_us);

/// Those that start in [from_us, to_us).
[[nodiscard]] std::span<const v1::Aggregate> rows_in(std::span<const v1::Aggregate> rows, std::int64_t from_us,
                                                     std::int64_t to_us);

}  // namespace lenne::processing::derived
