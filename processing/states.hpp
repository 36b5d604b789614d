#pragma once
// States of samples and windows between memory and their messages (lenne.v1).

#include <algorithm>

#include "base/int128.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/pane.hpp"

namespace lenne::processing {

[[nodiscard]] inline base::Int128 from_proto(const v1::Int128& x) noexcept {
  return base::int128_of(x.high(), x.low());
}
inline void to_proto(base::Int128 x, v1::Int128& out) {
  out.set_high(base::high_of(x));
  out.set_low(base::low_of(x));
}

[[nodiscard]] inline Point from_proto(const v1::Point& point) noexcept { return {point.value(), point.time_us()}; }
inline void to_proto(const Point& point, v1::Point& out) {
  out.set_value(point.value);
  out.set_time_us(point.time_us);
}

[[nodiscard]] inline Entry from_proto(const v1::SequenceEntry& entry) noexcept {
  return {entry.time_us(), entry.session(), entry.f_cnt(), entry.index(),
          entry.value(),   entry.meter(),   entry.mark(),  entry.reverse()};
}
inline void to_proto(const Entry& entry, v1::SequenceEntry& out) {
  out.set_time_us(entry.time_us);
  out.set_session(entry.session);
  out.set_f_cnt(entry.f_cnt);
  out.set_index(entry.index);
  out.set_value(entry.value);
  out.set_meter(entry.meter);
  out.set_mark(entry.mark);
  out.set_reverse(entry.reverse);
}

[[nodiscard]] inline GaugeState from_proto(const v1::GaugeState& gauge) {
  GaugeState state{gauge.count(), from_proto(gauge.sum()), from_proto(gauge.sum_squares()), from_proto(gauge.min()),
                   from_proto(gauge.max())};
  const auto buckets = std::min(gauge.bucket_size(), gauge.bucket_count_size());
  state.buckets.reserve(static_cast<std::size_t>(buckets));
  for (int i = 0; i < buckets; ++i) state.buckets.push_back({gauge.bucket(i), gauge.bucket_count(i)});
  return state;
}
inline void to_proto(const GaugeState& gauge, v1::GaugeState& out) {
  out.set_count(gauge.count);
  if (gauge.count == 0) return;  // all else says nothing
  to_proto(gauge.sum, *out.mutable_sum());
  to_proto(gauge.sum_squares, *out.mutable_sum_squares());
  to_proto(gauge.min, *out.mutable_min());
  to_proto(gauge.max, *out.mutable_max());
  for (const auto& [bucket, count] : gauge.buckets) {
    out.add_bucket(bucket);
    out.add_bucket_count(count);
  }
}

}  // namespace lenne::processing
