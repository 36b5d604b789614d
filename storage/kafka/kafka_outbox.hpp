#pragma once
// The target of an outbox on a Kafka cluster: the public topics, as log.type kafka writes them, each record with the
// header `lenne-position` (its offset in the log that is mirrored).
//
// A transaction holds records and one of the compacted topic int.outbox-position, whose value is
// "1 <log> <process> <position>": format, which log is mirrored, by which process, how far ("-": nothing yet). The
// first transaction of a process has only that. So no public record is older than the first position, and each is in
// the same transaction as the position after it.

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "storage/kafka/kafka_log.hpp"
#include "storage/outbox/outbox.hpp"

namespace lenne::storage {

class KafkaOutbox {
 public:
  /// `settings.outbox` is set. No name of `identity` has spaces. No broker is needed yet. Of several processes of a log
  /// the one that begins last goes on, the others are refused; so is a log that does not know who wrote last. The clock
  /// outlives it. Error: log_open (the library refuses a setting).
  [[nodiscard]] static Result<std::unique_ptr<OutboxTarget>> make(KafkaSettings settings, OutboxIdentity identity,
                                                                  const base::Clock& clock);
};

}  // namespace lenne::storage
