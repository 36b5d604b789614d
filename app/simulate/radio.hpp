#pragma once
// Who hears a virtual device, and how well: log-distance path loss with fixed shadowing per pair and fading per frame.

#include <cstdint>
#include <vector>

#include "app/simulate/region.hpp"
#include "base/random.hpp"

namespace lenne::app::simulate {

struct Heard {
  std::size_t gateway;
  int rssi_dbm;
  int snr_tenths_db;
};

/// The links of one device: fixed after construction.
class Links {
 public:
  Links(const Region& region, const DevicePlan& device, std::uint64_t seed);

  /// The spreading factor that the device uses: the lowest with a margin of 6 dB at its best gateway.
  [[nodiscard]] int spreading_factor() const { return spreading_factor_; }
  /// The gateways that demodulate one frame, the best first; at most 8. Empty: lost on the radio.
  [[nodiscard]] std::vector<Heard> hear(base::Random& random) const;

 private:
  struct Link {
    std::size_t gateway;
    double rssi;
  };
  std::vector<Link> links_;
  int spreading_factor_ = 12;
  double loss_ = 0.03;
};

/// Required signal-to-noise ratio of a spreading factor in dB: -7.5 at SF7, 2.5 less for each step.
[[nodiscard]] constexpr double required_snr(int spreading_factor) { return -7.5 - 2.5 * (spreading_factor - 7); }

}  // namespace lenne::app::simulate
