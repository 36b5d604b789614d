#pragma once
// A server in the same process and time: the past, as fast as it can be computed.

#include <vector>

#include "app/simulate/backhaul.hpp"
#include "app/virtual_time.hpp"

namespace lenne::app::simulate {

class VirtualBackhaul final : public Backhaul {
 public:
  /// Datagrams that arrive within `together` are handled at once. The server and its clock outlive it.
  VirtualBackhaul(VirtualServer& server, base::ManualClock& clock, base::Duration together);

  void send(std::size_t gateway, base::ByteView datagram) override;
  [[nodiscard]] base::Result<void> wait(base::Timestamp until, const OnDatagram& on_datagram) override;

 private:
  base::ManualClock& clock_;
  std::vector<SentDatagram> sent_;  ///< by the server, on their way to the gateways
  VirtualTime time_;
};

}  // namespace lenne::app::simulate
