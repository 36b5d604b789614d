#pragma once
// A bound UDP socket that receives and sends many datagrams a call. All system headers of ingest's sockets are behind
// it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "ingest/datagram_buffer.hpp"
#include "ingest/uplink_worker.hpp"

namespace lenne::ingest {

/// receive by one thread, the rest by any.
class UdpSocket {
 public:
  /// Errors: socket_failed, bind_failed.
  [[nodiscard]] static base::Result<UdpSocket> open(const SocketAddress& local, std::size_t receive_buffer_bytes);
  ~UdpSocket();
  UdpSocket(UdpSocket&&) noexcept;
  UdpSocket& operator=(UdpSocket&&) noexcept;

  [[nodiscard]] SocketAddress local() const;
  /// What the system granted; it counts its own bookkeeping too, some 1 KiB a datagram.
  [[nodiscard]] std::size_t receive_buffer_bytes() const;

  /// Waits until something is there or interrupt() was called; false then.
  [[nodiscard]] bool wait();
  /// Lets datagrams gather for a while, so that one call takes many; false after interrupt().
  [[nodiscard]] bool pause(base::Duration duration);
  /// All that is there, at most one call's worth; valid until the next call.
  [[nodiscard]] std::span<const Datagram> receive(const base::Clock& clock);
  /// Datagrams that the system dropped because the socket's buffer was full, since it was opened.
  [[nodiscard]] std::uint64_t dropped() const;
  /// Ends wait() and pause() for good.
  void interrupt();

  /// False when the system would not take it.
  [[nodiscard]] bool send(const SocketAddress& to, base::ByteView datagram);
  /// The number of replies that were sent.
  [[nodiscard]] std::size_t send(std::span<const Reply> replies);

 private:
  struct Impl;
  explicit UdpSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::ingest
