#pragma once
// Confluent's Schema Registry: registers the schemas of tenants' topics, and says under which ids records name them.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/http_client.hpp"
#include "app/settings.hpp"
#include "base/counters.hpp"
#include "base/error.hpp"
#include "storage/kafka/kafka_log.hpp"

namespace google::protobuf {
class FileDescriptor;
}

namespace lenne::app {

/// One thread at a time.
class SchemaRegistry {
 public:
  /// Registers each file of .proto under a subject of its own name, what it imports first. Waits for a registry that is
  /// away, up to a minute. Errors: schema_registry (it is away, refuses a schema, or answers what is no answer;
  /// names subject and reason), settings_value (the address, the password file).
  [[nodiscard]] static base::Result<std::shared_ptr<SchemaRegistry>> open(const Settings& settings);

  [[nodiscard]] const storage::SchemaIds& ids() const noexcept { return ids_; }
  /// Registers the schema of each topic under "<topic>-value"; a registry that is away is not waited for. Errors as
  /// open; also schema_registry when a topic's id is not that of its schema's file.
  [[nodiscard]] base::Result<void> add(const std::vector<storage::SchemaTopic>& topics);

 private:
  using File = google::protobuf::FileDescriptor;
  struct Registered {
    std::int32_t id;
    std::int32_t version;
  };

  explicit SchemaRegistry(HttpClient client) : client_(std::move(client)) {}
  [[nodiscard]] base::Result<void> add_file(const File& file);
  [[nodiscard]] base::Result<std::int32_t> add_subject(const std::string& subject, const File& file) const;
  [[nodiscard]] base::Result<std::string> ask(const std::string& method, const std::string& target,
                                              const std::string& subject, const std::string& body) const;
  [[nodiscard]] std::string body_of(const File& file) const;

  HttpClient client_;
  std::map<const File*, Registered> files_;
  storage::SchemaIds ids_;
  int tries_ = 6;  ///< of a registry that is away; with pauses that double
};

/// Gives `kafka` the ids of the settings' registry, and the registry the topics of its tenants; nothing when there is
/// none. Counter: schema_registry.errors, tenants' topics whose schemas it did not take. Errors as open.
[[nodiscard]] base::Result<void> use_schema_registry(const Settings& settings, storage::KafkaSettings& kafka,
                                                     base::Counters* counters);

}  // namespace lenne::app
