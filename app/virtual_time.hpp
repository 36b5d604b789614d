#pragma once
// Takes a virtual server through time: what arrives together is handled at once, as a busy server does, and what is due
// without an arrival in its own time.

#include <functional>

#include "app/virtual_server.hpp"
#include "base/clock.hpp"

namespace lenne::app {

/// One thread. The server and its clock outlive it.
class VirtualTime {
 public:
  /// What left, when it left (the clock's time).
  using OnSent = std::function<void(const SentDatagram&)>;

  /// At most `most` datagrams that come within `together` are handled together: a fraction of the time that copies are
  /// collected, so that no window is over before its first copy is known.
  VirtualTime(VirtualServer& server, base::ManualClock& clock, base::Duration together, std::size_t most,
              OnSent on_sent)
      : server_(server),
        clock_(clock),
        together_(together),
        most_(most),
        on_sent_(std::move(on_sent)),
        due_(clock.now()) {}

  /// A datagram arrives now.
  void receive(const ingest::SocketAddress& from, base::ByteView datagram);
  /// Whether what has arrived can wait until `time` and nothing is due before it.
  [[nodiscard]] bool may_wait_until(base::Timestamp time) const {
    return waiting_ < most_ && (waiting_ == 0 || time - since_ <= together_) && time < due_;
  }
  /// Everything until `time`, each in its own time; then it is `time`. Error: of settle.
  [[nodiscard]] base::Result<void> live_until(base::Timestamp time);
  /// Handles what has arrived, and hands over what leaves. Error: of VirtualServer::settle.
  [[nodiscard]] base::Result<void> settle();

 private:
  /// Does the next thing that is to be done before `time` or at it. False: there was none. Error: of settle.
  [[nodiscard]] base::Result<bool> step(base::Timestamp time);

  VirtualServer& server_;
  base::ManualClock& clock_;
  base::Duration together_;
  std::size_t most_;
  OnSent on_sent_;
  base::Timestamp due_;
  base::Timestamp since_{};
  std::size_t waiting_ = 0;  ///< datagrams that the server has not handled yet
};

}  // namespace lenne::app
