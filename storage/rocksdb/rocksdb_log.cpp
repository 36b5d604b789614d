#include "storage/rocksdb/rocksdb_log.hpp"

#include "storage/embedded/embedded_log.hpp"
#include "storage/rocksdb/rocksdb_families.hpp"

namespace lenne::storage {

Result<std::unique_ptr<Log>> RocksDbLog::open(RocksDbSettings settings, const base::Clock& clock,
                                              base::Counters& counters) {
  auto families = embedded::RocksDbFamilies::open(settings);
  if (!families) return std::unexpected(families.error());
  return embedded::open_log(std::move(*families), settings.network_partitions, settings.limits, clock, counters);
}

Result<std::shared_ptr<embedded::Families>> RocksDbLog::families(const RocksDbSettings& settings) {
  return embedded::RocksDbFamilies::open(settings);
}

Result<std::unique_ptr<embedded::Inspection>> RocksDbLog::inspect(const std::string& directory) {
  auto families = embedded::RocksDbFamilies::open_to_read(directory);
  if (!families) return std::unexpected(families.error());
  return embedded::Inspection::open(std::move(*families));
}

}  // namespace lenne::storage
