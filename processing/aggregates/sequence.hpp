#pragma once
// What sequences (states, counters) have in common: a pane keeps its samples in order, at most kMaxSequence of them.

#include <compare>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::aggregates {

/// The order of a sequence: (time, session, FCnt32, index). Equal means: the same sample.
[[nodiscard]] std::strong_ordering order(const v1::SequenceEntry& a, const v1::SequenceEntry& b) noexcept;

/// Puts an entry at its place. The earliest kMaxSequence stay, so what is kept does not depend on the order of arrival.
void insert(v1::SeriesPane& into, const v1::SequenceEntry& entry);

/// Puts all entries of another state of the same pane at their places; those that both have count once.
void merge_sequences(v1::SeriesPane& into, const v1::SeriesPane& other);

}  // namespace lenne::processing::aggregates
