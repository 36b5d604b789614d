#pragma once
// 128-bit numbers as records hold them.

#include "base/int128.hpp"
#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::aggregates {

[[nodiscard]] inline base::Int128 from_proto(const v1::Int128& x) noexcept {
  return base::int128_of(x.high(), x.low());
}

inline void to_proto(base::Int128 x, v1::Int128& out) {
  out.set_high(base::high_of(x));
  out.set_low(base::low_of(x));
}

}  // namespace lenne::processing::aggregates
