#pragma once
// Families as maps in memory, and the faults that tests inject.

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "storage/embedded/families.hpp"
#include "storage/memory/memory_log.hpp"

namespace lenne::storage::embedded {

/// See Families. A scan holds the map that it found; a write that meets a held map goes on with a copy of it.
class MemoryFamilies final : public Families {
 public:
  MemoryFamilies();

  void fail_write(std::uint64_t n, MemoryDisk::Fault fault);
  [[nodiscard]] std::uint64_t writes() const;
  /// After a failed write the disk takes no more writes until it is opened again.
  void reopen();

  std::unique_ptr<WriteSet> write_set() const override;
  base::Result<void> write(WriteSet& set) override;
  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  base::Result<void> scan(Family family, std::string_view from, std::string_view to, bool backwards,
                          const RowVisit& visit) const override;
  std::unique_ptr<GroupCursor> groups(Family family, std::uint64_t from) const override;
  base::Result<std::optional<std::uint64_t>> plan_drop(Family family, const GroupRule& old,
                                                       const GroupRule& seal) override;
  base::Result<std::uint64_t> drop(Family family, std::uint64_t last) override;
  base::Result<void> check() const override { return {}; }
  std::uint64_t bytes(Family family) const override;

 private:
  friend class MemoryCursor;
  using Map = std::map<std::string, std::shared_ptr<const std::string>, std::less<>>;
  [[nodiscard]] std::shared_ptr<const Map> hold(Family family) const;
  void release(std::shared_ptr<const Map> map) const;
  /// The map to write to. The caller holds the lock.
  [[nodiscard]] Map& own(Family family);

  mutable std::mutex mutex_;
  std::array<std::shared_ptr<Map>, kFamilies> maps_;
  std::uint64_t writes_ = 0;
  std::uint64_t fail_at_ = 0;
  MemoryDisk::Fault fault_ = MemoryDisk::Fault::before;
  bool broken_ = false;
};

}  // namespace lenne::storage::embedded
