#include "processing/aggregates/slots.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

std::int64_t slot_length_us(std::uint32_t nominal_interval_s) { return std::int64_t{nominal_interval_s} * kSecondUs; }

bool is_set(const std::string& slots, std::size_t i) {
  return ((static_cast<unsigned char>(slots[i / 8]) >> (i % 8)) & 1) != 0;
}

}  // namespace

void mark_slot(std::string& slots, const PaneFrame& frame, std::int64_t time_us) {
  if (frame.nominal_interval_s == 0) return;
  const auto length = slot_length_us(frame.nominal_interval_s);
  const auto bit = static_cast<std::size_t>(time_us / length - frame.pane.start_us / length);
  if (slots.size() <= bit / 8) slots.resize(bit / 8 + 1, '\0');
  slots[bit / 8] = static_cast<char>(static_cast<unsigned char>(slots[bit / 8]) | (1u << (bit % 8)));
}

void merge_slots(std::string& into, const std::string& other) {
  if (into.size() < other.size()) into.resize(other.size(), '\0');
  for (std::size_t i = 0; i < other.size(); ++i) into[i] = static_cast<char>(into[i] | other[i]);
}

std::int64_t covered_us(const Window& window, std::span<const PaneShare> shares) {
  // Intervals, because a slot may span several panes, and because the nominal interval may change inside the window.
  std::vector<std::pair<std::int64_t, std::int64_t>> intervals;
  for (const auto& share : shares) {
    if (share.frame.nominal_interval_s == 0) continue;
    const auto length = slot_length_us(share.frame.nominal_interval_s);
    const auto first = share.frame.pane.start_us / length;
    const auto& slots = share.series->slots;
    for (std::size_t i = 0; i < slots.size() * 8; ++i) {
      if (!is_set(slots, i)) continue;
      const auto from = (first + static_cast<std::int64_t>(i)) * length;
      intervals.emplace_back(std::max(from, window.start_us), std::min(from + length, window.end_us()));
    }
  }
  std::ranges::sort(intervals);
  std::int64_t covered = 0;
  std::int64_t reached = window.start_us;
  for (const auto& [from, to] : intervals) {
    covered += std::max<std::int64_t>(0, to - std::max(from, reached));
    reached = std::max(reached, to);
  }
  return covered;
}

}  // namespace lenne::processing::aggregates
