#pragma once
// What every part of the network step works on: the services of the processor, one partition's state, and the record
// that is being handled. All parts are functions of these; none keeps anything for itself.

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/counters.hpp"
#include "base/crypto/aes128.hpp"
#include "base/crypto/key_vault.hpp"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_state.pb.h"
#include "network/device_table.hpp"
#include "network/gateway_airtime.hpp"
#include "network/gateway_table.hpp"
#include "network/lorawan/dev_addr.hpp"
#include "network/lorawan/region.hpp"
#include "network/origins.hpp"
#include "network/outbox.hpp"
#include "network/settings.hpp"
#include "network/timers.hpp"
#include "network/use_case_table.hpp"
#include "processing/uplink_decoder.hpp"

namespace lenne::network {

/// Shared by all partitions of a processor. One thread.
struct Services {
  NetworkSettings settings;
  const base::crypto::KeyVault& vault;
  processing::UplinkDecoder& decoder;
  base::Counters& counters;
  lorawan::DevAddrRange addresses;
  base::crypto::Aes128 aes = {};
};

struct PartitionState {
  explicit PartitionState(std::uint32_t n) : number(n), outbox(n) {}

  std::uint32_t number;
  Outbox outbox;
  DeviceTable devices = {};
  TimerQueue timers = {};
  OriginMemory origins = {};
  AirtimeTable airtime = {};
  GatewayTable gateways = {};  ///< empty but in the partition that measures them
  UseCaseTable use_cases = {};
  std::int64_t now_us = 0;  ///< running maximum of the receive times
  bool dirty = false;       ///< now or origins have changed since the last flush
};

/// One record under way.
struct Step {
  Services& services;
  PartitionState& state;
  std::uint64_t offset;      ///< of the record in network-in
  std::int64_t received_us;  ///< its receive time, corrected

  void count(std::string_view name) const { services.counters.count(name); }
};

/// The session of a number: OTAA by JoinNonce, ABP by how often its counters started anew.
[[nodiscard]] std::uint64_t session_id(base::DevEui eui, v1::Activation activation, base::DevAddr address,
                                       std::uint32_t number);
/// The name of an uplink, the same for all its copies and repetitions, and in every replay.
[[nodiscard]] std::uint64_t uplink_id(base::DevEui eui, std::uint64_t session, std::uint32_t f_cnt,
                                      const lorawan::Mic& mic);

/// The region of a device; null when it is none of ours any more.
[[nodiscard]] const lorawan::Region* region_of(const DeviceEntry& entry);

/// Event time of a hearing: the gateway's GPS time when it is credible, else the receive time.
struct EventTime {
  std::int64_t us;
  v1::TimeSource source;
};
[[nodiscard]] EventTime event_time(const NetworkSettings& settings, const v1::Hearing& hearing);

/// An event of a device with its envelope filled. `input_offset` names the record that caused it.
[[nodiscard]] v1::DeviceEvent make_event(const Step& step, const DeviceEntry& entry, std::int64_t time_us,
                                         std::int64_t received_us, std::uint64_t input_offset);

/// Whom a log event is about; views that end with the call.
struct Subject {
  std::uint64_t dev_eui = 0;
  std::string_view device_name = {};
  std::string_view tenant = {};  ///< empty: the operator
};
[[nodiscard]] Subject subject_of(const v1::Device& device);

struct LogText {
  v1::LogLevel level;
  std::string_view code;
  std::string_view message = {};
  std::uint64_t gateway_id = 0;
  std::uint64_t request_id = 0;  ///< of the write that this is the outcome of; 0 = none
  std::string_view correlation_id = {};
};
/// A log event, caused by the record that is being handled.
void publish_log(Step& step, const Subject& subject, const LogText& text);

/// Counts a refused frame under network.refused.<code>.
void refuse(Step& step, std::string_view code);
/// As above, and tells the device's tenant, unless the device has had its share of log events for this hour.
void refuse(Step& step, DeviceEntry& entry, std::string_view code, std::string_view message, std::uint64_t gateway_id);
/// Tells the device's tenant of something that is no refused frame, within the same share.
void warn(Step& step, DeviceEntry& entry, std::string_view code, std::string_view message, std::uint64_t gateway_id);

}  // namespace lenne::network
