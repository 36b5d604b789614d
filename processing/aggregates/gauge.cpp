#include "processing/aggregates/gauge.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/distribution.hpp"
#include "processing/aggregates/slots.hpp"

namespace lenne::processing::aggregates {
namespace {

using base::Int128;
using base::UInt128;

// Without signs: a sum that a damaged row made too large wraps, and is no undefined sum.
void add_to(Int128& into, Int128 x) {
  into = static_cast<Int128>(static_cast<UInt128>(into) + static_cast<UInt128>(x));
}

/// Keeps the better of two extremes; of equal ones the earlier.
template <typename Better>
void keep(Point& into, const Point& other, Better better) {
  if (better(other.value, into.value) || (other.value == into.value && other.time_us < into.time_us)) into = other;
}

void count_into(std::vector<Bucket>& buckets, const Bucket& more) {
  const auto place = std::ranges::lower_bound(buckets, more.bucket, {}, &Bucket::bucket);
  if (place != buckets.end() && place->bucket == more.bucket) {
    place->count += more.count;
  } else {
    buckets.insert(place, more);
  }
}

class GaugeEngine final : public Engine {
 public:
  GaugeEngine(v1::Kind kind, std::string_view name) : kind_(kind), name_(name) {}
  [[nodiscard]] v1::Kind kind() const noexcept override { return kind_; }
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }

  void add(SeriesPane& into, const PaneFrame& frame, const Entry& sample) const override {
    const Point point{sample.value, sample.time_us};
    aggregates::merge(into.gauge, {1, sample.value, static_cast<Int128>(sample.value) * sample.value, point, point});
    if (into.definition != nullptr && into.definition->has_percentiles)
      count_into(into.gauge.buckets, {base::bucket_of(sample.value), 1});
    mark_slot(into.slots, frame, sample.time_us);
  }

  void merge(SeriesPane& into, const SeriesPane& other) const override {
    aggregates::merge(into.gauge, other.gauge);
    merge_slots(into.slots, other.slots);
    into.left_out += other.left_out;
  }

  [[nodiscard]] std::uint64_t count(const SeriesPane& pane) const noexcept override { return pane.gauge.count; }

  [[nodiscard]] Folded fold(const FoldInput& input) const override {
    GaugeState state;
    for (const auto& share : input.shares) aggregates::merge(state, share.series->gauge);
    // An unknown nominal interval means an unknown coverage, whatever earlier panes knew.
    const bool known = !input.shares.empty() && input.shares.back().frame.nominal_interval_s != 0;
    return {state.count == 0, known ? covered_us(input.window, input.shares) : 0, state};
  }

 private:
  v1::Kind kind_;
  std::string_view name_;
};

}  // namespace

void merge(GaugeState& into, const GaugeState& other) {
  if (other.count == 0) return;
  if (into.count == 0) {
    into = other;
    return;
  }
  keep(into.min, other.min, std::less<>{});
  keep(into.max, other.max, std::greater<>{});
  into.count += other.count;
  add_to(into.sum, other.sum);
  add_to(into.sum_squares, other.sum_squares);
  for (const auto& bucket : other.buckets) count_into(into.buckets, bucket);
}

const Engine& gauge_engine() noexcept {
  static const GaugeEngine engine(v1::KIND_GAUGE, "gauge");
  return engine;
}

const Engine& event_engine() noexcept {
  static const GaugeEngine engine(v1::KIND_EVENT, "event");
  return engine;
}

}  // namespace lenne::processing::aggregates
