#pragma once
// A network step without a log: records made by hand, state in a map, outputs in a list.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "base/crypto/aes128.hpp"
#include "base/crypto/key_vault.hpp"
#include "lenne/v1/network_in.pb.h"
#include "lenne/v1/network_state.pb.h"
#include "network/lorawan/build.hpp"
#include "network/lorawan/crypto.hpp"
#include "network/network_processor.hpp"

namespace lenne::network::test {

inline constexpr std::int64_t kStart = 1'795'500'000'000'000;  // 2026-11-24
inline constexpr std::int64_t kMs = 1'000;
inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::uint64_t kGateway = 0x70b3d5000000a000;

/// Committed state.
class MapState final : public storage::StateReader {
 public:
  using Key = std::tuple<storage::Store, std::uint32_t, std::string>;

  void apply(const storage::Batch& batch);
  [[nodiscard]] base::Result<std::optional<std::string>> get(storage::Store store, std::uint32_t partition,
                                                             std::string_view key) const override;
  [[nodiscard]] base::Result<void> scan(
      storage::Store store, std::uint32_t partition, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view, std::string_view)>& visit) const override;
  [[nodiscard]] base::Result<void> scan_back(
      storage::Store store, std::uint32_t partition, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view, std::string_view)>& visit) const override;
  std::map<Key, std::string> rows;
};

/// Tells one sample, the payload's first byte, as °C; a payload of two bytes says that it was measured a day ago, the
/// third of three bytes is the relative humidity in %.
class FirstByteDecoder final : public processing::UplinkDecoder {
 public:
  void decode(const v1::Device& device, v1::DeviceEvent& event, v1::Measurement& measurement) override;
};

struct Output {
  storage::Topic topic;
  std::uint32_t partition;
  std::string tenant;
  std::string key;
  std::string value;
  bool tombstone;

  friend bool operator==(const Output&, const Output&) = default;
};

/// One stored record of network-in.
struct Input {
  std::uint32_t partition;
  std::uint64_t offset;
  std::int64_t appended_us;
  std::string value;
};

/// How a gateway hears a frame.
struct Ear {
  std::uint64_t gateway = kGateway;
  std::int32_t rssi = -80;
  std::int32_t snr_tenths = 70;
  std::uint32_t frequency = 868'100'000;
  std::uint32_t spreading_factor = 7;
  std::optional<std::uint32_t> tmst = {};   ///< default: from the time of reception
  std::optional<std::int64_t> gps_us = {};  ///< since the GPS epoch
  std::string path = "0000000a:00000003";
};

[[nodiscard]] v1::NetworkIn hear(const base::Bytes& phy, std::int64_t at_us, const Ear& ear = {});
[[nodiscard]] v1::NetworkIn tick(std::int64_t at_us);

/// A device as the operator declares it, and its own side of the radio.
struct Sensor {
  base::DevEui eui{0x70b3d5499a3d1c02};
  base::JoinEui join_eui{0x0102030405060708};
  base::crypto::Key128 app_key{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  lorawan::SessionKeys keys{};
  base::DevAddr address{};
  std::string version = "1.0.3";
  std::string tenant = "menden";
  std::string device_class = "A";

  [[nodiscard]] v1::Device otaa(const base::crypto::KeyVault& vault) const;
  [[nodiscard]] v1::Device abp(const base::crypto::KeyVault& vault) const;
  [[nodiscard]] base::Bytes join_request(std::uint16_t dev_nonce) const;
  [[nodiscard]] base::Bytes uplink(std::uint32_t f_cnt, std::string_view payload = "\x15",
                                   std::optional<std::uint8_t> port = 2, bool confirmed = false,
                                   base::ByteView f_opts = {}, bool adr_ack_req = false) const;
  /// Any data frame of this device; direction, address and keys are set here.
  [[nodiscard]] base::Bytes data(lorawan::DataSpec spec) const;
  /// Opens a join-accept and takes the session over. False when it is not for this device.
  bool take_accept(std::string_view phy, std::uint16_t dev_nonce);
};

[[nodiscard]] v1::NetworkIn put(const v1::Device& device, std::int64_t at_us, std::uint64_t request_id = 1);
[[nodiscard]] v1::NetworkIn put(const v1::Object& object, std::int64_t at_us, std::uint64_t request_id = 1);
[[nodiscard]] v1::NetworkIn remove_device(base::DevEui eui, std::int64_t at_us, std::uint64_t request_id = 2);
[[nodiscard]] v1::NetworkIn tx_result(const v1::GatewayDownlink& downlink, v1::TxError error, std::int64_t at_us);

/// The step with everything around it.
class Rig {
 public:
  explicit Rig(NetworkSettings settings = one_partition());

  [[nodiscard]] static NetworkSettings one_partition();

  /// Appends a record and handles it. `appended_us`: default its own receive time.
  void feed(const v1::NetworkIn& in, std::uint32_t partition = 0, std::optional<std::int64_t> appended_us = {});
  void feed_raw(const Input& input);
  /// Writes the state; what follows a crash begins here.
  void commit();
  /// The process dies: what was not committed is gone, and handled again.
  void crash();
  /// As crash, with what was not committed left out.
  void restart_processor();

  [[nodiscard]] std::vector<v1::DeviceEvent> events(v1::DeviceEvent::EventCase kind) const;
  [[nodiscard]] std::vector<v1::Measurement> measurements() const;  ///< without ticks
  [[nodiscard]] std::vector<std::int64_t> ticks() const;            ///< the times that were told to the windows
  [[nodiscard]] std::vector<v1::GatewayDownlink> downlinks() const;
  [[nodiscard]] std::vector<std::string> log_codes() const;
  [[nodiscard]] std::vector<Output> on(storage::Topic topic) const;
  [[nodiscard]] std::uint64_t counter(std::string_view name) const { return counters.value(name); }
  [[nodiscard]] v1::NetworkDevice row(base::DevEui eui, std::uint32_t partition = 0);
  /// Outputs that nobody has looked at yet are forgotten.
  void forget_outputs() { outputs.clear(); }

  NetworkSettings settings;
  base::crypto::KeyVault vault;
  FirstByteDecoder decoder;
  base::Counters counters;
  MapState state;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::unique_ptr<NetworkProcessor> processor;

 private:
  std::uint64_t next_offset_ = 1;
  std::size_t committed_inputs_ = 0;
  std::size_t committed_outputs_ = 0;
};

/// The sensor joins: request, window, accept. `at_us` moves on by a second.
void join(Rig& rig, Sensor& sensor, std::uint16_t dev_nonce, std::int64_t& at_us);

}  // namespace lenne::network::test
