#pragma once
// Reading: snapshot of the compacted topics, then the log from a position on. Shared by readers and consumers.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/embedded/engine.hpp"
#include "storage/embedded/group.hpp"
#include "storage/embedded/position.hpp"

namespace lenne::storage::embedded {

/// One thread.
class Tail {
 public:
  /// Of these partitions (ascending) of these topics; of one tenant unless it is empty. Stands at the end.
  Tail(const Engine& engine, std::vector<Topic> topics, std::vector<std::uint32_t> partitions, std::string tenant);

  /// As Reader::poll. `strict`: it is an error (bad_position) when records that were not read are deleted.
  [[nodiscard]] Result<Poll> poll(Duration patience, std::size_t most, bool strict);
  [[nodiscard]] Result<void> seek(const SeekTo& to);

  [[nodiscard]] Position beginning() const;
  [[nodiscard]] const std::vector<Position>& positions() const noexcept { return positions_; }
  [[nodiscard]] const std::vector<std::uint32_t>& partitions() const noexcept { return partitions_; }
  [[nodiscard]] TopicSet topics() const noexcept { return topic_set_; }
  /// Where a reader stands that has done `handled`, the first records of the last poll, and no more.
  [[nodiscard]] std::vector<Position> positions_after(std::span<const Record> handled) const;
  void stand_at(std::uint32_t partition, const Position& position) { positions_[partition] = position; }
  [[nodiscard]] std::string text() const { return to_text(positions_, partitions_); }

 private:
  struct Kept;  ///< what a poll's records point to
  struct Gather {
    Poll poll;
    std::shared_ptr<Kept> kept;
    std::size_t most;
    std::size_t bytes = 0;
    [[nodiscard]] bool full(std::size_t limit) const { return poll.records.size() >= most || bytes >= limit; }
  };

  [[nodiscard]] bool lost(const Position& position) const;
  [[nodiscard]] Result<void> read_snapshot(Gather& gather);
  [[nodiscard]] Result<bool> read_snapshot_of(std::uint32_t partition, const TopicInfo& info, Gather& gather);
  [[nodiscard]] Result<Offset> read_log(Gather& gather);
  [[nodiscard]] Result<Offset> read_families(Offset from, Offset end, Gather& gather);
  /// Takes what is wanted of a group; returns one after the last offset that is done.
  [[nodiscard]] Result<Offset> take(Offset start, std::string_view bytes,
                                    const std::function<std::shared_ptr<const std::string>()>& keep,
                                    Gather& gather) const;
  [[nodiscard]] Offset wanted_from(const Label& label) const;
  void advance(Offset offset);

  const Engine& engine_;
  const std::vector<Topic> topics_;
  const std::vector<std::uint32_t> partitions_;
  const std::string tenant_;
  TopicSet topic_set_ = 0;
  unsigned classes_ = 0;        ///< a bit for each class that it reads
  unsigned plain_classes_ = 0;  ///< … and that has topics without snapshot among them
  bool compacted_ = false;
  std::vector<bool> own_;
  std::vector<Position> positions_;  ///< by partition of the log
  std::vector<Position> before_;     ///< where the records of the last poll began
  WrittenGroup unfinished_ = {};     ///< of the files, in which the last poll ended: it is not unpacked for each poll
};

}  // namespace lenne::storage::embedded
