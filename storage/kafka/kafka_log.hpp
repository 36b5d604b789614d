#pragma once
// The same log on Kafka: topics are topics, a commit is one transaction, state is a changelog topic. It passes
// the conformance suite against a real broker, and one process can run on it.
//
// Its limits: a consumer is assigned its partitions by hand (no group rebalance); state lives in memory and is rebuilt
// from the changelog when the log is opened; per-tenant topics are one topic with the tenant in a header; `appended` is
// the broker's clock in milliseconds; retention is the broker's own, set on the topics, so that `retain` has nothing to
// do; an append that was not acknowledged may have been taken; a compacted topic's beginning holds older values, too.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/log.hpp"

namespace lenne::storage {

struct KafkaSettings {
  std::string bootstrap;          ///< host:port[,host:port…]
  std::string prefix = "lenne.";  ///< of every topic and group
  std::string instance = "1";     ///< part of the transactional.id: one per process that lives at a time
  std::uint32_t network_partitions = 16;
  std::int16_t replication = 1;
  std::size_t batch_bytes = std::size_t{16} << 20;  ///< a larger batch is refused (too_large) and counted
  /// Tests: called before each request of a write ("begin", "produce", "offsets", "commit"); true makes it fail.
  std::function<bool(const char* request)> fault = {};
};

class KafkaLog {
 public:
  /// Makes missing topics and loads the state. Error: log_open (the broker does not answer, or refuses),
  /// network_partitions (the topics have another number of partitions; names both).
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(KafkaSettings settings, const base::Clock& clock,
                                                         base::Counters& counters);
};

}  // namespace lenne::storage
