#pragma once
// Repeats of a record: an append whose answer was lost is made again, and the log then holds it twice.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_state.pb.h"
#include "storage/batch.hpp"

namespace lenne::network {

/// Remembers the last sequence numbers of each writing instance, for one partition. They are kept in rows of 1,024
/// numbers, so that a commit writes those that have changed.
class OriginMemory {
 public:
  static constexpr std::size_t kInstances = 64;     ///< beyond it the one that was silent longest is forgotten
  static constexpr std::uint64_t kNumbers = 1'024;  ///< of a row
  static constexpr std::uint64_t kRows = 64;        ///< per instance, up to that of its newest number
  /// Keys in store network: this, instance (4 bytes), row number (8), big-endian. Values: a bit for each number.
  static constexpr char kPrefix = 's';

  enum class Verdict : std::uint8_t {
    fresh,
    repeated,  ///< the same (instance, incarnation, sequence) was there before
    stale,     ///< of an earlier incarnation, or older than all that is remembered
  };

  /// Judges a record and remembers it. An origin without an instance is always fresh.
  [[nodiscard]] Verdict take(const v1::Origin& origin, std::uint64_t offset);

  /// The newest incarnation of an instance, as far as it has written to this partition.
  [[nodiscard]] std::optional<std::uint32_t> incarnation_of(std::uint32_t instance) const;

  /// Fills in the instances and writes the rows that have changed since the last time.
  void save(v1::NetworkPartition& row, storage::Batch& out, std::uint32_t partition);
  /// Begins anew with the instances of a row, and then takes their rows one by one. False when it is no row of ours.
  [[nodiscard]] bool load(const v1::NetworkPartition& row);
  [[nodiscard]] bool load_row(std::string_view key, std::string_view value);
  [[nodiscard]] std::size_t instances() const noexcept { return instances_.size(); }
  /// How many rows there are of all instances.
  [[nodiscard]] std::size_t rows() const noexcept;

 private:
  using Numbers = std::array<std::uint64_t, kNumbers / 64>;
  struct Instance {
    std::uint32_t incarnation = 0;
    std::uint64_t seen_offset = 0;
    std::map<std::uint64_t, Numbers> rows = {};
  };
  using RowName = std::pair<std::uint32_t, std::uint64_t>;  ///< instance, row number

  void forget_the_most_silent();
  void forget_rows(std::uint32_t number, Instance& instance);
  [[nodiscard]] const Numbers* find_row(std::uint32_t number, std::uint64_t row) const;

  std::map<std::uint32_t, Instance> instances_;
  std::vector<RowName> changed_;  ///< with repeats; those that are gone are to be erased
};

}  // namespace lenne::network
