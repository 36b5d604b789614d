#pragma once
// What really happened in a simulated region, as JSON lines: first {"type":"event",…} for each row of events2026.csv
// with the devices that live through it, then {"type":"uplink",…} for each frame that a gateway heard,
// {"type":"ack",…} when the server acknowledged it first, {"type":"heard",…} for each datagram that brought a frame to
// the server (join-requests, too; one that comes twice has two lines of one transmission), and {"type":"sent",…} for
// each downlink that a gateway took. Written line by line, so that a killed server loses nothing of it.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>

#include "app/simulate/script.hpp"
#include "app/simulate/virtual_device.hpp"
#include "base/error.hpp"

namespace lenne::app::simulate {

/// A frame on the air as far as its length goes: LoRa at 125 kHz.
struct OnAir {
  std::size_t size = 0;  ///< bytes of PHYPayload
  int spreading_factor = 0;
};

class Truth {
 public:
  /// An empty path writes nothing. Error: truth_file.
  [[nodiscard]] static base::Result<Truth> open(const std::filesystem::path& file);

  /// A scripted event that some device or gateway of the region may live through.
  void event(const ScriptedEvent& event, std::span<const base::DevEui> devices);
  void uplink(const DevicePlan& device, const Transmission& transmission, std::size_t gateways);
  /// `transmission` numbers what devices have sent.
  void heard(base::GatewayId gateway, const DevicePlan& device, std::uint64_t transmission, const OnAir& frame,
             base::Timestamp arrives);
  void sent(base::GatewayId gateway, const OnAir& frame, base::Timestamp taken);
  void acknowledged(const DevicePlan& device, std::uint32_t f_cnt);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace lenne::app::simulate
