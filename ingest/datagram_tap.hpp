#pragma once
// Listens to a socket's traffic, for recordings.

#include <span>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "ingest/datagram_buffer.hpp"
#include "ingest/identity.hpp"
#include "ingest/socket_address.hpp"
#include "ingest/uplink_worker.hpp"

namespace lenne::ingest {

/// Is told on the threads that do the work: it must not wait. Any thread may call it.
class DatagramTap {
 public:
  virtual ~DatagramTap() = default;
  /// Before everything else.
  virtual void started(const Identity& identity, base::Timestamp now) = 0;
  /// A group, when its time has come to be handled.
  virtual void received(std::span<const Datagram> datagrams) = 0;
  /// The acknowledgements of a group.
  virtual void acknowledged(std::span<const Reply> replies, base::Timestamp at) = 0;
  /// A PULL_RESP.
  virtual void sent(const SocketAddress& to, base::ByteView datagram, base::Timestamp at) = 0;
};

}  // namespace lenne::ingest
