#pragma once
// Whether a data directory's results are what its log says: its records go once more through fresh processors in
// memory, and what these append is compared with what the directory holds, byte for byte.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "base/error.hpp"
#include "storage/log.hpp"

namespace lenne::app {

struct LogReplay {
  std::uint64_t records = 0;                      ///< that went through the processors
  std::map<storage::Topic, std::uint64_t> equal;  ///< appended records that are the same
  std::uint64_t equal_rows = 0;                   ///< of state
  std::vector<std::string> left_out;              ///< what could not be compared, and why
  std::optional<std::string> difference;          ///< the first one; nothing: equal
};

/// `settings` must be those that the server ran with; the number of partitions is the directory's own.
/// Errors: of the directory (directory_in_use, log_open, log_format, log_read), its key file, the device schemas, the
/// settings; a processor's fault.
[[nodiscard]] base::Result<LogReplay> replay_log(const Settings& settings, const std::filesystem::path& data);

}  // namespace lenne::app
