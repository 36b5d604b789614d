// lenne downlink DEV_EUI F_PORT HEX: asks for a downlink to a device.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"

namespace lenne::app {
namespace {

struct Options {
  ServerOptions server;
  std::string dev_eui;
  unsigned f_port = 0;
  std::string payload;
  bool confirmed = false;
};

int run(const Options& options) {
  const auto client = options.server.client();
  if (!client) return refuse(client.error(), options.server.json);
  const boost::json::object body{
      {"f_port", options.f_port}, {"payload", options.payload}, {"confirmed", options.confirmed}};
  const auto target = "/v1/devices/" + encode_query(options.dev_eui) + "/downlinks";
  const auto answer = client->request("POST", target, boost::json::serialize(body));
  if (!answer) return refuse(answer.error(), options.server.json);
  if (answer->status / 100 != 2) return refuse(error_of(*answer), options.server.json);
  if (options.server.json) {
    fmt::print("{}\n", answer->body);
  } else {
    fmt::print("queued; `lenne events --type ack,txack,log --follow` shows what becomes of it\n");
  }
  return kDone;
}

}  // namespace

void add_downlink(Command program) {
  auto options = std::make_shared<Options>();
  const auto command =
      program.subcommand("downlink", "Send bytes to a device: class A after its next uplink, class C at once");
  command.value("dev_eui", options->dev_eui, "The device").required();
  command.value("f_port", options->f_port, "1 to 224").required();
  command.value("payload", options->payload, "Hex, in clear; may be empty").required();
  command.flag("--confirmed", options->confirmed, "The device has to acknowledge it");
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
