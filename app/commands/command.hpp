#pragma once
// What every command of the program shares. Exit codes: 0 done, 1 refused with a reason, 2 wrong usage.

#include <string>

#include <CLI/CLI.hpp>

#include "app/http_client.hpp"
#include "base/error.hpp"

namespace lenne::app {

inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kWrongUsage = 2;

/// What a command leaves behind: its exit code.
struct Outcome {
  int exit_code = kDone;
};

/// The options of commands that talk to a server: --server, --token, also from LENNE_SERVER and LENNE_TOKEN.
struct ServerOptions {
  std::string server = "http://127.0.0.1:8080";
  std::string token;
  bool json = false;

  void add_to(CLI::App& command);
  [[nodiscard]] base::Result<HttpClient> client() const { return HttpClient::connect_to(server, token); }
};

/// Prints a reason to standard error, as JSON to standard output when asked for; returns kRefused.
int refuse(const base::Error& error, bool json);

/// The reason in an HTTP answer that is not 2xx.
[[nodiscard]] base::Error error_of(const HttpResponse& response);

// Each adds one subcommand; what it does runs when the command line was parsed.
void add_serve(CLI::App& app, Outcome& outcome);
void add_demo(CLI::App& app, Outcome& outcome);
void add_downlink(CLI::App& app, Outcome& outcome);
void add_apply(CLI::App& app, Outcome& outcome);
void add_get(CLI::App& app, Outcome& outcome);
void add_events(CLI::App& app, Outcome& outcome);
void add_query(CLI::App& app, Outcome& outcome);
void add_frame(CLI::App& app, Outcome& outcome);
void add_decode(CLI::App& app, Outcome& outcome);
void add_simulate(CLI::App& app, Outcome& outcome);
void add_token(CLI::App& app, Outcome& outcome);
void add_verify(CLI::App& app, Outcome& outcome);
void add_replay(CLI::App& app, Outcome& outcome);

}  // namespace lenne::app
