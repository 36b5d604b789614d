#pragma once
// What the network server asks of a device's MAC: LinkADRReq, RXParamSetupReq, DevStatusReq, and what it learns from
// the answers. Requests are repeated until they are answered; the device's new parameters count from its answer on.

#include <optional>

#include "base/bytes.hpp"
#include "network/lorawan/mac_command.hpp"
#include "network/step.hpp"

namespace lenne::network {

/// Answers in one uplink; of each kind the last.
struct MacAnswers {
  std::optional<lorawan::LinkAdrAns> link_adr = {};
  std::optional<lorawan::RxParamSetupAns> rx_param = {};
  std::optional<lorawan::DevStatusAns> status = {};
};

/// Takes the answers of a new uplink.
void take_answers(Step& step, DeviceEntry& entry, const MacAnswers& answers);

/// Adds the uplinks whose windows have closed to what is known of the device's radio. A window that closes leaves the
/// row as it is, so that most uplinks change it once: the next one's window, or a request, notes the one before. The
/// row must be marked as changed.
void note_closed(const Step& step, DeviceEntry& entry);

/// Requests for the next downlink of a device.
struct MacRequests {
  base::Bytes commands = {};
  std::optional<v1::NetworkLinkAdr> link_adr = {};
  bool rx_param = false;
  bool urgent = false;  ///< worth a downlink of its own
};

/// What is to be asked, in at most `room` bytes, by all uplinks whose windows have closed.
[[nodiscard]] MacRequests due_requests(const Step& step, const DeviceEntry& entry, std::size_t room);

/// They are in a frame that leaves. The row must be marked as changed.
void asked(const Step& step, DeviceEntry& entry, const MacRequests& requests);

}  // namespace lenne::network
