#include "processing/sequences.hpp"

#include <algorithm>

#include "processing/keys.hpp"

namespace lenne::processing {

using base::Result;
using storage::Store;

Result<std::vector<std::string>> StoredSequences::measures(std::uint64_t dev_eui) const {
  std::vector<std::string> all;
  auto from = sequences_of(dev_eui);
  const auto end = sequences_end(dev_eui);
  for (bool more = true; more;) {  // from the first key of each to the first key of the next
    more = false;
    const auto scanned = state_.scan(Store::window, partition_, from, end, [&](std::string_view key, std::string_view) {
      const auto at = parse_sequence_key(key);
      if (!at) return true;
      all.push_back(at->measure);
      more = true;
      return false;
    });
    if (!scanned) return std::unexpected(scanned.error());
    if (more) from = sequence_key_from(dev_eui, all.back(), INT64_MAX);
  }
  return all;
}

Result<std::optional<Window>> StoredSequences::nearest(std::uint64_t dev_eui, std::string_view measure,
                                                       std::int64_t from_us, std::int64_t to_us, Nearest side) const {
  std::optional<Window> pane;
  const auto take = [&](std::string_view key, std::string_view) {
    const auto at = parse_sequence_key(key);
    if (at && at->pane.length_s == settings_.pane_s()) pane = at->pane;
    return !pane;
  };
  const auto from = sequence_key_from(dev_eui, measure, std::max<std::int64_t>(0, from_us));
  const auto to = sequence_key_from(dev_eui, measure, to_us);
  const auto scanned = side == Nearest::to_back ? state_.scan_back(Store::window, partition_, from, to, take)
                                                : state_.scan(Store::window, partition_, from, to, take);
  if (!scanned) return std::unexpected(scanned.error());
  return pane;
}

Result<PanePtr> nearest_pane(const PaneReader& reader, std::uint64_t dev_eui, std::string_view measure,
                             std::int64_t from_us, std::int64_t to_us, Nearest side) {
  const auto pane = reader.sequences.nearest(dev_eui, measure, from_us, to_us, side);
  if (!pane) return std::unexpected(pane.error());
  return *pane ? reader.panes.find(**pane, dev_eui) : PanePtr{};
}

Result<void> extend_panes(const PaneReader& reader, std::uint64_t dev_eui, std::string_view measure,
                          std::int64_t from_us, std::int64_t to_us, Nearest side, std::size_t entries,
                          std::vector<SequencePane>& panes) {
  std::size_t found = 0;
  for (const auto& [pane, series] : panes) found += series->sequence.size();
  while (found < entries) {
    if (!panes.empty() && side == Nearest::to_back) to_us = panes.back().pane->window.start_us;
    if (!panes.empty() && side == Nearest::to_front) from_us = panes.back().pane->window.end_us();
    auto next = nearest_pane(reader, dev_eui, measure, from_us, to_us, side);
    if (!next) return std::unexpected(next.error());
    const auto* series = *next != nullptr ? (*next)->sequence_of(measure) : nullptr;
    if (series == nullptr) break;
    found += series->sequence.size();
    panes.push_back({std::move(*next), series});
  }
  return {};
}

}  // namespace lenne::processing
