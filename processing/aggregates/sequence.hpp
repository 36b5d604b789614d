#pragma once
// What sequences (states, counters) have in common: a pane keeps its samples in order, at most kMaxSequence of them,
// and is folded when read.

#include "processing/aggregates/engine.hpp"

namespace lenne::processing::aggregates {

/// The engine of a sequence; what is left to it is its kind and how it is folded.
class SequenceEngine : public Engine {
 public:
  /// Puts the sample at its place. The earliest kMaxSequence stay, so what is kept does not depend on the order of
  /// arrival.
  void add(SeriesPane& into, const PaneFrame& frame, const Entry& sample) const final;
  /// Puts all entries at their places; those that both have count once.
  void merge(SeriesPane& into, const SeriesPane& other) const final;
  [[nodiscard]] std::uint64_t count(const SeriesPane& pane) const noexcept final;
};

}  // namespace lenne::processing::aggregates
