#pragma once
// Proves a data directory that no process holds: that all of it can be read, and that its parts agree.

#include <cstdint>
#include <filesystem>
#include <map>

#include "base/error.hpp"
#include "storage/faults.hpp"
#include "storage/log.hpp"

namespace lenne::app {

struct TopicContents {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;        ///< keys and values
  std::uint64_t last_values = 0;  ///< of a compacted topic
  storage::Offset first = 0;
  storage::Offset last = 0;
};

struct Verification {
  std::uint32_t partitions = 0;
  std::map<storage::Topic, TopicContents> topics;
  std::map<storage::Store, std::uint64_t> rows;
  storage::Faults faults;
};

/// Errors: directory_in_use, log_open, log_format; all that is wrong inside is a fault.
[[nodiscard]] base::Result<Verification> verify(const std::filesystem::path& data);

}  // namespace lenne::app
