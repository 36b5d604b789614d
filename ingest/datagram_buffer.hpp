#pragma once
// Between the thread that drains the socket and the one that works: two arenas that change places. One is filled while
// the other is read, so a datagram is copied once, and memory grows only as far as a burst needs it.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/time.hpp"
#include "ingest/socket_address.hpp"

namespace lenne::ingest {

/// A datagram as it arrived. The bytes belong to whoever gave it.
struct Datagram {
  base::ByteView bytes;
  SocketAddress source;
  base::Timestamp received;
};

/// Bounded; one producer, one consumer, anybody wakes or closes it.
class DatagramBuffer {
 public:
  /// `capacity` bytes in total, both arenas together, the bookkeeping of each datagram included.
  explicit DatagramBuffer(std::size_t capacity) : half_(capacity / 2) {}

  /// What is pushed next will have been received at or after this moment: the producer says so before it reads its
  /// socket, and push() afterwards.
  void expect(const base::Clock& clock);
  /// Now, but never later than the receipt of a datagram that was expected, waits here, or was taken and not yet left
  /// behind by the next take(). Any thread.
  [[nodiscard]] base::Timestamp heard_until(const base::Clock& clock) const;

  /// Copies as many as fit, in order, and returns their number: the rest is lost, and the caller counts it.
  std::size_t push(std::span<const Datagram> datagrams);

  /// The next datagrams, at most `most`; valid until the next call. Waits up to `patience` for the first one or a
  /// wake(), then `nap` for more to come together (not when half of the space is taken).
  [[nodiscard]] std::span<const Datagram> take(std::size_t most, base::Duration patience, base::Duration nap);

  /// Ends a waiting take().
  void wake();
  /// As wake, for good: no take() waits any more.
  void close();
  [[nodiscard]] bool closed() const;

 private:
  struct Arena {
    std::vector<std::uint8_t> bytes;
    struct Entry {
      std::size_t at;
      std::size_t size;
      SocketAddress source;
      base::Timestamp received;
    };
    std::vector<Entry> entries;
    [[nodiscard]] std::size_t cost() const noexcept { return bytes.size() + entries.size() * sizeof(Entry); }
  };

  const std::size_t half_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Arena filling_;
  std::optional<base::Timestamp> expected_;
  std::optional<base::Timestamp> taken_;  ///< receipt of the oldest datagram that the consumer has
  bool waiting_ = false;
  bool woken_ = false;
  bool closed_ = false;
  // the consumer's own
  Arena reading_;
  std::size_t next_ = 0;
  std::vector<Datagram> views_;
};

}  // namespace lenne::ingest
