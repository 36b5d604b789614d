#include "app/schema_registry.hpp"

#include <thread>
#include <utility>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <spdlog/spdlog.h>
#include <boost/json.hpp>

#include "app/access_token.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/command.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/measurement.pb.h"

namespace lenne::app {
namespace {

namespace json = boost::json;
using base::Result;
using google::protobuf::FileDescriptor;

constexpr std::chrono::seconds kAnswer{5};
constexpr std::chrono::milliseconds kFirstPause{500};

std::unexpected<base::Error> failed(const std::string& subject, const std::string& why) {
  return base::fail("schema_registry", fmt::format("log.schema_registry: {}: {}", subject, why));
}

Result<HttpClient> client_of(const Settings& settings) {
  const auto& registry = settings.log.schema_registry;
  std::string password;
  if (!registry.username.empty()) {
    auto secret = read_secret(registry.password_file);
    if (!secret) return base::fail("settings_value", "log.schema_registry.password_file: " + secret.error().message);
    password = std::move(*secret);
  }
  auto client = HttpClient::connect_as(registry.url, registry.username, password, kAnswer);
  if (!client) return base::fail("settings_value", "log.schema_registry.url: " + client.error().message);
  return client;
}

/// The number of a field in an answer.
Result<std::int32_t> number_in(const std::string& answer, std::string_view field, const std::string& subject) {
  json::error_code error;
  const auto value = json::parse(answer, error);
  const auto* object = error ? nullptr : value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(field);
  const auto* number = found == nullptr ? nullptr : found->if_int64();
  if (number == nullptr || *number < 0 || *number > INT32_MAX)
    return failed(subject, fmt::format("the answer has no {}: {}", field, answer.substr(0, 200)));
  return static_cast<std::int32_t>(*number);
}

/// What a registry says of itself, or the status.
std::string reason_of(const HttpResponse& answer) {
  json::error_code error;
  const auto value = json::parse(answer.body, error);
  const auto* object = error ? nullptr : value.if_object();
  const auto* message = object == nullptr ? nullptr : object->if_contains("message");
  const auto said =
      message != nullptr && message->is_string() ? std::string(message->get_string()) : answer.body.substr(0, 200);
  switch (answer.status) {
    case 401:
    case 403:
      return fmt::format("it does not let us in ({}): {}", answer.status, said);
    case 409:
      return "the schema is not compatible with what is registered there: " + said;
    case 422:
      return "it refuses the schema: " + said;
    default:
      return fmt::format("it answers {}: {}", answer.status, said);
  }
}

const FileDescriptor& file_of(storage::Topic topic) {
  switch (topic) {
    case storage::Topic::measurement:
      return *v1::Measurement::descriptor()->file();
    case storage::Topic::aggregate:
      return *v1::Aggregate::descriptor()->file();
    case storage::Topic::alert:
      return *v1::Alert::descriptor()->file();
    case storage::Topic::command:
      return *v1::DownlinkCommand::descriptor()->file();
    default:
      return *v1::DeviceEvent::descriptor()->file();
  }
}

}  // namespace

Result<std::shared_ptr<SchemaRegistry>> SchemaRegistry::open(const Settings& settings) {
  auto client = client_of(settings);
  if (!client) return std::unexpected(client.error());
  std::shared_ptr<SchemaRegistry> registry(new SchemaRegistry(std::move(*client)));
  const std::pair<storage::Topic, std::int32_t storage::SchemaIds::*> ids[] = {
      {storage::Topic::event, &storage::SchemaIds::event},
      {storage::Topic::measurement, &storage::SchemaIds::measurement},
      {storage::Topic::aggregate, &storage::SchemaIds::aggregate},
      {storage::Topic::alert, &storage::SchemaIds::alert},
      {storage::Topic::command, &storage::SchemaIds::command}};
  for (const auto& [topic, id] : ids) {
    const auto& file = file_of(topic);
    if (auto added = registry->add_file(file); !added) return std::unexpected(added.error());
    registry->ids_.*id = registry->files_.at(&file).id;
  }
  registry->tries_ = 1;
  return registry;
}

Result<void> SchemaRegistry::add(const std::vector<storage::SchemaTopic>& topics) {
  for (const auto& [topic, source] : topics) {
    const auto& file = file_of(source);
    const auto id = add_subject(topic + "-value", file);
    if (!id) return std::unexpected(id.error());
    if (const auto known = files_.at(&file).id; *id != known)
      return failed(topic + "-value",
                    fmt::format("its id is {}, that of the same schema as {} is {}", *id, file.name(), known));
  }
  return {};
}

Result<void> SchemaRegistry::add_file(const File& file) {
  if (files_.contains(&file)) return {};
  for (int i = 0; i < file.dependency_count(); ++i) {
    if (auto added = add_file(*file.dependency(i)); !added) return added;
  }
  const auto id = add_subject(file.name(), file);
  if (!id) return std::unexpected(id.error());
  // Registering says the id; which version that is must be asked for.
  const auto looked_up = ask("POST", "/subjects/" + encode_query(file.name()), file.name(), body_of(file));
  if (!looked_up) return std::unexpected(looked_up.error());
  const auto version = number_in(*looked_up, "version", file.name());
  if (!version) return std::unexpected(version.error());
  files_.emplace(&file, Registered{*id, *version});
  return {};
}

Result<std::int32_t> SchemaRegistry::add_subject(const std::string& subject, const File& file) const {
  const auto answer = ask("POST", "/subjects/" + encode_query(subject) + "/versions", subject, body_of(file));
  if (!answer) return std::unexpected(answer.error());
  return number_in(*answer, "id", subject);
}

Result<std::string> SchemaRegistry::ask(const std::string& method, const std::string& target,
                                        const std::string& subject, const std::string& body) const {
  std::string why;
  for (auto [tries, pause] = std::pair{1, kFirstPause};; ++tries, pause *= 2) {
    const auto answer = client_.request(method, target, body);
    if (answer && answer->status == 200) return answer->body;
    const bool away = !answer || answer->status >= 500 || answer->status == 429;
    why = answer ? reason_of(*answer) : answer.error().message;
    if (!away || tries >= tries_) return failed(subject, why);
    std::this_thread::sleep_for(pause);
  }
}

std::string SchemaRegistry::body_of(const File& file) const {
  json::array references;
  for (int i = 0; i < file.dependency_count(); ++i) {
    const auto& name = file.dependency(i)->name();
    references.push_back(
        json::object{{"name", name}, {"subject", name}, {"version", files_.at(file.dependency(i)).version}});
  }
  return json::serialize(
      json::object{{"schemaType", "PROTOBUF"}, {"schema", file.DebugString()}, {"references", std::move(references)}});
}

Result<void> use_schema_registry(const Settings& settings, storage::KafkaSettings& kafka, base::Counters* counters) {
  if (settings.log.schema_registry.url.empty()) return {};
  auto opened = SchemaRegistry::open(settings);
  if (!opened) return std::unexpected(opened.error());
  kafka.schema_ids = (*opened)->ids();
  kafka.register_schemas = [registry = *opened, counters](const std::vector<storage::SchemaTopic>& topics) {
    auto added = registry->add(topics);
    if (!added && counters != nullptr) {
      counters->count("schema_registry.errors");
      spdlog::error("{} ({})", added.error().message, added.error().code);
    }
    return added;
  };
  return {};
}

}  // namespace lenne::app
