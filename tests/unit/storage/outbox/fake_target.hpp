#pragma once
// A target in memory, which takes transactions as a cluster does, and fails as one does.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/outbox/outbox.hpp"

namespace lenne::storage::testing {

/// What stays when processes come and go. One writer at a time.
struct FakeCluster {
  struct Kept {
    Topic topic;
    std::uint32_t partition;
    Offset offset;
    std::string tenant, key, value;
    bool tombstone;
  };
  std::vector<Kept> records;
  std::optional<std::string> position;
  bool away = false;

  /// A transaction whose outcome its writer was not told: begin() of the next one ends it.
  struct Open {
    std::vector<Kept> records;
    std::string position;
    bool taken;
  };
  std::optional<Open> open;
};

class FakeTarget final : public OutboxTarget {
 public:
  /// What becomes of the next commit.
  enum class Fault : std::uint8_t {
    none,
    lost,             ///< it never arrives
    taken_untold,     ///< it is taken, and the answer is lost
    undecided_taken,  ///< it is open until the next begin, and was taken
    undecided_lost,   ///< … and was not
  };

  explicit FakeTarget(FakeCluster& cluster) : cluster_(cluster) {}

  void fail_next(Fault fault) { fault_ = fault; }
  void refuse(bool refuse) { refuse_ = refuse; }
  /// A cluster that takes only so many records at once.
  void take_at_most(std::size_t most) { at_most_ = most; }
  [[nodiscard]] std::size_t largest() const { return largest_; }
  [[nodiscard]] std::size_t commits() const { return commits_; }

  Result<std::optional<std::string>> begin() override {
    added_.clear();
    if (refuse_) return base::fail("outbox_refused", "as told");
    if (cluster_.away) return base::fail("log_unavailable", "away");
    if (auto open = std::exchange(cluster_.open, {}); open && open->taken)
      take(std::move(open->records), open->position);
    return cluster_.position;
  }
  std::size_t add(std::span<const Record> records) override {
    for (const auto& r : records) {
      if (r.value == "tick") continue;
      added_.push_back({r.topic, r.partition, r.offset, std::string(r.tenant), std::string(r.key), std::string(r.value),
                        r.tombstone});
    }
    return added_.size();
  }
  Result<void> commit(std::string_view position) override {
    ++commits_;
    auto records = std::exchange(added_, {});
    const auto fault = std::exchange(fault_, Fault::none);
    if (cluster_.away || records.size() > at_most_) return base::fail("interrupted", "away, or too much");
    largest_ = std::max(largest_, records.size());
    switch (fault) {
      case Fault::none:
        take(std::move(records), std::string(position));
        return {};
      case Fault::taken_untold:
        take(std::move(records), std::string(position));
        break;
      case Fault::undecided_taken:
      case Fault::undecided_lost:
        cluster_.open = {std::move(records), std::string(position), fault == Fault::undecided_taken};
        break;
      case Fault::lost:
        break;
    }
    return base::fail("interrupted", "as told");
  }

 private:
  void take(std::vector<FakeCluster::Kept> records, const std::string& position) {
    for (auto& record : records) cluster_.records.push_back(std::move(record));
    cluster_.position = position;
  }

  FakeCluster& cluster_;
  std::vector<FakeCluster::Kept> added_;
  Fault fault_ = Fault::none;
  bool refuse_ = false;
  std::size_t at_most_ = static_cast<std::size_t>(-1);
  std::size_t largest_ = 0;
  std::size_t commits_ = 0;
};

}  // namespace lenne::storage::testing
