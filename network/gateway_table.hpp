#pragma once
// The gateways that operators have declared, in the partition that measures them: who a gateway's measurements belong
// to.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "lenne/v1/control.pb.h"
#include "storage/batch.hpp"

namespace lenne::network {

/// One thread.
class GatewayTable {
 public:
  /// Keys in store network: this, gateway id (8 bytes, big-endian). Values: Gateway with id, tenant and name.
  static constexpr char kPrefix = 'g';

  [[nodiscard]] const v1::Gateway* find(std::uint64_t gateway_id) const;
  [[nodiscard]] bool room_for(std::uint64_t gateway_id, std::size_t most) const;
  void put(const v1::Gateway& gateway);
  void remove(std::uint64_t gateway_id);

  /// Writes each changed row once.
  void flush(storage::Batch& out, std::uint32_t partition);
  /// False when it is no row of ours.
  [[nodiscard]] bool load_row(std::string_view key, std::string_view value);

 private:
  std::map<std::uint64_t, v1::Gateway> gateways_;
  std::vector<std::uint64_t> changed_;  ///< with repeats; those that are gone are to be erased
};

}  // namespace lenne::network
