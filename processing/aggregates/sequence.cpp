#include "processing/aggregates/sequence.hpp"

#include <algorithm>

#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

void insert(SeriesPane& into, const Entry& entry) {
  auto& entries = into.sequence;
  const auto place =
      std::ranges::lower_bound(entries, entry, [](const auto& a, const auto& b) { return a.place(b) < 0; });
  if (place != entries.end() && place->place(entry) == 0) {
    // The same sample with another value cannot come from one log; the smaller one keeps the merge commutative.
    place->value = std::min(place->value, entry.value);
    place->reverse = place->reverse || entry.reverse;
    return;
  }
  const auto index = place - entries.begin();
  if (entries.size() >= kMaxSequence) {
    ++into.sequence_overflow;
    if (place == entries.end()) return;
    entries.pop_back();
  }
  entries.insert(entries.begin() + index, entry);
}

}  // namespace

void SequenceEngine::add(SeriesPane& into, const PaneFrame& /*frame*/, const Entry& sample) const {
  insert(into, sample);
}

void SequenceEngine::merge(SeriesPane& into, const SeriesPane& other) const {
  for (const auto& entry : other.sequence) insert(into, entry);
  into.sequence_overflow += other.sequence_overflow;
  into.left_out += other.left_out;
}

std::uint64_t SequenceEngine::count(const SeriesPane& pane) const noexcept { return pane.sequence.size(); }

}  // namespace lenne::processing::aggregates
