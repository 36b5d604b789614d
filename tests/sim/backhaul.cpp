#include "backhaul.hpp"

#include "dice.hpp"

namespace lenne::sim {

void Backhaul::send(base::Bytes datagram) {
  if (random_.chance(plan_.lost)) return tally_.count(Happening::datagram_lost);
  launch(datagram);
  if (!random_.chance(plan_.doubled)) return;
  tally_.count(Happening::datagram_doubled);
  launch(datagram);
}

void Backhaul::launch(const base::Bytes& datagram) {
  auto pause = between(random_, plan_.least, plan_.most);
  if (random_.chance(plan_.delayed)) pause += between(random_, {}, plan_.delay);
  const auto arrival = queue_.now() + pause;
  if (arrival < last_arrival_) tally_.count(Happening::datagrams_reordered);
  last_arrival_ = std::max(last_arrival_, arrival);
  queue_.at(arrival, [this, datagram] { deliver_(datagram); });
}

}  // namespace lenne::sim
