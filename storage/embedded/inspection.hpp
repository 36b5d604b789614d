#pragma once
// An embedded log looked at without its engine: every row that is there, and whether the rows agree with each other.
// Nothing is written.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/embedded/families.hpp"
#include "storage/embedded/registry.hpp"
#include "storage/faults.hpp"
#include "storage/log.hpp"

namespace lenne::storage::embedded {

/// One thread. What cannot be read is a fault; what can be read is visited all the same.
class Inspection {
 public:
  /// The views end with the call.
  using RecordVisit = std::function<void(const Record&)>;
  using StateVisit =
      std::function<void(Store store, std::uint32_t partition, std::string_view key, std::string_view value)>;

  /// Error: log_open (no log, or the rows that say what it is are damaged), log_format (of another version), log_read.
  [[nodiscard]] static Result<std::unique_ptr<Inspection>> open(std::shared_ptr<const Families> families);

  [[nodiscard]] std::uint32_t network_partitions() const noexcept { return partitions_; }
  /// What is below it is deleted.
  [[nodiscard]] Offset begin(Retention retention) const noexcept {
    return begins_[static_cast<std::size_t>(retention)];
  }
  /// One after the newest record: known after read_records.
  [[nodiscard]] Offset end() const noexcept { return end_; }

  /// Reads every block of every file. Fault: one that is damaged.
  void read_files(Faults& faults) const;
  /// Reads all groups of all classes in the order of their offsets. Faults: a group or record that cannot be read, a
  /// label of no topic, partition or of another class, offsets that overlap or are missing, a compacted topic's last
  /// value that is not what its changes say.
  void read_records(Faults& faults, const RecordVisit& visit);
  /// Reads the last values of the compacted topics; after read_records. Faults: a row that cannot be read, one whose
  /// change should be in the log and is not.
  void read_last_values(Faults& faults, const RecordVisit& visit);
  /// Reads where the consumers stand; after read_records. Faults: a row that cannot be read, a consumer after the end
  /// of the log, one that would miss what is deleted.
  void read_positions(Faults& faults);
  /// Reads all rows of all stores. Faults: a row of no store or partition.
  void read_state(Faults& faults, const StateVisit& visit) const;

  /// The committed position of a consumer's partition; after read_positions.
  [[nodiscard]] std::optional<Position> position(const std::string& consumer, std::uint32_t partition) const {
    return consumers_.position(consumer, partition);
  }
  /// Error: log_read.
  [[nodiscard]] Result<std::optional<std::string>> get(Store store, std::uint32_t partition,
                                                       std::string_view key) const;

 private:
  class Changes;
  Inspection(std::shared_ptr<const Families> families, std::uint32_t partitions);
  void read_group(std::size_t retention, const GroupCursor& cursor, Changes& changes, Faults& faults,
                  const RecordVisit& visit);
  void check_start(Offset start, std::size_t retention, Faults& faults) const;
  void check_position(const std::string& consumer, std::uint32_t topics, const Position& position,
                      Faults& faults) const;

  std::shared_ptr<const Families> families_;
  std::uint32_t partitions_;
  std::array<Offset, kRetentions> begins_{};
  Offset end_ = 0;
  Registry consumers_;
  std::vector<bool>
      last_;  ///< by offset - begin of the compacted topics' class: changes that made a last value, not met yet
};

}  // namespace lenne::storage::embedded
