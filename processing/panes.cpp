#include "processing/panes.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace lenne::processing {
namespace {

using base::Result;
using storage::Store;

/// So many of a device's newest panes are looked at one by one.
constexpr int kNewest = 4;

std::unexpected<base::Error> damaged() { return base::fail("bad_row", "a pane row cannot be read"); }

Result<std::shared_ptr<Pane>> read_row(const storage::StateReader& state, std::uint32_t partition, const Window& pane,
                                       std::uint64_t dev_eui, Definitions& definitions) {
  const auto value = state.get(Store::pane, partition, pane_key(pane, dev_eui));
  if (!value) return std::unexpected(value.error());
  if (!*value) return nullptr;
  auto row = parse_pane(**value, pane, dev_eui, definitions);
  if (!row) return damaged();
  return std::make_shared<Pane>(std::move(*row));
}

}  // namespace

Result<void> Panes::find_all(const Window& window, std::uint32_t pane_s, std::uint64_t dev_eui,
                             std::vector<PanePtr>& found) const {
  for (auto at = window_at(window.start_us, pane_s); at.start_us < window.end_us(); at.start_us += at.length_us()) {
    auto pane = find(at, dev_eui);
    if (!pane) return std::unexpected(pane.error());
    if (*pane != nullptr) found.push_back(std::move(*pane));
  }
  return {};
}

Result<PanePtr> StoredPanes::find(const Window& pane, std::uint64_t dev_eui) const {
  return read_row(state_, partition_, pane, dev_eui, definitions_);
}

Result<void> PaneTable::load(std::int64_t from_us, std::size_t most_bytes, const std::function<void(Pane&)>& visit) {
  complete_from_us_ = from_us;
  bool readable = true;
  const auto scanned = committed_.scan(
      Store::pane, partition_, pane_key_from(from_us), {}, [&](std::string_view key, std::string_view value) {
        const auto at = parse_pane_key(key);
        auto row = at ? parse_pane(value, at->pane, at->dev_eui, definitions_) : std::nullopt;
        readable = row.has_value();
        if (!readable || at->pane.length_s != pane_s_) return readable;
        auto pane = std::make_shared<Pane>(std::move(*row));
        visit(*pane);
        keep(std::move(pane), false);
        forget_old(most_bytes);
        return true;
      });
  if (scanned && readable) return {};
  complete_from_us_ = INT64_MAX;
  return scanned ? damaged() : scanned;
}

PaneTable::Slots::const_iterator PaneTable::place_in(const Slots& slots, std::int64_t start_us) {
  // Most look for one of the newest.
  auto place = slots.end();
  for (int steps = 0; place != slots.begin() && std::prev(place)->start_us >= start_us; --place) {
    if (++steps == kNewest) return std::ranges::lower_bound(slots.begin(), place, start_us, {}, &Slot::start_us);
  }
  return place;
}

PaneTable::Slots* PaneTable::slots_of(std::uint64_t dev_eui) const {
  if (last_.second == nullptr || last_.first != dev_eui) {
    const auto device = devices_.find(dev_eui);
    if (device == devices_.end()) return nullptr;
    last_ = {dev_eui, &device->second};
  }
  return last_.second;
}

const PaneTable::Slot* PaneTable::slot_of(const Window& pane, std::uint64_t dev_eui) const {
  if (pane.length_s != pane_s_) return nullptr;
  const auto* slots = slots_of(dev_eui);
  if (slots == nullptr) return nullptr;
  const auto place = place_in(*slots, pane.start_us);
  return place == slots->end() || place->start_us != pane.start_us ? nullptr : &*place;
}

PaneTable::Slot& PaneTable::slot_for(std::int64_t start_us, std::uint64_t dev_eui) {
  auto* known = slots_of(dev_eui);
  if (known == nullptr) last_ = {};  // a new device may move all others
  auto& slots = known != nullptr ? *known : devices_[dev_eui];
  auto place = slots.begin() + (place_in(slots, start_us) - slots.cbegin());
  if (place != slots.end() && place->start_us == start_us) return *place;
  auto& start = starts_[start_us];
  start.devices.push_back(dev_eui);
  ++start.slots;
  return *slots.insert(place, Slot{start_us, nullptr});
}

/// Forgets a slot that no change waits for.
void PaneTable::drop(std::int64_t start_us, std::uint64_t dev_eui) {
  const auto device = devices_.find(dev_eui);
  if (device == devices_.end()) return;
  auto& slots = device->second;
  const auto place = place_in(slots, start_us);
  if (place == slots.end() || place->start_us != start_us) return;
  bytes_ -= place->bytes;
  slots.erase(place);
  if (slots.empty()) {
    devices_.erase(device);
    last_ = {};
  }
  const auto start = starts_.find(start_us);
  if (--start->second.slots == 0) starts_.erase(start);
}

SeriesClasses PaneTable::scheduled_before(const Pane& pane) const {
  const auto* slot = slot_of({pane.window.start_us - pane.window.length_us(), pane.window.length_s}, pane.dev_eui);
  return slot == nullptr || slot->pane == nullptr ? SeriesClasses{} : slot->pane->scheduled;
}

Result<std::shared_ptr<Pane>> PaneTable::open(const Window& pane, std::uint64_t dev_eui) const {
  if (const auto* slot = slot_of(pane, dev_eui)) return slot->pane;
  if (pane.start_us >= complete_from_us_ && pane.length_s == pane_s_) return nullptr;
  return read_row(committed_, partition_, pane, dev_eui, definitions_);
}

Result<void> PaneTable::find_all(const Window& window, std::uint32_t pane_s, std::uint64_t dev_eui,
                                 std::vector<PanePtr>& found) const {
  if (window.start_us < complete_from_us_ || pane_s != pane_s_) return Panes::find_all(window, pane_s, dev_eui, found);
  const auto* slots = slots_of(dev_eui);
  if (slots == nullptr) return {};
  for (auto slot = place_in(*slots, window.start_us); slot != slots->end() && slot->start_us < window.end_us();
       ++slot) {
    if (slot->pane != nullptr) found.push_back(slot->pane);
  }
  return {};
}

void PaneTable::put(std::shared_ptr<Pane> pane) { keep(std::move(pane), true); }

void PaneTable::keep(std::shared_ptr<Pane> pane, bool changed) {
  auto& slot = slot_for(pane->window.start_us, pane->dev_eui);
  const PaneKey key{pane->window, pane->dev_eui};
  const auto bytes = pane->bytes();
  slot.pane = std::move(pane);
  if (changed) change(slot, key);
  account(slot, bytes);
}

void PaneTable::erase(const PaneKey& key) {
  if (key.pane.length_s != pane_s_) {
    const auto [row_key, is_new] = other_erased_.insert(pane_key(key.pane, key.dev_eui));
    if (is_new) pending_bytes_ += row_key->size();
    return;
  }
  auto& slot = slot_for(key.pane.start_us, key.dev_eui);
  slot.pane = nullptr;
  change(slot, key);
  account(slot, 0);
}

void PaneTable::change(Slot& slot, const PaneKey& key) {
  if (is_changed(slot)) {
    changes_[slot.change].pane = slot.pane;
    return;
  }
  slot.batch = batch_;
  slot.change = static_cast<std::uint32_t>(changes_.size());
  changes_.push_back({key, slot.pane});
  pending_bytes_ += slot.bytes;
}

void PaneTable::account(Slot& slot, std::size_t bytes) {
  constexpr std::size_t kSlotBytes = 96;  // a node of the map, and the key of the row
  const auto all = static_cast<std::uint32_t>(bytes + kSlotBytes);
  bytes_ += all - std::size_t{slot.bytes};
  if (is_changed(slot)) pending_bytes_ += all - std::size_t{slot.bytes};
  slot.bytes = all;
}

Result<void> PaneTable::scan(std::string_view from, std::string_view to,
                             const std::function<bool(const PaneKey&, const Pane&)>& visit) const {
  // What this batch has changed, in order: it goes before its row.
  if (from >= to) return {};
  std::vector<std::pair<std::string, PaneKey>> changed;
  for (const auto& [key, pane] : changes_) {
    auto row_key = pane_key(key.pane, key.dev_eui);
    if (row_key >= from && row_key < to) changed.emplace_back(std::move(row_key), key);
  }
  std::ranges::sort(changed, {}, &std::pair<std::string, PaneKey>::first);
  auto at = changed.begin();
  bool wanted = true;
  const auto visit_changed = [&](const PaneKey& key) {
    const auto* slot = slot_of(key.pane, key.dev_eui);
    if (slot != nullptr && slot->pane != nullptr) wanted = visit(key, *slot->pane);
  };
  bool readable = true;
  const auto scanned =
      committed_.scan(Store::pane, partition_, from, to, [&](std::string_view key, std::string_view value) {
        for (; wanted && at != changed.end() && at->first < key; ++at) visit_changed(at->second);
        if (!wanted) return false;
        if (at != changed.end() && at->first == key) {
          visit_changed(at->second);
          ++at;
          return wanted;
        }
        const auto named = parse_pane_key(key);
        if (!named || other_erased_.contains(std::string(key))) return true;
        const auto* slot = slot_of(named->pane, named->dev_eui);
        if (slot != nullptr) {
          wanted = visit(*named, *slot->pane);
          return wanted;
        }
        const auto row = parse_pane(value, named->pane, named->dev_eui, definitions_);
        readable = row.has_value();
        wanted = readable && visit(*named, *row);
        return wanted;
      });
  if (!scanned) return scanned;
  if (!readable) return damaged();
  for (; wanted && at != changed.end(); ++at) visit_changed(at->second);
  return {};
}

void PaneTable::flush(storage::Batch& out, std::size_t most_bytes) {
  const auto by_key = [](const Change& change) { return std::pair(change.key.pane, change.key.dev_eui); };
  std::ranges::sort(changes_, {}, by_key);
  for (const auto& [key, pane] : changes_) {
    const auto row_key = pane_key(key.pane, key.dev_eui);
    if (pane != nullptr) {
      write_pane(*pane, row_);
      out.put(Store::pane, partition_, row_key, row_);
    } else {
      out.erase(Store::pane, partition_, row_key);
    }
  }
  ++batch_;
  for (const auto& [key, pane] : changes_) {
    if (pane == nullptr) drop(key.pane.start_us, key.dev_eui);
  }
  for (const auto& row_key : other_erased_) out.erase(Store::pane, partition_, row_key);
  changes_.clear();
  other_erased_.clear();
  pending_bytes_ = 0;
  forget_old(most_bytes);
}

/// Oldest panes first, all of one start together: so it is known which are here.
void PaneTable::forget_old(std::size_t most_bytes) {
  while (bytes_ > most_bytes && !starts_.empty()) {
    const auto start_us = starts_.begin()->first;
    complete_from_us_ = std::max(complete_from_us_, start_us + 1);
    const auto devices = std::move(starts_.begin()->second.devices);
    for (const auto dev_eui : devices) drop(start_us, dev_eui);
  }
}

}  // namespace lenne::processing
