#include "app/simulate/virtual_backhaul.hpp"

#include <algorithm>

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

void VirtualBackhaul::send(std::size_t gateway, base::ByteView datagram) {
  if (waiting_++ == 0) since_ = clock_.now();
  server_.receive(address_of(gateway), datagram);
}

base::Result<void> VirtualBackhaul::wait(base::Timestamp until, const OnDatagram& on_datagram) {
  if (waiting_ > 0 && (waiting_ >= kMostTogether || until - since_ > together_ || due_ <= until)) {
    const auto answered = settle(on_datagram);
    if (!answered) return std::unexpected(answered.error());
    if (*answered) return {};
  }
  while (due_ <= until) {
    // What is due now and stays so is tried again a moment later.
    clock_.advance_to(
        std::max(due_, clock_.now() + (due_ <= clock_.now() ? std::chrono::milliseconds{1} : base::Duration{})));
    const auto answered = settle(on_datagram);
    if (!answered) return std::unexpected(answered.error());
    if (*answered) return {};
  }
  clock_.advance_to(std::max(until, clock_.now()));
  return {};
}

/// True when something was handed over, which may have changed what happens next.
base::Result<bool> VirtualBackhaul::settle(const OnDatagram& on_datagram) {
  waiting_ = 0;
  if (auto settled = server_.settle(); !settled) return std::unexpected(settled.error());
  due_ = server_.next_due();
  const auto sent = server_.take_sent();
  for (const auto& datagram : sent) on_datagram(gateway_of(datagram.to), datagram.bytes);
  return !sent.empty();
}

}  // namespace lenne::app::simulate
