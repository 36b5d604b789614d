#pragma once
// What every command of the program shares. Exit codes: 0 done, 1 refused with a reason, 2 wrong usage.

#include <memory>
#include <string>

#include "app/commands/arguments.hpp"
#include "app/http_client.hpp"
#include "base/error.hpp"

namespace lenne::app {

/// The options of commands that talk to a server: --server, --token, also from LENNE_SERVER and LENNE_TOKEN.
struct ServerOptions {
  std::string server = "http://127.0.0.1:8080";
  std::string token;
  bool json = false;

  void add_to(Command command);
  [[nodiscard]] base::Result<HttpClient> client() const { return HttpClient::connect_to(server, token); }
};

/// Prints a reason to standard error, as JSON to standard output when asked for; returns kRefused.
int refuse(const base::Error& error, bool json);

/// The reason in an HTTP answer that is not 2xx.
[[nodiscard]] base::Error error_of(const HttpResponse& response);

// Each adds one subcommand; what it does runs when the command line was parsed.
void add_serve(Command program);
void add_demo(Command program);
void add_downlink(Command program);
void add_apply(Command program);
void add_alert(Command program);
void add_get(Command program);
void add_events(Command program);
void add_query(Command program);
void add_report(Command program);
void add_frame(Command program);
void add_decode(Command program);
void add_encode(Command program);
void add_simulate(Command program);
void add_token(Command program);
void add_topics(Command program);
void add_verify(Command program);
void add_replay(Command program);
void add_backfill(Command program);

}  // namespace lenne::app
