#pragma once
// Real datagrams to a real server: a socket for each gateway.

#include <memory>
#include <vector>

#include <poll.h>

#include "app/settings.hpp"
#include "app/simulate/backhaul.hpp"
#include "base/clock.hpp"

namespace lenne::app::simulate {

class UdpBackhaul final : public Backhaul {
 public:
  /// Gateways take turns with the servers, of which there is at least one. Error: socket (with the address).
  [[nodiscard]] static base::Result<std::unique_ptr<UdpBackhaul>> open(const std::vector<Address>& servers,
                                                                       std::size_t gateways, const base::Clock& clock);
  ~UdpBackhaul() override;
  UdpBackhaul(const UdpBackhaul&) = delete;
  UdpBackhaul& operator=(const UdpBackhaul&) = delete;

  void send(std::size_t gateway, base::ByteView datagram) override;
  [[nodiscard]] base::Result<void> wait(base::Timestamp until, const OnDatagram& on_datagram) override;

 private:
  explicit UdpBackhaul(const base::Clock& clock) : clock_(clock) {}

  const base::Clock& clock_;
  std::vector<pollfd> sockets_;
};

}  // namespace lenne::app::simulate
