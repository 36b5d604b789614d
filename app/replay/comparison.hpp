#pragma once
// Records that processors append, against those that a directory holds, in their order.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::app {

/// One thread.
class Comparison {
 public:
  /// Records of this topic are compared; of others nothing is kept.
  void compare(storage::Topic topic) { topics_.insert(topic); }
  [[nodiscard]] bool compares(storage::Topic topic) const { return topics_.contains(topic); }

  /// What a processor appended because of the record at `cause`. `stage` names the processor: several may write to one
  /// topic, each in its own order.
  void expect(int stage, const storage::Batch& batch, storage::Offset cause);
  /// What the directory holds. Does nothing when a difference was found.
  void found(int stage, const storage::Record& record);
  /// The same for records that others write among ours: one that is not expected is one of theirs.
  void found_among_others(int stage, const storage::Record& record);
  /// When all was found.
  void finish();

  [[nodiscard]] const std::map<storage::Topic, std::uint64_t>& equal() const noexcept { return equal_; }
  [[nodiscard]] const std::optional<std::string>& difference() const noexcept { return difference_; }
  void differ(std::string what) {
    if (!difference_) difference_ = std::move(what);
  }

 private:
  struct Expected {
    storage::Offset cause;
    std::string tenant;
    std::string key;
    std::string value;
    bool tombstone;

    [[nodiscard]] bool is(const storage::Record& record) const {
      return tenant == record.tenant && key == record.key && value == record.value && tombstone == record.tombstone;
    }
  };
  using Queue = std::deque<Expected>;
  using Place = std::tuple<int, storage::Topic, std::uint32_t>;

  std::set<storage::Topic> topics_;
  std::map<Place, Queue> expected_;
  std::map<storage::Topic, std::uint64_t> equal_;
  std::optional<std::string> difference_;
};

}  // namespace lenne::app
