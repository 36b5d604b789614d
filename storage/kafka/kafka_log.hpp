#pragma once
// The same log on Kafka, for a region that outgrows one machine: topics are topics, a commit is one transaction, state
// is a changelog topic and, on each process's own disk, a copy of it. Processes share the work by consumer groups.
//
// Its limits: `appended` is the broker's clock in
// milliseconds; retention is the broker's own, set on the topics, so that `retain` has nothing to do; an append that
// was not acknowledged may have been taken; a compacted topic's beginning holds older values, too.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/embedded/families.hpp"
#include "storage/log.hpp"

namespace lenne::storage {

/// By which records of tenants' topics name their schema.
struct SchemaIds {
  std::int32_t event = 1;  ///< these numbers are part of the contract: never use one again
  std::int32_t measurement = 2;
  std::int32_t aggregate = 3;
  std::int32_t command = 4;
  std::int32_t alert = 5;
};

/// A topic of a tenant, and the topic whose messages it has.
struct SchemaTopic {
  std::string topic;
  Topic messages;
};

/// What a process shows instead of a password (SASL mechanism OAUTHBEARER).
struct KafkaToken {
  std::string value;
  std::string principal;        ///< whose it is
  std::int64_t expires_ms = 0;  ///< since 1970; another one is asked for at four fifths of its time
};

struct KafkaSettings {
  std::string bootstrap;          ///< host:port[,host:port…]
  std::string prefix = "lenne.";  ///< of every topic, group and transaction
  /// Names this process among those that share the work, from the first start of its local state on: one at a time may
  /// live under a name. No spaces.
  std::string fresh_instance = "1";
  std::uint32_t network_partitions = 16;
  std::int16_t replication = 1;
  std::size_t batch_bytes = std::size_t{16} << 20;  ///< a larger batch is refused (too_large) and counted
  std::vector<std::string> consumers = {"network", "windows", "rollups"};  ///< whose changelogs there are
  std::vector<std::string> followed = {};  ///< changelogs that this process copies although others own them
  bool public_topics = true;  ///< topics of a tenant's own: copies of what its devices do, and what it asks of them
  bool json = false;          ///< beside the copies the same as JSON, which `render` makes
  /// A record of event or aggregate as the API's JSON; nothing when it has none, and then there is no copy. Any thread.
  std::function<std::optional<std::string>(Topic topic, std::string_view value)> render = {};
  bool outbox = false;  ///< the cluster is not the log, only the target of an outbox: it has no topics but for that
  SchemaIds schema_ids = {};
  /// Called with the topics of tenants when they are made or found, by one thread at a time: registers their schemas.
  /// An error refuses the start; of a tenant that comes later it is let pass, since the ids are known.
  std::function<base::Result<void>(const std::vector<SchemaTopic>& topics)> register_schemas = {};
  std::vector<std::pair<std::string, std::string>> client = {};  ///< librdkafka's own settings: TLS, SASL
  /// For OAUTHBEARER: called by threads of librdkafka, by several at a time. Bounded by itself: closing waits for it.
  /// After an error it is called again ten seconds later.
  std::function<Result<KafkaToken>()> token = {};
  /// Tests: called before each request of a write ("begin", "produce", "offsets", "commit"); true makes it fail.
  std::function<bool(const char* request)> fault = {};
};

/// The topics of a cluster. One thread.
class KafkaTopics {
 public:
  struct Planned {
    std::string name;
    std::uint32_t partitions;
    std::vector<std::pair<std::string, std::string>> settings;
    std::string tenant;      ///< empty: Lenne's own
    std::uint32_t existing;  ///< partitions that it has; 0: it is not there
  };
  /// Error: log_open, log_access, log_tls, bad_tenant.
  [[nodiscard]] static Result<std::vector<Planned>> plan(const KafkaSettings& settings,
                                                         const std::vector<std::string>& tenants);
  /// Makes those that are missing, and registers the schemas of the tenants'. Error: as plan, network_partitions; of
  /// register_schemas.
  [[nodiscard]] static Result<void> make(const KafkaSettings& settings, const std::vector<std::string>& tenants);
};

class KafkaLog {
 public:
  /// Makes missing topics. Waits up to 15 s for a broker. `local` holds this process's copy of the state and nothing
  /// else; its writes need no sync. Error: log_open (the broker does not answer, or refuses; or the local state is
  /// another cluster's), log_access (no broker believes who this is, or no token is to be had), log_tls (no trust
  /// between this and the broker), network_partitions (the topics have another number of partitions; names both). While
  /// the broker is away, appends fail with log_unavailable, commits with interrupted, and all goes on when it is back.
  /// failure() says when the local disk takes nothing any more.
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(KafkaSettings settings,
                                                         std::shared_ptr<embedded::Families> local,
                                                         const base::Clock& clock, base::Counters& counters);
};

}  // namespace lenne::storage
