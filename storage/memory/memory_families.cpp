#include "storage/memory/memory_families.hpp"

#include <utility>
#include <vector>

namespace lenne::storage::embedded {
namespace {

class MemoryWriteSet final : public WriteSet {
 public:
  struct Change {
    Family family;
    std::string key;
    std::shared_ptr<const std::string> value;  ///< null: erased
  };
  void put(Family family, std::string_view key, std::string_view value) override {
    changes.push_back({family, std::string(key), std::make_shared<const std::string>(value)});
  }
  void erase(Family family, std::string_view key) override { changes.push_back({family, std::string(key), nullptr}); }
  void clear() override { changes.clear(); }

  std::vector<Change> changes;
};

}  // namespace

/// Looks each group up anew: groups are only ever added behind it or deleted before it.
class MemoryCursor final : public GroupCursor {
 public:
  MemoryCursor(const MemoryFamilies& families, Family family, std::uint64_t from)
      : families_(families), family_(family) {
    const std::lock_guard lock(families_.mutex_);
    const auto& map = *families_.maps_[static_cast<std::size_t>(family_)];
    auto at = map.upper_bound(be64(from));
    // The group before may reach over `from`; the reader drops what is below.
    if (at != map.begin()) --at;
    stand(map, at);
  }
  bool valid() const override { return value_ != nullptr; }
  std::uint64_t start() const override { return read_be64(key_); }
  std::shared_ptr<const std::string> value() const override { return value_; }
  std::string_view peek() const override { return *value_; }
  void next() override {
    const std::lock_guard lock(families_.mutex_);
    const auto& map = *families_.maps_[static_cast<std::size_t>(family_)];
    stand(map, map.upper_bound(key_));
  }
  base::Result<void> status() const override { return {}; }

 private:
  void stand(const MemoryFamilies::Map& map, MemoryFamilies::Map::const_iterator at) {
    value_ = at == map.end() ? nullptr : at->second;
    if (value_) key_ = at->first;
  }

  const MemoryFamilies& families_;
  const Family family_;
  std::string key_;
  std::shared_ptr<const std::string> value_;
};

MemoryFamilies::MemoryFamilies() {
  for (auto& map : maps_) map = std::make_shared<Map>();
}

void MemoryFamilies::fail_write(std::uint64_t n, MemoryDisk::Fault fault) {
  const std::lock_guard lock(mutex_);
  fail_at_ = n == 0 ? 0 : writes_ + n;
  fault_ = fault;
}

std::uint64_t MemoryFamilies::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

void MemoryFamilies::reopen() {
  const std::lock_guard lock(mutex_);
  broken_ = false;
}

std::unique_ptr<WriteSet> MemoryFamilies::write_set() const { return std::make_unique<MemoryWriteSet>(); }

base::Result<void> MemoryFamilies::write(WriteSet& set) {
  const std::lock_guard lock(mutex_);
  ++writes_;
  const bool fails = writes_ == fail_at_;
  if (broken_ || (fails && fault_ == MemoryDisk::Fault::before)) {
    broken_ = true;
    return base::fail("log_write", "injected fault");
  }
  for (auto& change : static_cast<MemoryWriteSet&>(set).changes) {
    auto& map = own(change.family);
    if (change.value) {
      map.insert_or_assign(std::move(change.key), std::move(change.value));
    } else {
      map.erase(change.key);
    }
  }
  if (!fails) return {};
  broken_ = true;
  return base::fail("log_write", "injected fault after the write");
}

base::Result<std::optional<std::string>> MemoryFamilies::get(Family family, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto& map = *maps_[static_cast<std::size_t>(family)];
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(*found->second);
}

base::Result<void> MemoryFamilies::scan(Family family, std::string_view from, std::string_view to, bool backwards,
                                        const RowVisit& visit) const {
  auto map = hold(family);
  const auto first = map->lower_bound(from);
  const auto last = to.empty() ? map->end() : map->lower_bound(to);
  if (!backwards) {
    for (auto at = first; at != last && visit(at->first, *at->second); ++at) {
    }
  } else {
    for (auto at = last; at != first;) {
      --at;
      if (!visit(at->first, *at->second)) break;
    }
  }
  release(std::move(map));
  return {};
}

std::unique_ptr<GroupCursor> MemoryFamilies::groups(Family family, std::uint64_t from) const {
  return std::make_unique<MemoryCursor>(*this, family, from);
}

base::Result<std::optional<std::uint64_t>> MemoryFamilies::plan_drop(Family family, const GroupRule& old,
                                                                     const GroupRule& /*seal*/) {
  const std::lock_guard lock(mutex_);
  std::optional<std::uint64_t> last;
  for (const auto& [key, value] : *maps_[static_cast<std::size_t>(family)]) {
    const auto start = read_be64(key);
    if (!old(start, *value)) break;
    last = start;
  }
  return last;
}

base::Result<std::uint64_t> MemoryFamilies::drop(Family family, std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  auto& map = own(family);
  const auto before = map.size();
  map.erase(map.begin(), map.upper_bound(be64(last)));
  return before - map.size();
}

std::uint64_t MemoryFamilies::bytes(Family /*family*/) const { return 0; }

std::shared_ptr<const MemoryFamilies::Map> MemoryFamilies::hold(Family family) const {
  const std::lock_guard lock(mutex_);
  return maps_[static_cast<std::size_t>(family)];
}

void MemoryFamilies::release(std::shared_ptr<const Map> map) const {
  const std::lock_guard lock(mutex_);  // orders the last read of the map before a writer's look at its count
  map.reset();
}

MemoryFamilies::Map& MemoryFamilies::own(Family family) {
  auto& map = maps_[static_cast<std::size_t>(family)];
  if (map.use_count() > 1) map = std::make_shared<Map>(*map);
  return *map;
}

}  // namespace lenne::storage::embedded
