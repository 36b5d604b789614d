#include "network/device_table.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/bytes.hpp"
#include "network/outbox.hpp"
#include "network/row_check.hpp"

namespace lenne::network {
namespace {

constexpr char kMemoryPrefix = 'j';

[[nodiscard]] std::string memory_key(base::DevEui eui) { return kMemoryPrefix + key_of(eui); }

[[nodiscard]] std::vector<std::uint64_t> take_sorted(std::vector<std::uint64_t>& changed) {
  auto sorted = std::exchange(changed, {});
  std::ranges::sort(sorted);
  const auto rest = std::ranges::unique(sorted);
  sorted.erase(rest.begin(), rest.end());
  return sorted;
}

}  // namespace

DeviceEntry* DeviceTable::find(base::DevEui eui) {
  const auto found = devices_.find(eui.value);
  return found == devices_.end() ? nullptr : found->second.get();
}

DeviceEntry& DeviceTable::put(base::DevEui eui) {
  auto& entry = devices_[eui.value];
  if (!entry) {
    entry = std::make_unique<DeviceEntry>();
    entry->row.mutable_device()->set_dev_eui(eui.value);
    if (memories_.contains(eui.value)) --retired_;
  }
  touch(*entry);
  return *entry;
}

void DeviceTable::remove(base::DevEui eui) {
  auto* entry = find(eui);
  if (entry == nullptr) return;
  set_active(*entry, std::nullopt);
  set_pending(*entry, std::nullopt);
  dirty_.push_back(eui.value);
  devices_.erase(eui.value);
  if (memories_.contains(eui.value)) ++retired_;
}

bool DeviceTable::uses(const DeviceEntry& entry, std::uint32_t address) {
  return (entry.row.has_active() && entry.row.active().dev_addr() == address) ||
         (entry.row.has_pending() && entry.row.pending().dev_addr() == address);
}

void DeviceTable::link(DeviceEntry& entry, std::uint32_t address) {
  auto& devices = by_address_[address];
  if (std::ranges::find(devices, &entry) == devices.end()) devices.push_back(&entry);
}

void DeviceTable::unlink(DeviceEntry& entry, std::uint32_t address) {
  const auto found = by_address_.find(address);
  if (found == by_address_.end() || uses(entry, address)) return;
  std::erase(found->second, &entry);
  if (found->second.empty()) by_address_.erase(found);
}

void DeviceTable::set_active(DeviceEntry& entry, std::optional<v1::NetworkSession> session) {
  const bool had = entry.row.has_active();
  const auto before = entry.row.active().dev_addr();
  entry.row.clear_active();
  entry.active_keys.reset();
  if (had) unlink(entry, before);
  if (session) {
    *entry.row.mutable_active() = std::move(*session);
    link(entry, entry.row.active().dev_addr());
  }
  touch(entry);
}

void DeviceTable::set_pending(DeviceEntry& entry, std::optional<v1::NetworkSession> session) {
  const bool had = entry.row.has_pending();
  const auto before = entry.row.pending().dev_addr();
  entry.row.clear_pending();
  entry.pending_keys.reset();
  if (had) unlink(entry, before);
  if (session) {
    *entry.row.mutable_pending() = std::move(*session);
    link(entry, entry.row.pending().dev_addr());
  }
  touch(entry);
}

void DeviceTable::promote(DeviceEntry& entry) {
  auto session = std::move(*entry.row.mutable_pending());
  auto keys = entry.pending_keys;
  // The moved-from session has no address any more: unlink by the one that it had.
  entry.row.mutable_pending()->set_dev_addr(session.dev_addr());
  set_pending(entry, std::nullopt);
  set_active(entry, std::move(session));
  entry.active_keys = std::move(keys);
}

const std::vector<Candidate>& DeviceTable::candidates(base::DevAddr address) {
  candidates_.clear();
  const auto found = by_address_.find(address.value);
  if (found == by_address_.end()) return candidates_;
  for (auto* entry : found->second) {
    if (entry->row.has_active() && entry->row.active().dev_addr() == address.value)
      candidates_.push_back({entry, false});
    if (entry->row.has_pending() && entry->row.pending().dev_addr() == address.value)
      candidates_.push_back({entry, true});
  }
  if (candidates_.size() > 1) {
    // Only what is stored decides the order, so that a restart does not change it.
    const auto rank = [](const Candidate& c) {
      const auto& session = c.session();
      return std::tuple(!session.heard(), ~session.seen_offset(), c.entry->eui(), c.pending);
    };
    std::ranges::sort(candidates_, {}, rank);
  }
  return candidates_;
}

std::size_t DeviceTable::crowd(base::DevAddr address) const {
  const auto found = by_address_.find(address.value);
  return found == by_address_.end() ? 0 : found->second.size();
}

void DeviceTable::touch(DeviceEntry& entry) {
  if (entry.dirty) return;
  entry.dirty = true;
  dirty_.push_back(entry.eui().value);
}

v1::NetworkJoinMemory& DeviceTable::memory(base::DevEui eui) {
  dirty_memories_.push_back(eui.value);
  const auto [place, made] = memories_.try_emplace(eui.value);
  if (made && !devices_.contains(eui.value)) ++retired_;
  return place->second;
}

const v1::NetworkJoinMemory* DeviceTable::find_memory(base::DevEui eui) const {
  const auto found = memories_.find(eui.value);
  return found == memories_.end() ? nullptr : &found->second;
}

bool DeviceTable::room_for(base::DevEui eui, std::size_t limit) const {
  return devices_.contains(eui.value) || memories_.contains(eui.value) || size() < limit;
}

void DeviceTable::flush(storage::Batch& out, std::uint32_t partition) {
  std::string buffer;
  for (const auto eui : take_sorted(dirty_)) {
    auto* entry = find({eui});
    if (entry == nullptr) {
      out.erase(storage::Store::device, partition, key_of({eui}));
      continue;
    }
    entry->dirty = false;
    buffer.clear();
    entry->row.AppendToString(&buffer);
    out.put(storage::Store::device, partition, key_of({eui}), buffer);
  }
  for (const auto eui : take_sorted(dirty_memories_)) {
    buffer.clear();
    memories_.at(eui).AppendToString(&buffer);
    out.put(storage::Store::network, partition, memory_key({eui}), buffer);
  }
}

base::Result<void> DeviceTable::load(const storage::StateReader& state, std::uint32_t partition) {
  std::string damaged;
  const auto devices =
      state.scan(storage::Store::device, partition, {}, {}, [&](std::string_view key, std::string_view value) {
        auto entry = std::make_unique<DeviceEntry>();
        if (key.size() != 8 || !entry->row.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
            key_of(entry->eui()) != key || !is_sound(entry->row)) {
          damaged = base::to_hex(base::as_bytes(key));
          return false;
        }
        if (entry->row.has_active()) link(*entry, entry->row.active().dev_addr());
        if (entry->row.has_pending()) link(*entry, entry->row.pending().dev_addr());
        const auto eui = entry->eui().value;
        devices_[eui] = std::move(entry);
        return true;
      });
  if (!devices) return std::unexpected(devices.error());
  if (!damaged.empty()) return base::fail("state_damaged", "device row " + damaged);

  const std::string from(1, kMemoryPrefix);
  const std::string to(1, kMemoryPrefix + 1);
  const auto memories =
      state.scan(storage::Store::network, partition, from, to, [&](std::string_view key, std::string_view value) {
        v1::NetworkJoinMemory memory;
        if (key.size() != 9 || !memory.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
            !is_sound(memory)) {
          damaged = base::to_hex(base::as_bytes(key));
          return false;
        }
        const auto eui = base::read_be<std::uint64_t>(base::as_bytes(key.substr(1)));
        if (!devices_.contains(eui)) ++retired_;
        memories_[eui] = std::move(memory);
        return true;
      });
  if (!memories) return std::unexpected(memories.error());
  if (!damaged.empty()) return base::fail("state_damaged", "join memory row " + damaged);
  return {};
}

base::Result<const lorawan::SessionKeys*> keys_of(const Candidate& candidate, const base::crypto::KeyVault& vault) {
  auto& keys = candidate.pending ? candidate.entry->pending_keys : candidate.entry->active_keys;
  if (!keys) {
    const auto unwrapped = vault.unwrap(base::as_bytes(candidate.session().wrapped_keys()));
    if (!unwrapped) return std::unexpected(unwrapped.error());
    if (unwrapped->size() != 4) return base::fail("key_unwrap", "a session has four keys");
    keys = lorawan::SessionKeys{(*unwrapped)[0], (*unwrapped)[1], (*unwrapped)[2], (*unwrapped)[3]};
  }
  return &*keys;
}

}  // namespace lenne::network
