#include "radio.hpp"

#include <algorithm>
#include <cmath>

#include "dice.hpp"
#include "network/lorawan/airtime.hpp"

namespace lenne::sim {
namespace {

using namespace std::chrono_literals;

constexpr double kNoiseFloorDbm = -117;  // 125 kHz, noise figure 6 dB
constexpr double kCaptureDb = 6;         // by as much the stronger of two must be stronger
constexpr double kLeakFromDbm = -75;     // a frame that is stronger is heard on the next channel, too
constexpr double kLeakLossDb = 40;
constexpr std::uint32_t kChannelStepHz = 200'000;

}  // namespace

double required_snr(int spreading_factor) noexcept { return -7.5 - 2.5 * (spreading_factor - 7); }

base::Duration airtime_of(int spreading_factor, std::size_t bytes, bool uplink) {
  network::lorawan::DataRate rate;
  rate.spreading_factor = static_cast<std::uint8_t>(spreading_factor);
  rate.bandwidth_hz = 125'000;
  return network::lorawan::time_on_air(rate, bytes, {.crc = uplink});
}

double Air::mean_rssi(std::uint64_t sender, Place from, std::uint64_t receiver, Place to, double dbm) const {
  const double distance = std::max(0.02, std::hypot(from.x - to.x, from.y - to.y));
  auto shadow = base::Random(base::mix64(sender) + base::mix64(receiver));  // the same both ways
  return dbm - (121 + 28 * std::log10(distance)) + spread(shadow, 6);
}

void Air::forget_old(std::deque<Emission>& emissions) const {
  while (!emissions.empty() && emissions.front().end < queue_.now() - 10s) emissions.pop_front();
}

base::Timestamp Air::send_up(Emission emission) {
  emission.number = ++number_;
  emission.start = queue_.now();
  emission.end = emission.start + airtime_of(emission.spreading_factor, emission.phy.size(), true);
  forget_old(up_);
  up_.push_back(emission);
  queue_.at(emission.end, [this, emission] { arrive_up(emission); });
  return emission.end;
}

void Air::arrive_up(const Emission& emission) {
  for (auto* gateway : gateways_) arrive_at(*gateway, emission);
}

void Air::arrive_at(UplinkListener& gateway, const Emission& emission) {
  const double rssi = mean_rssi(emission.sender, emission.from, gateway.radio_name(), gateway.place(), emission.dbm) +
                      spread(random_, 1.5);
  const bool leaks = rssi > kLeakFromDbm && random_.chance(0.1);
  const double snr = rssi - kNoiseFloorDbm;
  if (snr < required_snr(emission.spreading_factor) || !gateway.is_on()) return;
  if (gateway.sent_between(emission.start, emission.end)) return tally_.count(Happening::half_duplex_loss);
  if (drowned(up_, emission, gateway.radio_name(), gateway.place(), rssi))
    return tally_.count(Happening::radio_collision);
  const auto heard_at = [](std::uint32_t hz, double dbm) {
    return Heard{hz, static_cast<int>(std::lround(dbm)),
                 static_cast<int>(std::lround(std::min(10.0, dbm - kNoiseFloorDbm) * 10))};
  };
  const auto own = heard_at(emission.frequency_hz, rssi);
  if (!leaks) return gateway.hear(emission, own);
  tally_.count(Happening::leakage);
  const auto next =
      random_.chance(0.5) ? emission.frequency_hz + kChannelStepHz : emission.frequency_hz - kChannelStepHz;
  const auto leaked = heard_at(next, std::max(rssi - kLeakLossDb, -120.0));
  const bool leaked_first = random_.chance(0.5);
  gateway.hear(emission, leaked_first ? leaked : own);
  gateway.hear(emission, leaked_first ? own : leaked);
}

bool Air::drowned(const std::deque<Emission>& others, const Emission& emission, std::uint64_t receiver, Place at,
                  double rssi) const {
  return std::ranges::any_of(others, [&](const Emission& other) {
    if (other.number == emission.number || other.frequency_hz != emission.frequency_hz ||
        other.spreading_factor != emission.spreading_factor || other.start >= emission.end ||
        other.end <= emission.start) {
      return false;
    }
    return rssi < mean_rssi(other.sender, other.from, receiver, at, other.dbm) + kCaptureDb;
  });
}

base::Timestamp Air::send_down(Emission emission) {
  emission.number = ++number_;
  emission.start = queue_.now();
  emission.end = emission.start + airtime_of(emission.spreading_factor, emission.phy.size(), false);
  forget_old(down_);
  down_.push_back(emission);
  std::vector<DownlinkListener*> open;
  for (auto* device : devices_) {
    const double rssi = mean_rssi(emission.sender, emission.from, device->radio_name(), device->place(), emission.dbm);
    if (rssi - kNoiseFloorDbm < required_snr(emission.spreading_factor)) continue;
    if (device->begin(emission)) open.push_back(device);
  }
  queue_.at(emission.end, [this, emission, open] {
    for (auto* device : open) {
      const double rssi =
          mean_rssi(emission.sender, emission.from, device->radio_name(), device->place(), emission.dbm);
      device->end(emission, !drowned(down_, emission, device->radio_name(), device->place(), rssi));
    }
  });
  return emission.end;
}

}  // namespace lenne::sim
