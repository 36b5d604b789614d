#pragma once
// Everything that was ever appended, in the order of the log, compacted topics with all their changes.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "storage/log.hpp"

namespace lenne::sim {

struct Recorded {
  storage::Topic topic;
  std::uint32_t partition;
  storage::Offset offset;
  base::Timestamp appended;
  std::string tenant;
  std::string key;
  std::string value;
  bool tombstone;

  [[nodiscard]] storage::Record view() const {
    return {topic, partition, offset, appended, tenant, key, value, tombstone};
  }
};

class Recorder {
 public:
  /// Reads what is new; on the first log from its beginning. One log at a time, each a later one on the same disk.
  [[nodiscard]] base::Result<void> drain(storage::Log& log);
  [[nodiscard]] const std::vector<Recorded>& records() const noexcept { return records_; }

 private:
  std::string position_;
  std::vector<Recorded> records_;
};

}  // namespace lenne::sim
