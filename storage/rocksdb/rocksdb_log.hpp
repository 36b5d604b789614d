#pragma once
// The log and its state in one RocksDB: one process, one data directory, one sync per commit. The default back end.
// What lies where: storage/embedded/families.hpp.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/embedded/families.hpp"
#include "storage/embedded/inspection.hpp"
#include "storage/embedded/settings.hpp"
#include "storage/log.hpp"

namespace rocksdb {
class Env;
}

namespace lenne::storage {

struct RocksDbSettings {
  std::string directory;                  ///< made with mode 0700 when absent; its own, nothing else lies in it
  std::uint32_t network_partitions = 16;  ///< 1 to 256, fixed when the directory is made
  bool sync = true;                       ///< each commit reaches the disk before it returns; false: only the kernel
  std::size_t wal_limit = std::size_t{24} << 20;     ///< bounds the work after a kill: some 10 ms a MiB
  std::size_t write_buffer = std::size_t{16} << 20;  ///< per family; all together are bounded by wal_limit
  std::size_t block_cache = std::size_t{32} << 20;   ///< shared by all families, indexes included
  int max_open_files = 512;
  bool flush_on_close = true;  ///< a clean end leaves no log to replay
  EmbeddedLimits limits = {};
  rocksdb::Env* env = nullptr;  ///< tests: a file system that fails; outlives the log
};

class RocksDbLog {
 public:
  /// Opens or makes the log. The clock stamps records and bounds waits; clock and counters outlive the log.
  /// Error: directory_in_use (another process has it), network_partitions (made with another number; names both),
  /// log_format (made by a newer version), log_open (I/O, damage; says what).
  /// After a write has failed, all later writes fail with the same error (log_write or disk_full), reads go on, and
  /// nothing that was acknowledged is lost; a new start continues from what is on the disk.
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(RocksDbSettings settings, const base::Clock& clock,
                                                         base::Counters& counters);
  /// Only the ordered maps below it, for another back end's local state. Error as open.
  [[nodiscard]] static Result<std::shared_ptr<embedded::Families>> families(const RocksDbSettings& settings);
  /// The log as it lies in a directory, to be looked at. Nothing is changed, and nobody can open it meanwhile.
  /// Error: directory_in_use, log_open, log_format.
  [[nodiscard]] static Result<std::unique_ptr<embedded::Inspection>> inspect(const std::string& directory);
};

}  // namespace lenne::storage
