#pragma once
// The air: path loss, what a spreading factor still carries, collisions, leakage onto the next channel, and gateways
// that cannot hear while they send. Both directions; up and down do not disturb each other (inverted I/Q).

#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "event_queue.hpp"
#include "scenario.hpp"
#include "tally.hpp"

namespace lenne::sim {

inline constexpr double kDeviceDbm = 14;

/// A frame on the air.
struct Emission {
  std::uint64_t number = 0;  ///< of the universe
  std::uint64_t sender = 0;  ///< a name for the sender's place, for fading
  Place from;
  double dbm = kDeviceDbm;
  std::uint32_t frequency_hz = 0;
  int spreading_factor = 7;
  base::Timestamp start{};
  base::Timestamp end{};
  base::Bytes phy{};
};

/// How a frame arrives somewhere.
struct Heard {
  std::uint32_t frequency_hz = 0;  ///< another one than the emission's: leakage
  int rssi_dbm = 0;
  int snr_tenths_db = 0;
};

/// The end of a preamble's chance: dB of SNR that a spreading factor needs.
[[nodiscard]] double required_snr(int spreading_factor) noexcept;
[[nodiscard]] base::Duration airtime_of(int spreading_factor, std::size_t bytes, bool uplink);

/// A gateway's ear.
class UplinkListener {
 public:
  virtual ~UplinkListener() = default;
  [[nodiscard]] virtual Place place() const = 0;
  [[nodiscard]] virtual std::uint64_t radio_name() const = 0;
  /// Whether it can hear now: switched on, and not sending between the two.
  [[nodiscard]] virtual bool is_on() const = 0;
  [[nodiscard]] virtual bool sent_between(base::Timestamp from, base::Timestamp to) const = 0;
  /// At the end of the frame.
  virtual void hear(const Emission& emission, const Heard& heard) = 0;
};

/// A device's ear.
class DownlinkListener {
 public:
  virtual ~DownlinkListener() = default;
  [[nodiscard]] virtual Place place() const = 0;
  [[nodiscard]] virtual std::uint64_t radio_name() const = 0;
  /// At the start of the frame: whether its receiver is open for it. When it is, it stays on this frame to its end.
  [[nodiscard]] virtual bool begin(const Emission& emission) = 0;
  /// At the end of a frame that began; `clean` is false when it was lost on the way.
  virtual void end(const Emission& emission, bool clean) = 0;
};

class Air {
 public:
  Air(EventQueue& queue, base::Random random, Tally& tally) : queue_(queue), random_(random), tally_(tally) {}

  void add(UplinkListener& gateway) { gateways_.push_back(&gateway); }
  void add(DownlinkListener& device) { devices_.push_back(&device); }

  /// A frame starts now. Number, start and end are filled in; returns the end.
  base::Timestamp send_up(Emission emission);
  base::Timestamp send_down(Emission emission);

  /// The mean RSSI of a way, dBm: the same in both directions.
  [[nodiscard]] double mean_rssi(std::uint64_t sender, Place from, std::uint64_t receiver, Place to, double dbm) const;

 private:
  void arrive_up(const Emission& emission);
  void arrive_at(UplinkListener& gateway, const Emission& emission);
  /// Whether another frame on the same channel and spreading factor drowns this one at a place.
  [[nodiscard]] bool drowned(const std::deque<Emission>& others, const Emission& emission, std::uint64_t receiver,
                             Place at, double rssi) const;
  void forget_old(std::deque<Emission>& emissions) const;

  EventQueue& queue_;
  base::Random random_;
  Tally& tally_;
  std::vector<UplinkListener*> gateways_;
  std::vector<DownlinkListener*> devices_;
  std::deque<Emission> up_;
  std::deque<Emission> down_;
  std::uint64_t number_ = 0;
};

}  // namespace lenne::sim
