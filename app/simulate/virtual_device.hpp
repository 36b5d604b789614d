#pragma once
// One simulated OTAA device of class A (LoRaWAN 1.0.3, EU868): joins, then sends what its surroundings say. Pure: time
// comes in as an argument.

#include <cstdint>
#include <optional>

#include "app/simulate/radio.hpp"
#include "app/simulate/region.hpp"
#include "app/simulate/signals.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "decode/schema_catalog.hpp"
#include "network/lorawan/build.hpp"

namespace lenne::app::simulate {

/// One frame that a device puts on the air.
struct Transmission {
  base::Bytes phy_payload;
  std::uint32_t frequency_hz = 0;
  int spreading_factor = 7;
  base::Timestamp end;  ///< when its last symbol ends, whole milliseconds
  bool join = false;
  std::uint32_t f_cnt = 0;
  std::optional<Reading> reading;  ///< of data frames
};

/// A downlink as it arrives at the device's antenna.
struct Arrival {
  base::ByteView phy_payload;
  std::uint32_t frequency_hz = 0;
  int spreading_factor = 0;
  base::Timestamp start;  ///< of its preamble
};

class VirtualDevice {
 public:
  VirtualDevice(const Region& region, std::size_t index, base::Timestamp start, const decode::SchemaCatalog& catalog);

  /// When it next does something.
  [[nodiscard]] base::Timestamp due() const { return due_; }
  /// Does it. Nothing when it only waited.
  [[nodiscard]] std::optional<Transmission> act(base::Timestamp now, base::crypto::Aes128& aes);
  /// True when it was a join-accept for this device in one of its two windows (±20 ms, right channel and data rate).
  bool hear(const Arrival& arrival, base::Timestamp now, base::crypto::Aes128& aes);

  [[nodiscard]] bool joined() const { return session_.has_value(); }
  [[nodiscard]] std::vector<Heard> heard() { return links_.hear(random_); }
  [[nodiscard]] const DevicePlan& plan() const { return region_.devices[index_]; }

 private:
  struct Session {
    network::lorawan::SessionKeys keys;
    base::DevAddr dev_addr;
    std::uint32_t f_cnt = 0;
    std::vector<std::uint32_t> channels;
  };
  struct Waiting {
    base::Timestamp uplink_end;
    std::uint32_t frequency_hz;
    std::uint16_t dev_nonce;
  };

  [[nodiscard]] Transmission join(base::Timestamp now, base::crypto::Aes128& aes);
  [[nodiscard]] std::optional<Transmission> send(base::Timestamp now, base::crypto::Aes128& aes);
  [[nodiscard]] base::Timestamp end_of(base::Timestamp start, std::size_t bytes) const;

  const Region& region_;
  std::size_t index_;
  const decode::SchemaCatalog& catalog_;
  base::Random random_;
  Links links_;
  Source source_;
  base::Timestamp due_;
  int join_tries_ = 0;
  std::optional<Waiting> waiting_;
  std::optional<Session> session_;
};

}  // namespace lenne::app::simulate
