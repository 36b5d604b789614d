#pragma once
// A server in the same process and time: the past, as fast as it can be computed.

#include <vector>

#include "app/simulate/backhaul.hpp"
#include "app/virtual_server.hpp"

namespace lenne::app::simulate {

class VirtualBackhaul final : public Backhaul {
 public:
  /// The server settles at most once in `rest`: what arrives or is due meanwhile is handled together. The server and
  /// its clock outlive it.
  VirtualBackhaul(VirtualServer& server, base::ManualClock& clock, base::Duration rest)
      : server_(server), clock_(clock), rest_(rest) {}

  void send(std::size_t gateway, base::ByteView datagram) override;
  [[nodiscard]] base::Result<void> wait(base::Timestamp until, const OnDatagram& on_datagram) override;

 private:
  VirtualServer& server_;
  base::ManualClock& clock_;
  base::Duration rest_;
  base::Timestamp next_{};  ///< when the server settles next if there is anything to do
};

}  // namespace lenne::app::simulate
