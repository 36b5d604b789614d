#pragma once
// What the conformance suite of the log stands on: what a back end gives it (a Harness), and how its tests read.
//
//   static constexpr bool kRetains;        deletes by age itself (Kafka's broker does it for the Kafka back end)
//   static constexpr bool kExactSnapshot;  a compacted topic's beginning holds each key once (else: last value wins)
//   static constexpr bool kGroups;         processes share the log, and go on when it was away for a while
//   static constexpr int kScriptInputs;    commits of the fault test, of which every operation is made to fail
//   Harness();                             an empty log with kPartitions partitions
//   storage::Log& log();
//   void reopen();                         as after a kill: nothing is flushed that a commit did not promise
//   void fail_operation(n);                the n-th operation of a write from now on fails; 0: none
//   base::ManualClock& clock();  base::Counters& counters();

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/random.hpp"
#include "storage/log.hpp"

namespace lenne::storage::conformance {

inline constexpr std::uint32_t kPartitions = 4;
inline constexpr std::size_t kBatchLimit = std::size_t{4} << 20;
inline const base::Timestamp kStart = base::from_us(1'790'000'000'000'000);

/// A record with bytes of its own.
struct Seen {
  Topic topic;
  std::uint32_t partition;
  Offset offset;
  std::string tenant, key, value;
  bool tombstone;
};

inline std::vector<Seen> copy(const Poll& poll) {
  std::vector<Seen> seen;
  for (const auto& r : poll.records) {
    seen.push_back(
        {r.topic, r.partition, r.offset, std::string(r.tenant), std::string(r.key), std::string(r.value), r.tombstone});
  }
  return seen;
}

/// Everything up to the end of the log.
inline std::vector<Seen> drain(Reader& reader, std::size_t most = 1000) {
  std::vector<Seen> all;
  for (;;) {
    auto poll = reader.poll_to_end(most);
    if (!poll) {
      ADD_FAILURE() << poll.error().code << ": " << poll.error().message;
      return all;
    }
    if (poll->records.empty() && poll->assigned.empty()) return all;
    for (auto& seen : copy(*poll)) all.push_back(std::move(seen));
  }
}

inline std::vector<std::string> values(const std::vector<Seen>& records) {
  std::vector<std::string> texts;
  for (const auto& record : records) texts.push_back(record.value);
  return texts;
}

inline std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  return texts;
}

/// What remains when later records of a key replace earlier ones. The key: tenant / key.
inline std::map<std::string, std::string> folded(const std::vector<Seen>& records) {
  std::map<std::string, std::string> map;
  for (const auto& record : records) {
    const auto key = record.tenant + "/" + record.key;
    if (record.tombstone) {
      map.erase(key);
    } else {
      map[key] = record.value;
    }
  }
  return map;
}

/// Offsets rise within each (topic, partition).
inline bool in_order(const std::vector<Seen>& records) {
  std::map<std::pair<Topic, std::uint32_t>, Offset> next;
  for (const auto& record : records) {
    auto& least = next[{record.topic, record.partition}];
    if (record.offset < least) return false;
    least = record.offset + 1;
  }
  return true;
}

template <typename Harness>
class LogConformance : public ::testing::Test {
 protected:
  Log& log() { return harness_.log(); }

  Committed append(const Batch& batch) {
    auto committed = log().append(batch);
    EXPECT_TRUE(committed.has_value()) << (committed ? "" : committed.error().message);
    return committed.value_or(Committed{});
  }
  void append_inputs(int from, int to, std::uint32_t partition = 0) {
    Batch batch;
    for (int i = from; i < to; ++i) batch.append(Topic::network_in, partition, "", "k", std::to_string(i));
    append(batch);
  }
  std::unique_ptr<Reader> reader(std::vector<Topic> topics, SeekTo to = {SeekTo::Where::beginning},
                                 std::string tenant = {}) {
    auto made = log().reader(std::move(topics), std::move(tenant));
    EXPECT_TRUE(made.has_value());
    const auto sought = (*made)->seek(to);
    EXPECT_TRUE(sought.has_value()) << (sought ? "" : sought.error().message);
    return std::move(*made);
  }
  std::unique_ptr<Consumer> consumer(const std::string& name, std::vector<Topic> topics,
                                     std::vector<std::uint32_t> partitions = {}) {
    auto made = log().consumer({name, std::move(topics), std::move(partitions)});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return std::move(*made);
  }
  std::unique_ptr<Consumer> own_consumer(const std::string& name, std::vector<Topic> topics) {
    auto made = log().consumer({name, std::move(topics), {}, ConsumerSpec::Sharing::everything});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return std::move(*made);
  }

  Harness harness_;
};

}  // namespace lenne::storage::conformance
