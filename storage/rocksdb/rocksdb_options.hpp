#pragma once
// How the families are tuned. Reasons stand beside the values.

#include <rocksdb/db.h>

#include <vector>

#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::storage::embedded {

[[nodiscard]] rocksdb::DBOptions database_options(const RocksDbSettings& settings);
/// One for each Family, in their order.
[[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> family_options(const RocksDbSettings& settings);

}  // namespace lenne::storage::embedded
