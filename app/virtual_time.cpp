#include "app/virtual_time.hpp"

#include <algorithm>

namespace lenne::app {

void VirtualTime::receive(const ingest::SocketAddress& from, base::ByteView datagram) {
  if (waiting_++ == 0) since_ = clock_.now();
  server_.receive(from, datagram);
}

base::Result<bool> VirtualTime::step(base::Timestamp time) {
  if (waiting_ == 0 || may_wait_until(time)) {
    if (due_ > time) return false;
    // What is due now and stays so is tried again a moment later.
    clock_.advance_to(
        std::max(due_, clock_.now() + (due_ <= clock_.now() ? std::chrono::milliseconds{1} : base::Duration{})));
  }
  if (auto settled = settle(); !settled) return std::unexpected(settled.error());
  return true;
}

base::Result<void> VirtualTime::live_until(base::Timestamp time) {
  if (auto settled = settle(); !settled) return settled;
  for (bool more = true; more;) {
    const auto stepped = step(time);
    if (!stepped) return std::unexpected(stepped.error());
    more = *stepped;
  }
  clock_.advance_to(time);
  return {};
}

base::Result<void> VirtualTime::settle() {
  waiting_ = 0;
  if (auto settled = server_.settle(); !settled) return settled;
  due_ = server_.next_due();
  for (const auto& datagram : server_.take_sent()) on_sent_(datagram);
  return {};
}

}  // namespace lenne::app
