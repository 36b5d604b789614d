#pragma once
// Follows event topics record by record, with a position after each record (a log's own positions are per poll).

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "storage/log.hpp"

namespace lenne::api {

/// A position is "<the reader's token>~<topic>.<partition>:<offset>,…": go to the token, then leave out what was
/// already seen of each partition. It holds whatever the order in which a reader mixes partitions, and for any tenant.
/// One thread.
class EventSource {
 public:
  /// `from`: beginning, now, or a position. `tenant` empty: all. Error: bad_position, log_read.
  [[nodiscard]] static base::Result<EventSource> open(storage::Log& log, std::vector<storage::Topic> topics,
                                                      std::string tenant, std::string_view from);

  /// Goes to the end of the log as it is now. Error: log_read.
  [[nodiscard]] base::Result<void> to_end();

  /// `arrived`: what is here already; never waits. `end`: what the log has now, wherever that is.
  enum class Until : std::uint8_t { arrived, end };
  /// Hands at most `most` records to `visit`, which returns false to stop after the record it was given. Returns how
  /// many were handed over; 0 = there are no more.
  [[nodiscard]] base::Result<std::size_t> take(Until until, std::size_t most,
                                               const std::function<bool(const storage::Record& record)>& visit);
  /// After the last record that was handed over.
  [[nodiscard]] std::string position() const;

 private:
  using Place = std::pair<std::uint8_t, std::uint32_t>;  // topic, partition

  explicit EventSource(std::unique_ptr<storage::Reader> reader) : reader_(std::move(reader)) {}
  [[nodiscard]] bool already_seen(const storage::Record& record);

  std::unique_ptr<storage::Reader> reader_;
  std::string base_;  // the reader's position before poll_
  storage::Poll poll_ = {};
  std::size_t next_ = 0;                          // in poll_
  std::map<Place, storage::Offset> seen_ = {};    // since base_
  std::map<Place, storage::Offset> resume_ = {};  // from the position that was given, not reached yet
};

}  // namespace lenne::api
