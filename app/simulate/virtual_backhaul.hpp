#pragma once
// A server in the same process and time: the past, as fast as it can be computed.

#include "app/simulate/backhaul.hpp"
#include "app/virtual_server.hpp"
#include "base/clock.hpp"

namespace lenne::app::simulate {

class VirtualBackhaul final : public Backhaul {
 public:
  /// Datagrams that arrive within `together` are handled at once; the server must not notice (a fraction of its time of
  /// deduplication). The server and its clock outlive it.
  VirtualBackhaul(VirtualServer& server, base::ManualClock& clock, base::Duration together)
      : server_(server), clock_(clock), together_(together), due_(clock.now()) {}

  void send(std::size_t gateway, base::ByteView datagram) override;
  [[nodiscard]] base::Result<void> wait(base::Timestamp until, const OnDatagram& on_datagram) override;

 private:
  [[nodiscard]] base::Result<bool> settle(const OnDatagram& on_datagram);

  VirtualServer& server_;
  base::ManualClock& clock_;
  base::Duration together_;
  base::Timestamp due_;
  base::Timestamp since_{};
  std::size_t waiting_ = 0;  ///< datagrams that the server has not handled yet
};

}  // namespace lenne::app::simulate
