#pragma once
// How each gateway can be reached: where its last PULL_DATA came from. Downlinks go there and nowhere else.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "ingest/socket_address.hpp"

namespace lenne::ingest {

/// Forwarders repeat PULL_DATA every 5 to 30 s; a NAT keeps a UDP mapping for 60 s or more.
inline constexpr base::Duration kPathLifetime = std::chrono::seconds{90};
/// How often an unchanged path is recorded again, so that a restarted server knows which paths are alive.
inline constexpr base::Duration kPathRecordInterval = std::chrono::seconds{30};

struct Path {
  SocketAddress address;
  std::uint8_t version = 2;
  base::Timestamp seen;
};

/// Bounded; any thread may call it.
class GatewayPaths {
 public:
  explicit GatewayPaths(std::size_t capacity) : capacity_(capacity) {}

  enum class Change : std::uint8_t { none, record, moved, refused };
  /// A PULL_DATA came. record: first, or not recorded for a while; moved: from another address than before (record it
  /// too); refused: no place left.
  [[nodiscard]] Change heard(base::GatewayId gateway, const SocketAddress& address, std::uint8_t version,
                             base::Timestamp now);
  /// The record of a path was not made durable: the next PULL_DATA asks for one again.
  void not_recorded(base::GatewayId gateway);
  /// A path from before a restart.
  void restore(base::GatewayId gateway, const Path& path);
  /// Nothing when the gateway's last PULL_DATA is older than kPathLifetime.
  [[nodiscard]] std::optional<Path> find(base::GatewayId gateway, base::Timestamp now) const;
  void forget(base::GatewayId gateway);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    Path path;
    std::optional<base::Timestamp> recorded;
  };
  void forget_expired(base::Timestamp now);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::unordered_map<base::GatewayId, Entry> entries_;
};

}  // namespace lenne::ingest
