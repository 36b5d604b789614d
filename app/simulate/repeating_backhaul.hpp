#pragma once
// A backhaul that delivers some datagrams twice, as UDP may: the second one up to half a minute later, out of order.

#include <queue>
#include <vector>

#include "app/simulate/backhaul.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

namespace lenne::app::simulate {

class RepeatingBackhaul final : public Backhaul {
 public:
  /// `share` of the datagrams that go to the server come twice. `inner` and the clock outlive it.
  RepeatingBackhaul(Backhaul& inner, const base::Clock& clock, double share, std::uint64_t seed);

  void send(std::size_t gateway, base::ByteView datagram) override;
  [[nodiscard]] base::Result<void> wait(base::Timestamp until, const OnDatagram& on_datagram) override;

 private:
  struct Late {
    base::Timestamp at;
    std::size_t gateway;
    base::Bytes datagram;
    friend bool operator>(const Late& a, const Late& b) { return a.at > b.at; }
  };

  Backhaul& inner_;
  const base::Clock& clock_;
  double share_;
  base::Random random_;
  std::priority_queue<Late, std::vector<Late>, std::greater<>> late_;
};

}  // namespace lenne::app::simulate
