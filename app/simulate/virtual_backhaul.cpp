#include "app/simulate/virtual_backhaul.hpp"

#include <utility>

namespace lenne::app::simulate {
namespace {

constexpr std::size_t kMostTogether = 2'000;

// A gateway's address: nobody else is in this network.
ingest::SocketAddress address_of(std::size_t gateway) {
  return {{10, 0, static_cast<std::uint8_t>(gateway >> 8), static_cast<std::uint8_t>(gateway)}, 1700};
}
std::size_t gateway_of(const ingest::SocketAddress& address) {
  return static_cast<std::size_t>(address.ip[2]) << 8 | address.ip[3];
}

}  // namespace

VirtualBackhaul::VirtualBackhaul(VirtualServer& server, base::ManualClock& clock, base::Duration together)
    : clock_(clock),
      time_(server, clock, together, kMostTogether, [this](const SentDatagram& sent) { sent_.push_back(sent); }) {}

void VirtualBackhaul::send(std::size_t gateway, base::ByteView datagram) {
  time_.receive(address_of(gateway), datagram);
}

base::Result<void> VirtualBackhaul::wait(base::Timestamp until, const OnDatagram& on_datagram) {
  while (sent_.empty()) {
    const auto stepped = time_.step(until);
    if (!stepped) return std::unexpected(stepped.error());
    if (!*stepped) {
      clock_.advance_to(until);
      return {};
    }
  }
  for (const auto& datagram : std::exchange(sent_, {})) on_datagram(gateway_of(datagram.to), datagram.bytes);
  return {};
}

}  // namespace lenne::app::simulate
