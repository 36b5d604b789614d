#include "app/new_directory.hpp"

#include <fmt/format.h>

#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::app {

bool is_new_directory(const std::filesystem::path& data) {
  std::error_code problem;
  return !std::filesystem::exists(data, problem) || std::filesystem::is_empty(data, problem);
}

base::Result<NewDirectory> make_new_directory(const std::filesystem::path& data, std::uint32_t network_partitions,
                                              const base::Clock& clock, base::Counters& counters) {
  if (!is_new_directory(data))
    return base::fail("directory_not_empty",
                      fmt::format("{}: what is made anew needs an empty directory", data.string()));
  std::error_code problem;
  std::filesystem::create_directories(data, problem);
  if (!problem) std::filesystem::permissions(data, std::filesystem::perms::owner_all, problem);
  if (problem) return base::fail("data", fmt::format("{}: {}", data.string(), problem.message()));
  return reopen_directory(data, network_partitions, clock, counters);
}

base::Result<NewDirectory> reopen_directory(const std::filesystem::path& data, std::uint32_t network_partitions,
                                            const base::Clock& clock, base::Counters& counters) {
  auto vault = base::crypto::KeyVault::open_or_create(data / "kek");
  if (!vault) return std::unexpected(vault.error());
  storage::RocksDbSettings rocksdb;
  rocksdb.directory = (data / "log").string();
  rocksdb.network_partitions = network_partitions;
  rocksdb.sync = false;
  // Rows change often while time flies, and are read again: they are written to files seldom.
  rocksdb.wal_limit = std::size_t{256} << 20;
  rocksdb.write_buffer = std::size_t{64} << 20;
  rocksdb.block_cache = std::size_t{128} << 20;
  auto log = storage::RocksDbLog::open(std::move(rocksdb), clock, counters);
  if (!log) return std::unexpected(log.error());
  return NewDirectory{std::move(*log), std::move(*vault)};
}

}  // namespace lenne::app
