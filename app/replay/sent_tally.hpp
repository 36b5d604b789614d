#pragma once
// Datagrams that left, against those that a recording says were sent.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "app/replay/datagram_replay.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "ingest/socket_address.hpp"

namespace lenne::app {

/// One thread. Keeps only those that have no double yet.
class SentTally {
 public:
  void recorded(const ingest::SocketAddress& to, base::ByteView datagram, base::Timestamp at) {
    add(to, datagram, at, 1);
  }
  void left(const ingest::SocketAddress& to, base::ByteView datagram, base::Timestamp at) { add(to, datagram, at, -1); }
  /// What left at or after `end` is not judged: the recording may have ended before it was told.
  [[nodiscard]] SentComparison result(base::Timestamp end) const;

 private:
  struct Entry {
    std::int64_t balance = 0;  ///< recorded minus left
    base::Timestamp at{};      ///< of the last one
  };
  [[nodiscard]] static SentComparison::Count& count_of(SentComparison& comparison, base::ByteView datagram);
  void add(const ingest::SocketAddress& to, base::ByteView datagram, base::Timestamp at, int by);

  std::unordered_map<std::string, Entry> open_;  ///< by address and bytes
  SentComparison equal_;
};

}  // namespace lenne::app
