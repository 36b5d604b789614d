#pragma once
// Repeats of a record: an append whose answer was lost is made again, and the log then holds it twice.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_state.pb.h"

namespace lenne::network {

/// Remembers the last sequence numbers of each writing instance, for one partition. Numbers come nearly in order.
class OriginMemory {
 public:
  static constexpr std::size_t kInstances = 64;   ///< beyond it the one that was silent longest is forgotten
  static constexpr std::size_t kSequences = 512;  ///< per instance, of this partition

  enum class Verdict : std::uint8_t {
    fresh,
    repeated,  ///< the same (instance, incarnation, sequence) was there before
    stale,     ///< of an earlier incarnation, or older than all that is remembered
  };

  /// Judges a record and remembers it. An origin without an instance is always fresh.
  [[nodiscard]] Verdict take(const v1::Origin& origin, std::uint64_t offset);

  /// The newest incarnation of an instance, as far as it has written to this partition.
  [[nodiscard]] std::optional<std::uint32_t> incarnation_of(std::uint32_t instance) const;

  void save(v1::NetworkPartition& row) const;
  /// False when the row is no row of ours.
  [[nodiscard]] bool load(const v1::NetworkPartition& row);
  [[nodiscard]] std::size_t instances() const noexcept { return instances_.size(); }

 private:
  struct Instance {
    std::uint32_t incarnation = 0;
    std::uint64_t seen_offset = 0;
    std::deque<std::uint64_t> sequences = {};  // ascending
  };
  void forget_the_most_silent();

  std::map<std::uint32_t, Instance> instances_;
};

}  // namespace lenne::network
