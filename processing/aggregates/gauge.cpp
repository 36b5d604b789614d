#include "processing/aggregates/gauge.hpp"

#include <algorithm>
#include <cstddef>

#include "processing/aggregates/slots.hpp"

namespace lenne::processing::aggregates {
namespace {

using base::Int128;

// Without signs: a sum that a damaged row made too large wraps, and is no undefined sum.
void add_to(v1::Int128& into, Int128 x) {
  to_proto(static_cast<Int128>(static_cast<base::UInt128>(from_proto(into)) + static_cast<base::UInt128>(x)), into);
}

/// Keeps the better of two extremes; of equal ones the earlier.
template <typename Better>
void keep(v1::Point& into, const v1::Point& other, bool into_is_empty, Better better) {
  if (into_is_empty || better(other.value(), into.value()) ||
      (other.value() == into.value() && other.time_us() < into.time_us())) {
    into = other;
  }
}

class GaugeEngine final : public Engine {
 public:
  GaugeEngine(v1::Kind kind, std::string_view name) : kind_(kind), name_(name) {}
  [[nodiscard]] v1::Kind kind() const noexcept override { return kind_; }
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }

  void add(v1::SeriesPane& into, const PaneFrame& frame, const v1::SequenceEntry& sample) const override {
    v1::GaugeState one;
    one.set_count(1);
    to_proto(sample.value(), *one.mutable_sum());
    to_proto(static_cast<Int128>(sample.value()) * sample.value(), *one.mutable_sum_squares());
    one.mutable_min()->set_value(sample.value());
    one.mutable_min()->set_time_us(sample.time_us());
    *one.mutable_max() = one.min();
    aggregates::merge(*into.mutable_gauge(), one);
    mark_slot(*into.mutable_slots(), frame, sample.time_us());
  }

  void merge(v1::SeriesPane& into, const v1::SeriesPane& other) const override {
    if (other.has_gauge()) aggregates::merge(*into.mutable_gauge(), other.gauge());
    merge_slots(*into.mutable_slots(), other.slots());
    into.set_left_out(into.left_out() + other.left_out());
  }

  [[nodiscard]] std::uint64_t count(const v1::SeriesPane& pane) const noexcept override { return pane.gauge().count(); }

  [[nodiscard]] Folded fold(const FoldInput& input, v1::Aggregate& out) const override {
    auto& state = *out.mutable_gauge();
    for (const auto& share : input.shares) aggregates::merge(state, share.series->gauge());
    // An unknown nominal interval means an unknown coverage, whatever earlier panes knew.
    const bool known = !input.shares.empty() && input.shares.back().frame.nominal_interval_s != 0;
    out.set_covered_us(known ? covered_us(input.window, input.shares) : 0);
    return {.empty = state.count() == 0};
  }

 private:
  v1::Kind kind_;
  std::string_view name_;
};

}  // namespace

void merge(v1::GaugeState& into, const v1::GaugeState& other) {
  if (other.count() == 0) return;
  const bool empty = into.count() == 0;
  keep(*into.mutable_min(), other.min(), empty, std::less<>{});
  keep(*into.mutable_max(), other.max(), empty, std::greater<>{});
  into.set_count(into.count() + other.count());
  add_to(*into.mutable_sum(), from_proto(other.sum()));
  add_to(*into.mutable_sum_squares(), from_proto(other.sum_squares()));
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
