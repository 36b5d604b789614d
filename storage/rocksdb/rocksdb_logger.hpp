#pragma once
// Where RocksDB's own messages go.

#include <memory>

#include <rocksdb/env.h>

namespace lenne::storage::embedded {

/// Errors as lines on standard error. RocksDB's own way, a file LOG beside the data, ends the process when
/// the disk is full: its second failed write is an assertion (7.8, as Debian builds it). Any thread.
[[nodiscard]] std::shared_ptr<rocksdb::Logger> stderr_logger();

}  // namespace lenne::storage::embedded
