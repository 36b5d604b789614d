// The program: one explicit list of commands.

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include "app/commands/command.hpp"

int main(int argc, char** argv) {
  using namespace lenne::app;
  CLI::App app{"Lenne: LoRaWAN network server and stream processor for a region", "lenne"};
  app.set_version_flag("--version", LENNE_VERSION);
  app.require_subcommand(1);
  // Bytes from outside that are no message are counted or told where they are read; the library need not complain on its own.
  google::protobuf::SetLogHandler(nullptr);
  Outcome outcome;
  for (const auto add : {add_serve, add_demo, add_apply, add_get, add_events, add_downlink, add_query, add_frame, add_decode, add_simulate, add_token, add_verify, add_replay}) {
    add(app, outcome);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& problem) {
    app.exit(problem);
    return kWrongUsage;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "lenne: {}\n", problem.what());
    return kRefused;
  }
  return outcome.exit_code;
}
