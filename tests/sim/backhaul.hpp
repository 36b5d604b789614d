#pragma once
// The way between a gateway and the server: datagrams take their time, get lost, come twice, overtake each other.

#include <functional>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "event_queue.hpp"
#include "scenario.hpp"
#include "tally.hpp"

namespace lenne::sim {

/// One direction.
class Backhaul {
 public:
  using Deliver = std::function<void(const base::Bytes&)>;

  Backhaul(EventQueue& queue, const LinkPlan& plan, base::Random random, Tally& tally, Deliver deliver)
      : queue_(queue), plan_(plan), random_(random), tally_(tally), deliver_(std::move(deliver)) {}

  void send(base::Bytes datagram);

 private:
  void launch(const base::Bytes& datagram);

  EventQueue& queue_;
  const LinkPlan& plan_;
  base::Random random_;
  Tally& tally_;
  Deliver deliver_;
  base::Timestamp last_arrival_{};
};

}  // namespace lenne::sim
