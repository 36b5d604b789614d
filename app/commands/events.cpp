// lenne events: what happened to devices, one JSON object a line.

#include <cstdio>

#include <fmt/format.h>

#include "app/commands/command.hpp"

namespace lenne::app {
namespace {

struct Options {
  ServerOptions server;
  bool follow = false;
  std::string type;
  std::string tenant;
  std::string from;
};

std::string query_of(const Options& options, const std::string& from) {
  auto query = "?from=" + encode_query(from);
  if (!options.type.empty()) query += "&type=" + encode_query(options.type);
  if (!options.tenant.empty()) query += "&tenant=" + encode_query(options.tenant);
  return query;
}

int run(const Options& options) {
  const auto client = options.server.client();
  if (!client) return refuse(client.error(), options.server.json);
  if (options.follow) {
    const auto ended = client->follow("/v1/live" + query_of(options, options.from.empty() ? "now" : options.from),
                                      [](const std::string& line) {
                                        fmt::print("{}\n", line);
                                        return std::fflush(stdout) == 0;
                                      });
    return ended ? kDone : refuse(ended.error(), options.server.json);
  }
  // Page by page until the end of the log as it is now.
  for (std::string from = options.from.empty() ? "beginning" : options.from;;) {
    const auto answer = client->request("GET", "/v1/events" + query_of(options, from));
    if (!answer) return refuse(answer.error(), options.server.json);
    if (answer->status != 200) return refuse(error_of(*answer), options.server.json);
    if (answer->body.empty()) return kDone;
    fmt::print("{}", answer->body);
    const auto next = answer->headers.find("lenne-position");
    if (next == answer->headers.end() || next->second == from) return kDone;
    from = next->second;
  }
}

}  // namespace

void add_events(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("events", "Show what happened to devices, one JSON object a line");
  command.flag("--follow", options->follow, "Go on when the present end is reached");
  command.value("--type", options->type, "join,uplink,reception,ack,txack,status,log; all when absent");
  command.value("--tenant", options->tenant, "Only this tenant's");
  command.value("--from", options->from,
                "beginning, now, or the position of an event; default: beginning, with --follow: now");
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
