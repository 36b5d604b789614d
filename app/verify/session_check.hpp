#pragma once
// Whether what happened to devices and what the network server keeps of them agree: frame counters, join nonces, and
// who is declared.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "app/verify/key_check.hpp"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_state.pb.h"
#include "network/origins.hpp"
#include "storage/faults.hpp"
#include "storage/log.hpp"

namespace lenne::app {

/// Records first, in the order of offsets, then last values, then rows, then finish. One thread. Its memory grows with
/// the sessions that the log tells of, not with its records.
class SessionCheck {
 public:
  SessionCheck(std::uint32_t partitions, KeyCheck& keys, storage::Faults& faults)
      : partitions_(partitions), keys_(keys), faults_(faults) {}

  void take(const storage::Record& record);
  void take_last_value(const storage::Record& record);
  void take_row(storage::Store store, std::uint32_t partition, std::string_view key, std::string_view value);
  void finish();

 private:
  struct Session {
    std::optional<std::uint32_t> f_cnt_up;  ///< the last that was published
  };
  /// What was sent to a device's address. Addresses that had several sessions cannot be told apart.
  struct Address {
    std::set<std::uint64_t> sessions;
    std::optional<std::uint32_t> f_cnt_down;        ///< the largest
    std::map<std::uint32_t, std::uint64_t> frames;  ///< hashes of the last ones
  };

  void take_event(const storage::Record& record);
  void take_uplink(const storage::Record& record, const v1::DeviceEvent& event);
  void take_join(const storage::Record& record, const v1::DeviceEvent& event);
  void take_downlink(const storage::Record& record);
  void take_device(std::uint32_t partition, std::string_view key, std::string_view value);
  void take_memory(std::uint32_t partition, std::string_view key, std::string_view value);
  void check_session(const std::string& where, std::uint64_t dev_eui, const v1::NetworkSession& session);

  const std::uint32_t partitions_;
  KeyCheck& keys_;
  storage::Faults& faults_;
  std::unordered_map<std::uint64_t, Session> sessions_;
  std::map<std::pair<std::uint64_t, std::uint32_t>, Address> addresses_;  ///< by DevEUI and DevAddr
  std::unordered_map<std::uint64_t, v1::Join> joins_;                     ///< the last one of each device
  std::set<std::uint64_t> renewed_;  ///< declared again since they joined: another AppKey starts the DevNonces anew
  std::set<std::uint64_t> declared_;
  std::set<std::uint32_t> stepped_;  ///< partitions that something was published of
  network::OriginMemory origins_;    ///< of the partition whose rows are read
  std::optional<std::uint32_t> origins_of_;
};

}  // namespace lenne::app
