// lenne topics plan|apply: the topics of a cluster, and who may do what with them.

#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "app/kafka_settings.hpp"
#include "app/schema_registry.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;
using storage::KafkaTopics;

struct Options {
  std::string config;
  std::vector<std::string> assignments;
  std::vector<std::string> tenants;
  bool json = false;
};

/// Prefixes end in a dot: who may read lenne.t.menden. may not read lenne.t.menden-stadtwerke.
std::vector<std::string> rights_of(const storage::KafkaSettings& settings, const std::vector<std::string>& tenants) {
  std::vector<std::string> rights;
  for (const auto* const kind : {"topic", "group", "transactional-id"})
    rights.push_back(
        fmt::format("--allow-principal User:lenne --operation All --{} '{}' --resource-pattern-type prefixed", kind,
                    settings.prefix));
  for (const auto& tenant : tenants) {
    rights.push_back(
        fmt::format("--allow-principal User:{0} --operation Read --operation Describe --topic '{1}t.{0}.' "
                    "--resource-pattern-type prefixed",
                    tenant, settings.prefix));
    rights.push_back(fmt::format("--allow-principal User:{0} --operation Write --topic '{1}t.{0}.command.v1'", tenant,
                                 settings.prefix));
    rights.push_back(fmt::format(
        "--allow-principal User:{0} --operation Read --group '{0}.' --resource-pattern-type prefixed", tenant));
  }
  return rights;
}

void print_json(const std::vector<KafkaTopics::Planned>& topics, const std::vector<std::string>& rights) {
  json::array rows;
  for (const auto& topic : topics) {
    json::object settings;
    for (const auto& [name, value] : topic.settings) settings[name] = value;
    rows.push_back(json::object{{"topic", topic.name},
                                {"tenant", topic.tenant.empty() ? json::value() : json::value(topic.tenant)},
                                {"partitions", topic.partitions},
                                {"existing_partitions", topic.existing},
                                {"settings", std::move(settings)}});
  }
  fmt::print("{}\n", json::serialize(json::object{{"topics", std::move(rows)}, {"acls", json::value_from(rights)}}));
}

void print_text(const std::vector<KafkaTopics::Planned>& topics, const std::vector<std::string>& rights) {
  std::size_t width = 0;
  std::uint32_t partitions = 0;
  for (const auto& topic : topics) width = std::max(width, topic.name.size());
  for (const auto& topic : topics) {
    std::vector<std::string> settings;
    for (const auto& [name, value] : topic.settings) settings.push_back(name + "=" + value);
    partitions += topic.partitions;
    const auto* const state = topic.existing == 0                  ? "to be made"
                              : topic.existing == topic.partitions ? "there"
                                                                   : "OTHER NUMBER OF PARTITIONS";
    fmt::print("{:{}} {:>4}  {:10}  {}\n", topic.name, width, topic.partitions, state, fmt::join(settings, " "));
  }
  fmt::print("\n{} topics, {} partitions. On a cluster with ACLs (kafka-acls.sh --add …):\n", topics.size(),
             partitions);
  for (const auto& right : rights) fmt::print("  {}\n", right);
}

int run(const Options& options, bool apply) {
  const auto settings = read_settings(options.config, options.assignments);
  if (!settings) return refuse(settings.error(), options.json);
  const bool mirrored = settings->log.type == Settings::LogType::rocksdb && !settings->outbox.brokers.empty();
  const std::string_view name = mirrored ? "outbox" : "log";
  auto kafka = mirrored ? outbox_settings_of(*settings) : kafka_settings_of(*settings);
  if (!kafka) return refuse(kafka.error(), options.json);
  if (apply) {
    if (!mirrored) {
      if (auto registered = use_schema_registry(*settings, *kafka, nullptr); !registered)
        return refuse(registered.error(), options.json);
    }
    if (auto made = KafkaTopics::make(*kafka, options.tenants); !made)
      return refuse(name_settings(made.error(), name), options.json);
  }
  const auto topics = KafkaTopics::plan(*kafka, options.tenants);
  if (!topics) return refuse(name_settings(topics.error(), name), options.json);
  options.json ? print_json(*topics, rights_of(*kafka, options.tenants))
               : print_text(*topics, rights_of(*kafka, options.tenants));
  return kDone;
}

void declare(Command command, const std::shared_ptr<Options>& options, bool apply) {
  command.value("--config", options->config, "A YAML file with settings, as serve reads it").existing_file();
  command.value("--set", options->assignments, "key=value; wins over the file").repeated();
  command.value("--tenant", options->tenants, "Whose topics, too; several: once for each").repeated();
  command.flag("--json", options->json, "Print JSON");
  command.runs([options, apply] { return run(*options, apply); });
}

}  // namespace

void add_topics(Command program) {
  const auto command = program.subcommand("topics", "The topics on a Kafka cluster, and who may do what with them");
  declare(command.subcommand("plan", "List the topics, their settings, and what is there"), std::make_shared<Options>(),
          false);
  declare(command.subcommand("apply", "Make those that are missing"), std::make_shared<Options>(), true);
}

}  // namespace lenne::app
