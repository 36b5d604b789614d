#pragma once
// The way between the virtual gateways and a server. It also decides how time passes: over UDP by waiting, inside one
// process by setting a clock.

#include <cstddef>
#include <functional>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"

namespace lenne::app::simulate {

/// One thread.
class Backhaul {
 public:
  /// A datagram that reached a gateway.
  using OnDatagram = std::function<void(std::size_t gateway, base::ByteView datagram)>;

  virtual ~Backhaul() = default;
  /// A gateway's datagram reaches the server, or is lost: UDP does not tell.
  virtual void send(std::size_t gateway, base::ByteView datagram) = 0;
  /// Lets time pass until `until`, or until datagrams have arrived, which are handed over. Error: the server failed.
  [[nodiscard]] virtual base::Result<void> wait(base::Timestamp until, const OnDatagram& on_datagram) = 0;
};

}  // namespace lenne::app::simulate
