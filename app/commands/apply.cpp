// lenne apply PATH…: declares tenants, sites, gateways and devices from files; the same files again change nothing.

#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "app/documents.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;

/// The server takes 8 MiB at a time; a large region goes in portions.
constexpr std::size_t kPortion = 5'000;

struct Options {
  ServerOptions server;
  std::vector<std::filesystem::path> paths;
  bool dry_run = false;
};

std::string text_of(const json::value& value) {
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

void print_result(const json::object& result, bool with_changes) {
  const auto action = text_of(result.at("action"));
  if (action == "unchanged") return;
  fmt::print("{:9} {} {}", action, text_of(result.at("kind")), text_of(result.at("name")));
  if (const auto* reason = result.if_contains("reason"); reason != nullptr && reason->is_string())
    fmt::print(": {}", text_of(*reason));
  fmt::print("\n");
  const auto* changes = result.if_contains("changes");
  if (!with_changes || changes == nullptr || !changes->is_array()) return;
  for (const auto& change : changes->get_array()) {
    const auto& fields = change.as_object();
    fmt::print("            {}: {} -> {}\n", text_of(fields.at("field")), text_of(fields.at("from")),
               text_of(fields.at("to")));
  }
}

int run(const Options& options) {
  const auto client = options.server.client();
  if (!client) return refuse(client.error(), options.server.json);
  const auto documents = read_documents(options.paths);
  if (!documents) return refuse(documents.error(), options.server.json);

  std::map<std::string, std::size_t> totals;
  for (std::size_t begin = 0; begin < documents->size(); begin += kPortion) {
    const auto end = std::min(begin + kPortion, documents->size());
    const json::array portion(documents->begin() + begin, documents->begin() + end);
    const auto answer =
        client->request("POST", options.dry_run ? "/v1/apply?dry_run=true" : "/v1/apply", json::serialize(portion));
    if (!answer) return refuse(answer.error(), options.server.json);
    if (answer->status != 200) return refuse(error_of(*answer), options.server.json);
    if (options.server.json) fmt::print("{}\n", answer->body);
    try {
      const auto body = json::parse(answer->body);  // a range-for would not keep it
      for (const auto& result : body.as_object().at("results").as_array()) {
        ++totals[text_of(result.as_object().at("action"))];
        if (!options.server.json) print_result(result.as_object(), options.dry_run);
      }
    } catch (const std::exception& problem) {
      return refuse({"http", fmt::format("the server's answer makes no sense: {}", problem.what())},
                    options.server.json);
    }
  }
  if (!options.server.json) {
    fmt::print("{}{} documents:", options.dry_run ? "dry run, " : "", documents->size());
    for (const auto& [action, count] : totals) fmt::print(" {} {}", count, action);
    fmt::print("\n");
  }
  return totals["refused"] == 0 ? kDone : kRefused;
}

}  // namespace

void add_apply(Command program) {
  auto options = std::make_shared<Options>();
  const auto command =
      program.subcommand("apply", "Declare tenants, sites, gateways and devices from YAML and CSV files");
  command.value("paths", options->paths, "Files, or folders of them").required().existing();
  command.flag("--dry-run", options->dry_run, "Only show what would change");
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
