#pragma once
// Families as column families of one RocksDB.

#include <rocksdb/db.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "storage/embedded/families.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::storage::embedded {

/// See Families.
class RocksDbFamilies final : public Families {
 public:
  /// Error: as RocksDbLog::open.
  [[nodiscard]] static base::Result<std::shared_ptr<RocksDbFamilies>> open(const RocksDbSettings& settings);
  /// As it lies on the disk, for reading only: nothing is changed, and nobody else may open it as long as this lives.
  /// Error: directory_in_use, log_open, log_format.
  [[nodiscard]] static base::Result<std::shared_ptr<const RocksDbFamilies>> open_to_read(const std::string& directory);
  ~RocksDbFamilies() override;
  RocksDbFamilies(const RocksDbFamilies&) = delete;
  RocksDbFamilies& operator=(const RocksDbFamilies&) = delete;

  std::unique_ptr<WriteSet> write_set() const override;
  base::Result<void> write(WriteSet& set) override;
  base::Result<void> sync() override;
  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  base::Result<void> scan(Family family, std::string_view from, std::string_view to, bool backwards,
                          const RowVisit& visit) const override;
  std::unique_ptr<GroupCursor> groups(Family family, std::uint64_t from) const override;
  base::Result<std::optional<std::uint64_t>> plan_drop(Family family, const GroupRule& old,
                                                       const GroupRule& seal) override;
  base::Result<std::uint64_t> drop(Family family, std::uint64_t last) override;
  std::uint64_t bytes(Family family) const override;
  base::Result<void> check() const override;

 private:
  struct File {
    int level;
    std::string name;
    std::string first;
    std::string last;
  };
  RocksDbFamilies() = default;
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<std::size_t>(family)];
  }
  [[nodiscard]] std::vector<File> files(Family family) const;
  [[nodiscard]] base::Result<void> seal_memory(Family family, const GroupRule& seal);

  std::shared_ptr<void> lock_;  ///< of who reads only; goes last
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_{};
  rocksdb::WriteOptions write_options_;
  bool flush_on_close_ = true;
  bool failed_ = false;  ///< the writer's
};

}  // namespace lenne::storage::embedded
