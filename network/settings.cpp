#include "network/settings.hpp"

#include "base/slot.hpp"
#include "network/lorawan/dev_addr.hpp"
#include "network/lorawan/region.hpp"

namespace lenne::network {
namespace {

[[nodiscard]] base::Result<void> check_region(const NetworkSettings& settings, const std::string& name) {
  const auto* region = lorawan::find_region(name);
  if (region == nullptr) return base::fail("region", "region " + name + " is not built in");
  if (settings.rx1_dr_offset > region->max_rx1_dr_offset) {
    return base::fail("rx1_dr_offset", name + " has no RX1 data rate offset " + std::to_string(settings.rx1_dr_offset));
  }
  if (lorawan::data_rate_of(*region, settings.rx2_data_rate, lorawan::Direction::down) == nullptr) {
    return base::fail("rx2_data_rate", name + " has no downlink data rate " + std::to_string(settings.rx2_data_rate));
  }
  if (!lorawan::make_cf_list(*region, settings.extra_channels_hz)) {
    return base::fail("extra_channels", "at most five channels inside the band of " + name);
  }
  return {};
}

}  // namespace

base::Result<void> check(const NetworkSettings& settings) {
  if (const auto range = lorawan::dev_addr_range(settings.net_id); !range)
    return base::fail("net_id", range.error().message);
  if (settings.partitions == 0 || settings.partitions > base::kSlots)
    return base::fail("partitions", "1 to 256 partitions");
  if (settings.deduplication <= base::Duration::zero() || settings.deduplication > std::chrono::seconds{4}) {
    return base::fail("deduplication", "copies are collected for more than 0 and at most 4 s");
  }
  if (settings.rx1_delay_s == 0 || settings.rx1_delay_s > 15)
    return base::fail("rx1_delay", "RX1 opens after 1 to 15 s");
  if (settings.deduplication >= std::chrono::seconds{settings.rx1_delay_s}) {
    return base::fail("deduplication", "copies are collected for less than the RX1 delay");
  }
  if (settings.regions.empty()) return base::fail("region", "at least one region");
  for (const auto& name : settings.regions) {
    if (auto checked = check_region(settings, name); !checked) return checked;
  }
  if (settings.devices_per_partition == 0 || settings.sessions_per_address == 0 || settings.mics_per_frame == 0 ||
      settings.copies_per_transmission == 0 || settings.queue_per_device == 0 || settings.attempts_per_downlink == 0 ||
      settings.airtime_sums == 0 || settings.gateways == 0 || settings.use_cases == 0) {
    return base::fail("bounds", "every bound is at least 1");
  }
  return {};
}

}  // namespace lenne::network
