// lenne get KIND [NAME]: what is declared, and the alerts that come of it.

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
  // Nobody declares alerts; they come of what is declared.
  auto target = options.kind == "alerts" ? "/v1/alerts" : "/v1/objects/" + encode_query(options.kind);
  if (!options.name.empty()) target += "/" + encode_query(options.name);
  const auto answer = client->request("GET", target);
  if (!answer) return refuse(answer.error(), options.server.json);
  if (answer->status != 200) return refuse(error_of(*answer), options.server.json);
  fmt::print("{}\n", answer->body);
  return kDone;
}

}  // namespace

void add_get(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("get", "Show what is declared, or alerts");
  command
      .value("kind", options->kind,
             "tenant, site, gateway, device, profile, use_case, grant; alerts: what was told, what is open first")
      .required();
  command.value("name", options->name, "Name, gateway id or DevEUI (of an alert: DEV_EUI/RULE); all when absent");
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
