#include "app/simulate/udp_backhaul.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

namespace lenne::app::simulate {
namespace {

/// How many datagrams of one gateway are read before the others have their turn.
constexpr int kAtOnce = 256;

}  // namespace

base::Result<std::unique_ptr<UdpBackhaul>> UdpBackhaul::open(const std::vector<Address>& servers, std::size_t gateways,
                                                             const base::Clock& clock) {
  std::unique_ptr<UdpBackhaul> backhaul(new UdpBackhaul(clock));
  for (std::size_t i = 0; i < gateways; ++i) {
    const auto& server = servers[i % servers.size()];
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server.port);
    if (::inet_pton(AF_INET, server.host.c_str(), &to.sin_addr) != 1)
      return base::fail("socket", fmt::format("'{}' is no IPv4 address", server.host));
    const int handle = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (handle >= 0) backhaul->sockets_.push_back({handle, POLLIN, 0});
    if (handle < 0 || ::connect(handle, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      return base::fail("socket", fmt::format("{}:{}: {}", server.host, server.port, std::strerror(errno)));
  }
  return backhaul;
}

UdpBackhaul::~UdpBackhaul() {
  for (const auto& socket : sockets_) ::close(socket.fd);
}

void UdpBackhaul::send(std::size_t gateway, base::ByteView datagram) {
  // A server that is down refuses (ECONNREFUSED): a packet forwarder does not mind either.
  [[maybe_unused]] const auto sent = ::send(sockets_[gateway].fd, datagram.data(), datagram.size(), MSG_NOSIGNAL);
}

base::Result<void> UdpBackhaul::wait(base::Timestamp until, const OnDatagram& on_datagram) {
  const auto wait =
      std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(until - clock_.now()).count());
  if (::poll(sockets_.data(), sockets_.size(), static_cast<int>(wait)) <= 0) return {};
  std::array<std::uint8_t, 2048> buffer;
  for (std::size_t gateway = 0; gateway < sockets_.size(); ++gateway) {
    if (sockets_[gateway].revents == 0) continue;
    for (int i = 0; i < kAtOnce; ++i) {
      const auto size = ::recv(sockets_[gateway].fd, buffer.data(), buffer.size(), 0);
      // Asynchronous "connection refused" of an earlier send: the next call goes on.
      if (size < 0 && errno == ECONNREFUSED) continue;
      if (size < 0) break;
      on_datagram(gateway, base::ByteView(buffer).first(static_cast<std::size_t>(size)));
    }
  }
  return {};
}

}  // namespace lenne::app::simulate
