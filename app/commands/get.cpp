// lenne get KIND [NAME]: what is declared.

#include <cstdio>

#include <fmt/format.h>

#include "app/commands/command.hpp"

namespace lenne::app {
namespace {

struct Options {
  ServerOptions server;
  std::string kind;
  std::string name;
};

int run(const Options& options) {
  const auto client = options.server.client();
  if (!client) return refuse(client.error(), options.server.json);
  auto target = "/v1/objects/" + encode_query(options.kind);
  if (!options.name.empty()) target += "/" + encode_query(options.name);
  const auto answer = client->request("GET", target);
  if (!answer) return refuse(answer.error(), options.server.json);
  if (answer->status != 200) return refuse(error_of(*answer), options.server.json);
  fmt::print("{}\n", answer->body);
  return kDone;
}

}  // namespace

void add_get(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("get", "Show what is declared");
  command->add_option("kind", options->kind, "tenant, site, gateway, device, profile, use_case, grant")->required();
  command->add_option("name", options->name, "Name, gateway id or DevEUI; all when absent");
  options->server.add_to(*command);
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace lenne::app
