#include "storage/rocksdb/rocksdb_options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include "storage/embedded/families.hpp"
#include "storage/rocksdb/rocksdb_logger.hpp"

namespace lenne::storage::embedded {
namespace {

rocksdb::ColumnFamilyOptions common(const RocksDbSettings& settings) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = settings.write_buffer;
  options.max_write_buffer_number = 2;
  options.arena_block_size = std::size_t{256} << 10;  // eight families: their empty buffers shall stay small
  options.compaction_style = rocksdb::kCompactionStyleLevel;
  options.level_compaction_dynamic_level_bytes = true;
  options.ttl = 0;  // nothing is rewritten because a wall clock says so
  options.periodic_compaction_seconds = 0;
  return options;
}

rocksdb::BlockBasedTableOptions table(const std::shared_ptr<rocksdb::Cache>& cache, std::size_t block_size) {
  rocksdb::BlockBasedTableOptions options;
  options.block_cache = cache;
  options.block_size = block_size;
  options.cache_index_and_filter_blocks = true;  // else they grow with the data, outside any bound
  options.cache_index_and_filter_blocks_with_high_priority = true;
  options.pin_l0_filter_and_index_blocks_in_cache = true;
  options.format_version = 5;
  return options;
}

/// Append-only keys: a file never overlaps another one, so compaction only ever moves it down.
rocksdb::ColumnFamilyOptions log_options(const RocksDbSettings& settings,
                                         const std::shared_ptr<rocksdb::Cache>& cache) {
  auto options = common(settings);
  options.level0_file_num_compaction_trigger = 1;  // DeleteFilesInRange does not look at level 0
  options.target_file_size_base = std::uint64_t{64} << 20;
  options.compression = rocksdb::kZSTD;
  options.compression_opts.level = 1;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table(cache, std::size_t{16} << 10)));
  return options;
}

rocksdb::ColumnFamilyOptions row_options(const RocksDbSettings& settings,
                                         const std::shared_ptr<rocksdb::Cache>& cache) {
  auto options = common(settings);
  options.target_file_size_base = std::uint64_t{16} << 20;
  options.max_bytes_for_level_base = std::uint64_t{64} << 20;
  // Rows are written and deleted at a few places of a family: new panes, old panes. A file that reached from one to the
  // other would be merged with all that lies between them.
  options.max_compaction_bytes = std::uint64_t{64} << 20;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.bottommost_compression_opts.enabled = true;
  options.bottommost_compression_opts.level = 1;  // the library's own, 3, takes half of what merging costs
  auto rows = table(cache, std::size_t{8} << 10);
  rows.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(rows));
  return options;
}

}  // namespace

rocksdb::DBOptions database_options(const RocksDbSettings& settings) {
  rocksdb::DBOptions options;
  if (settings.env != nullptr) options.env = settings.env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_total_wal_size = settings.wal_limit;
  options.max_open_files = settings.max_open_files;
  options.max_background_jobs = 2;
  // A torn end is what a kill leaves behind: the log reopens to what was whole.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.avoid_flush_during_recovery = true;  // a start after a kill shall not wait for files to be written
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true;
  options.max_bgerror_resume_count = 0;             // after an error nothing goes on by itself
  options.allow_concurrent_memtable_write = false;  // one thread writes: the commit queue's leader
  options.enable_write_thread_adaptive_yield = false;
  options.bytes_per_sync = std::uint64_t{1} << 20;  // a flush shall not make a commit's sync wait for its megabytes
  options.max_manifest_file_size = std::size_t{16} << 20;
  options.info_log = stderr_logger();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_options(const RocksDbSettings& settings) {
  // The library's 64 shards would have 512 KiB each: an index and its filter push each other out, and each scan reads
  // and decompresses them anew.
  constexpr int kShardBits = 2;
  const auto cache = rocksdb::NewLRUCache(settings.block_cache, kShardBits);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    const bool log = family == Family::log_7 || family == Family::log_60 || family == Family::log_400;
    auto options = log ? log_options(settings, cache) : row_options(settings, cache);
    if (family == Family::pane) {
      // Each file of level 0 has panes of all partitions, so merging them rewrites level 1: the more at once, the less
      // often. They are seldom read: what is not final yet is in the windows' memory.
      options.level0_file_num_compaction_trigger = 10;
      // They live for weeks, are merged several times and deleted: to pack them tighter costs more than it saves.
      options.bottommost_compression = rocksdb::kLZ4Compression;
      // Panes go in the order of time: files of mostly deleted ones are cleaned early.
      options.table_properties_collector_factories.push_back(
          rocksdb::NewCompactOnDeletionCollectorFactory(32768, 16384));
    }
    families.emplace_back(std::string(kFamilyNames[i]), options);
  }
  return families;
}

}  // namespace lenne::storage::embedded
