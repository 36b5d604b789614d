#include "app/simulate/virtual_backhaul.hpp"

#include <algorithm>

namespace lenne::app::simulate {
namespace {

// A gateway's address: nobody else is in this network.
ingest::SocketAddress address_of(std::size_t gateway) {
  return {{10, 0, static_cast<std::uint8_t>(gateway >> 8), static_cast<std::uint8_t>(gateway)}, 1700};
}
std::size_t gateway_of(const ingest::SocketAddress& address) {
  return static_cast<std::size_t>(address.ip[2]) << 8 | address.ip[3];
}

}  // namespace

void VirtualBackhaul::send(std::size_t gateway, base::ByteView datagram) {
  server_.receive(address_of(gateway), datagram);
}

base::Result<void> VirtualBackhaul::wait(base::Timestamp until, const OnDatagram& on_datagram) {
  for (;;) {
    const auto at = next_ > until ? next_ : std::max(next_, server_.next_due());
    clock_.advance_to(std::min(at, until));
    if (at > until) return {};
    if (auto settled = server_.settle(); !settled) return settled;
    next_ = clock_.now() + rest_;
    const auto sent = server_.take_sent();
    for (const auto& datagram : sent) on_datagram(gateway_of(datagram.to), datagram.bytes);
    if (!sent.empty()) return {};
  }
}

}  // namespace lenne::app::simulate
