// lenne alert ack DEV_EUI RULE: somebody takes care of it.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"

namespace lenne::app {
namespace {

struct Options {
  ServerOptions server;
  std::string dev_eui;
  std::string rule;
  std::string actor;
  std::string note;
};

int run(const Options& options) {
  const auto client = options.server.client();
  if (!client) return refuse(client.error(), options.server.json);
  boost::json::object body;
  if (!options.actor.empty()) body["actor"] = options.actor;
  if (!options.note.empty()) body["note"] = options.note;
  const auto target =
      "/v1/alerts/" + encode_query(options.dev_eui) + "/" + encode_query(options.rule) + "/acknowledgement";
  const auto answer = client->request("POST", target, boost::json::serialize(body));
  if (!answer) return refuse(answer.error(), options.server.json);
  if (answer->status / 100 != 2) return refuse(error_of(*answer), options.server.json);
  if (options.server.json) {
    fmt::print("{}\n", answer->body);
  } else {
    fmt::print("{}\n", answer->status == 200 ? "acknowledged" : "written; it is not told yet");
  }
  return kDone;
}

}  // namespace

void add_alert(Command program) {
  const auto alert = program.subcommand("alert", "Take care of alerts; `lenne get alerts` shows them");
  auto options = std::make_shared<Options>();
  const auto command = alert.subcommand("ack", "Acknowledge an alert that is firing");
  command.value("dev_eui", options->dev_eui, "The device").required();
  command.value("rule", options->rule, "The rule, e.g. level-1; stale: that it is silent").required();
  command.value("--actor", options->actor, "Who takes care; default: operator");
  command.value("--note", options->note, "What is done about it");
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
