#pragma once
// The devices of one partition in memory: their rows, an index by DevAddr, and what has changed since the last flush.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "lenne/v1/network_state.pb.h"
#include "network/lorawan/types.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::network {

struct DeviceEntry {
  v1::NetworkDevice row;
  std::optional<lorawan::SessionKeys> active_keys = {};  ///< unwrapped on first use
  std::optional<lorawan::SessionKeys> pending_keys = {};
  bool dirty = false;

  [[nodiscard]] base::DevEui eui() const { return {row.device().dev_eui()}; }
};

/// One session that a frame may belong to.
struct Candidate {
  DeviceEntry* entry;
  bool pending;

  [[nodiscard]] v1::NetworkSession& session() const {
    return pending ? *entry->row.mutable_pending() : *entry->row.mutable_active();
  }
};

class DeviceTable {
 public:
  [[nodiscard]] DeviceEntry* find(base::DevEui eui);
  /// The device, made when it is missing. Its row is marked as changed.
  DeviceEntry& put(base::DevEui eui);
  void remove(base::DevEui eui);

  /// Sets or clears a session, and the address index with it. The row is marked as changed.
  void set_active(DeviceEntry& entry, std::optional<v1::NetworkSession> session);
  void set_pending(DeviceEntry& entry, std::optional<v1::NetworkSession> session);
  /// The pending session becomes the active one.
  void promote(DeviceEntry& entry);

  /// The sessions of an address, the most recently heard first. Valid until the next change of the table.
  [[nodiscard]] const std::vector<Candidate>& candidates(base::DevAddr address);
  /// How many devices have a session with an address.
  [[nodiscard]] std::size_t crowd(base::DevAddr address) const;

  /// Marks the row as changed: the next flush writes it.
  void touch(DeviceEntry& entry);

  /// What a device must never use twice; made when it is missing. Marked as changed.
  v1::NetworkJoinMemory& memory(base::DevEui eui);
  [[nodiscard]] const v1::NetworkJoinMemory* find_memory(base::DevEui eui) const;

  /// Devices, and removed ones that are remembered.
  [[nodiscard]] std::size_t size() const noexcept { return devices_.size() + retired_; }
  [[nodiscard]] bool room_for(base::DevEui eui, std::size_t limit) const;

  /// Writes each changed row once.
  void flush(storage::Batch& out, std::uint32_t partition);
  /// Errors: log_read, state_damaged.
  [[nodiscard]] base::Result<void> load(const storage::StateReader& state, std::uint32_t partition);

  template <typename Visit>
  void each(Visit&& visit) {
    for (auto& [eui, entry] : devices_) visit(*entry);
  }

 private:
  void link(DeviceEntry& entry, std::uint32_t address);
  void unlink(DeviceEntry& entry, std::uint32_t address);
  [[nodiscard]] static bool uses(const DeviceEntry& entry, std::uint32_t address);

  std::unordered_map<std::uint64_t, std::unique_ptr<DeviceEntry>> devices_;
  std::unordered_map<std::uint64_t, v1::NetworkJoinMemory> memories_;
  std::unordered_map<std::uint32_t, std::vector<DeviceEntry*>> by_address_;
  std::size_t retired_ = 0;  // memories whose device is gone
  std::vector<std::uint64_t> dirty_;
  std::vector<std::uint64_t> dirty_memories_;
  std::vector<Candidate> candidates_;
};

/// The keys of a session, unwrapped on first use. Error: key_unwrap.
[[nodiscard]] base::Result<const lorawan::SessionKeys*> keys_of(const Candidate& candidate,
                                                                const base::crypto::KeyVault& vault);

}  // namespace lenne::network
