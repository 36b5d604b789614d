#include "processing/aggregates/sequence.hpp"

#include <algorithm>
#include <compare>

#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

/// The order of a sequence: (time, session, FCnt32, index). Equal means: the same sample.
std::strong_ordering order(const v1::SequenceEntry& a, const v1::SequenceEntry& b) {
  if (const auto by = a.time_us() <=> b.time_us(); by != 0) return by;
  if (const auto by = a.session() <=> b.session(); by != 0) return by;
  if (const auto by = a.f_cnt() <=> b.f_cnt(); by != 0) return by;
  return a.index() <=> b.index();
}

void insert(v1::SeriesPane& into, const v1::SequenceEntry& entry) {
  auto& entries = *into.mutable_sequence();
  const auto place =
      std::ranges::lower_bound(entries, entry, [](const auto& a, const auto& b) { return order(a, b) < 0; });
  if (place != entries.end() && order(*place, entry) == 0) {
    // The same sample with another value cannot come from one log; the smaller one keeps the merge commutative.
    if (entry.value() < place->value()) place->set_value(entry.value());
    return;
  }
  const auto index = static_cast<int>(place - entries.begin());
  if (entries.size() >= kMaxSequence) {
    into.set_sequence_overflow(into.sequence_overflow() + 1);
    if (index == entries.size()) return;
    entries.RemoveLast();
  }
  *entries.Add() = entry;
  for (int i = entries.size() - 1; i > index; --i) entries.SwapElements(i, i - 1);
}

}  // namespace

void SequenceEngine::add(v1::SeriesPane& into, const PaneFrame& /*frame*/, const v1::SequenceEntry& sample) const {
  insert(into, sample);
}

void SequenceEngine::merge(v1::SeriesPane& into, const v1::SeriesPane& other) const {
  for (const auto& entry : other.sequence()) insert(into, entry);
  into.set_sequence_overflow(into.sequence_overflow() + other.sequence_overflow());
  into.set_left_out(into.left_out() + other.left_out());
}

std::uint64_t SequenceEngine::count(const v1::SeriesPane& pane) const noexcept {
  return static_cast<std::uint64_t>(pane.sequence_size());
}

}  // namespace lenne::processing::aggregates
