#include <algorithm>
#include <limits>
#include <utility>

#include "processing/keys.hpp"
#include "processing/rows.hpp"
#include "processing/sequences.hpp"

namespace lenne::processing {
namespace {

using base::Result;
using storage::Store;

/// Bounds: panes of one sequence (a meter's three days in panes of 15 minutes are 288), and devices of a partition.
constexpr std::size_t kMostPanes = 512;
constexpr std::size_t kMostDevices = std::size_t{1} << 20;
/// So many old panes go at once: each time costs a move of the rest.
constexpr std::size_t kTrimTogether = 8;
/// A start reads over so many old rows of a sequence before it looks where the needed ones begin.
constexpr std::size_t kReadOver = 64;

constexpr auto kAlways = std::numeric_limits<std::int64_t>::min();

}  // namespace

Result<void> RememberedSequences::load(std::int64_t watermark_us, const Found& found) {
  std::string from(kSequences);
  while (true) {
    bool readable = true;
    std::size_t old_rows = 0;
    std::optional<SequenceKey> last;
    const auto scanned =
        rows_.scan(Store::window, partition_, from, kSequencesEnd, [&](std::string_view key, std::string_view value) {
          auto at = parse_sequence_key(key);
          const auto row = at ? parse_window_row(value) : std::nullopt;
          readable = row.has_value();
          if (!readable || at->pane.length_s != settings_.pane_s()) return readable;
          note(at->dev_eui, at->measure, at->pane, watermark_us);
          found(at->dev_eui, at->measure, at->pane, row->known_until_us());
          const bool same = last && last->dev_eui == at->dev_eui && last->measure == at->measure;
          const bool old = at->pane.start_us < open_since(at->measure, watermark_us);
          old_rows = old ? (same ? old_rows + 1 : 1) : 0;
          last = std::move(at);
          return old_rows < kReadOver;
        });
    if (!scanned) return scanned;
    if (!readable) return base::fail("bad_row", "a row of the windows cannot be read");
    if (old_rows < kReadOver) return {};
    const auto newest_old =
        stored_.nearest(last->dev_eui, last->measure, 0, open_since(last->measure, watermark_us), Nearest::to_back);
    if (!newest_old) return std::unexpected(newest_old.error());
    const auto next_us = std::max(last->pane.start_us + 1, *newest_old ? (*newest_old)->start_us : 0);
    if (auto* sequence = find_or_add(last->dev_eui, last->measure); sequence != nullptr && *newest_old) {
      sequence->from_us = (*newest_old)->start_us;
      std::erase_if(sequence->starts_us, [&](std::int64_t start_us) { return start_us < sequence->from_us; });
    }
    from = sequence_key_from(last->dev_eui, last->measure, next_us);
  }
}

Result<std::vector<std::string>> RememberedSequences::measures(std::uint64_t dev_eui) const {
  const auto device = devices_.find(dev_eui);
  if (device == devices_.end()) return complete_ ? std::vector<std::string>{} : stored_.measures(dev_eui);
  std::vector<std::string> all;
  for (const auto& sequence : device->second) all.push_back(sequence.measure);
  return all;
}

Result<std::optional<Window>> RememberedSequences::nearest(std::uint64_t dev_eui, std::string_view measure,
                                                           std::int64_t from_us, std::int64_t to_us,
                                                           Nearest side) const {
  const auto device = devices_.find(dev_eui);
  if (device == devices_.end()) {
    if (complete_) return std::nullopt;
    return stored_.nearest(dev_eui, measure, from_us, to_us, side);
  }
  const auto sequence = std::ranges::find(device->second, measure, &Sequence::measure);
  if (sequence == device->second.end()) return std::nullopt;
  const auto& starts = sequence->starts_us;
  std::optional<std::int64_t> start;
  if (side == Nearest::to_back) {
    const auto end = std::ranges::lower_bound(starts, to_us);
    if (end != starts.begin()) start = *std::prev(end);
    if (!start && sequence->from_us > from_us) return stored_.nearest(dev_eui, measure, from_us, to_us, side);
  } else {
    if (sequence->from_us > from_us) return stored_.nearest(dev_eui, measure, from_us, to_us, side);
    const auto begin = std::ranges::lower_bound(starts, from_us);
    if (begin != starts.end()) start = *begin;
  }
  if (!start || *start < from_us || *start >= to_us) return std::nullopt;
  return Window{*start, settings_.pane_s()};
}

void RememberedSequences::note(std::uint64_t dev_eui, std::string_view measure, const Window& pane,
                               std::int64_t watermark_us) {
  auto* sequence = find_or_add(dev_eui, measure);
  if (sequence == nullptr || pane.start_us < sequence->from_us) return;
  auto& starts = sequence->starts_us;
  const auto place = std::ranges::lower_bound(starts, pane.start_us);
  if (place != starts.end() && *place == pane.start_us) return;
  starts.insert(place, pane.start_us);
  trim(*sequence, watermark_us);
}

void RememberedSequences::forget(std::uint64_t dev_eui, std::string_view measure, const Window& pane) {
  const auto device = devices_.find(dev_eui);
  if (device == devices_.end() || pane.length_s != settings_.pane_s()) return;
  auto& sequences = device->second;
  const auto sequence = std::ranges::find(sequences, measure, &Sequence::measure);
  if (sequence == sequences.end()) return;
  std::erase(sequence->starts_us, pane.start_us);
  // All that was older has gone before it.
  if (sequence->starts_us.empty()) sequences.erase(sequence);
  if (sequences.empty() && complete_) devices_.erase(device);
}

/// Null for a device that there is no room for.
RememberedSequences::Sequence* RememberedSequences::find_or_add(std::uint64_t dev_eui, std::string_view measure) {
  auto device = devices_.find(dev_eui);
  if (device == devices_.end()) {
    complete_ = complete_ && devices_.size() < kMostDevices;
    if (!complete_) return nullptr;
    device = devices_.try_emplace(dev_eui).first;
  }
  auto& sequences = device->second;
  const auto found = std::ranges::find(sequences, measure, &Sequence::measure);
  if (found != sequences.end()) return &*found;
  return &sequences.emplace_back(std::string(measure), kAlways, std::vector<std::int64_t>{});
}

/// No window that starts earlier is still to become final.
std::int64_t RememberedSequences::open_since(std::string_view measure, std::int64_t watermark_us) const {
  return watermark_us - settings_.longest_delay_us(is_meter(series_class_of(measure))) - settings_.longest_us();
}

void RememberedSequences::trim(Sequence& sequence, std::int64_t watermark_us) const {
  auto& starts = sequence.starts_us;
  if (starts.size() <= kTrimTogether) return;
  const auto since_us = open_since(sequence.measure, watermark_us);
  auto keep = std::ranges::lower_bound(starts, since_us);
  if (keep != starts.begin()) --keep;
  if (starts.end() - keep > static_cast<std::ptrdiff_t>(kMostPanes)) keep = starts.end() - kMostPanes;
  if (keep - starts.begin() < static_cast<std::ptrdiff_t>(kTrimTogether) && starts.size() <= kMostPanes) return;
  starts.erase(starts.begin(), keep);
  sequence.from_us = starts.front();
}

}  // namespace lenne::processing
