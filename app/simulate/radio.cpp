#include "app/simulate/radio.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lenne::app::simulate {
namespace {

constexpr double kTransmitDbm = 14;
constexpr double kNoiseFloorDbm = -117;  // 125 kHz, noise figure 6 dB
constexpr double kIndoorLossDb = 10;
constexpr std::size_t kMostLinks = 8;

double kilometres(const Place& a, const Place& b) {
  const double north = (a.latitude - b.latitude) * 111.2;
  const double east = (a.longitude - b.longitude) * 111.2 * std::cos(a.latitude * std::numbers::pi / 180);
  return std::max(0.02, std::hypot(north, east));
}

/// Sum of four uniform draws: close enough to a normal distribution with this standard deviation.
double spread(base::Random& random, double deviation) {
  double sum = -2;
  for (int i = 0; i < 4; ++i) sum += random.unit();
  return sum * std::sqrt(3.0) * deviation;
}

}  // namespace

Links::Links(const Region& region, const DevicePlan& device, std::uint64_t seed) {
  const auto& place = region.sites[device.site].place;
  const base::Random universe(seed);
  for (std::size_t i = 0; i < region.gateways.size(); ++i) {
    auto random = universe.fork(device.dev_eui.value * 1'000'003 + region.gateways[i].id.value);
    const double loss =
        121 + 28 * std::log10(kilometres(place, region.gateways[i].place)) + (device.indoor ? kIndoorLossDb : 0);
    links_.push_back({i, kTransmitDbm - loss + spread(random, 6)});
  }
  std::ranges::sort(links_, std::ranges::greater{}, &Link::rssi);
  if (links_.size() > kMostLinks) links_.resize(kMostLinks);
  if (links_.empty()) return;
  // An installer would not leave a device where nobody hears it: such a one gets a better antenna.
  const double missing = required_snr(12) + 6 - (links_.front().rssi - kNoiseFloorDbm);
  if (missing > 0) {
    for (auto& link : links_) link.rssi += missing;
  }
  for (spreading_factor_ = 7; spreading_factor_ < 12; ++spreading_factor_) {
    if (links_.front().rssi - kNoiseFloorDbm >= required_snr(spreading_factor_) + 6) break;
  }
  if (spreading_factor_ == 12 && device.indoor) loss_ = 0.15;
}

std::vector<Heard> Links::hear(base::Random& random) const {
  std::vector<Heard> heard;
  if (random.chance(loss_)) return heard;
  for (const auto& link : links_) {
    const double rssi = link.rssi + spread(random, 1.5);
    const double snr = std::min(10.0, rssi - kNoiseFloorDbm);
    if (snr < required_snr(spreading_factor_)) continue;
    heard.push_back({link.gateway, static_cast<int>(std::lround(rssi)), static_cast<int>(std::lround(snr * 10))});
  }
  return heard;
}

}  // namespace lenne::app::simulate
