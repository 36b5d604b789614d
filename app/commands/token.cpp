// lenne token create|list|revoke: read tokens of tenants.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;

struct Options {
  ServerOptions server;
  std::string tenant;
  std::string name;
  std::string expires;
  std::string purpose;
  std::vector<std::string> devices;
  std::string id;
};

int call(const Options& options, const std::string& method, const std::string& target, const std::string& body = {}) {
  const auto client = options.server.client();
  if (!client) return refuse(client.error(), options.server.json);
  const auto answer = client->request(method, target, body);
  if (!answer) return refuse(answer.error(), options.server.json);
  if (answer->status / 100 != 2) return refuse(error_of(*answer), options.server.json);
  if (!answer->body.empty()) fmt::print("{}\n", answer->body);
  return kDone;
}

int create(const Options& options) {
  json::object body{{"tenant", options.tenant}, {"name", options.name}};
  if (!options.expires.empty()) body["expires"] = options.expires;
  if (!options.purpose.empty()) body["purpose"] = options.purpose;
  if (!options.devices.empty()) body["devices"] = json::array(options.devices.begin(), options.devices.end());
  return call(options, "POST", "/v1/tokens", json::serialize(body));
}

}  // namespace

void add_token(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("token", "Make, list and revoke read tokens of tenants");
  const auto create_command = command.subcommand("create", "Make a token; it is shown once");
  create_command.value("tenant", options->tenant, "Whose data it may read").required();
  create_command.value("name", options->name, "What it is for").required();
  create_command.value("--expires", options->expires, "RFC 3339 time after which it is refused");
  create_command.value("--purpose", options->purpose,
                       "What it reads of meters: billing (readings of key dates), leaks (findings), network (sums), "
                       "consent (all, of the devices named); without it all of its tenant");
  create_command
      .value("--device", options->devices, "With --purpose consent: a DevEUI whose customer agreed; once for each")
      .repeated();
  options->server.add_to(create_command);
  create_command.runs([options] { return create(*options); });
  const auto list_command = command.subcommand("list", "List tokens, without their secrets");
  options->server.add_to(list_command);
  list_command.runs([options] { return call(*options, "GET", "/v1/tokens"); });
  const auto revoke_command = command.subcommand("revoke", "Revoke a token at once");
  revoke_command.value("id", options->id, "Its id from the list").required();
  options->server.add_to(revoke_command);
  revoke_command.runs([options] { return call(*options, "DELETE", "/v1/tokens/" + encode_query(options->id)); });
}

}  // namespace lenne::app
