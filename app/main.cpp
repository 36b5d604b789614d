// The program: one explicit list of commands.

#include <google/protobuf/stubs/logging.h>

#include "app/commands/command.hpp"

int main(int argc, char** argv) {
  using namespace lenne::app;
  // Bytes from outside that are no message are counted or told where they are read; the library need not complain on
  // its own.
  google::protobuf::SetLogHandler(nullptr);
  CommandLine line("lenne", "Lenne: LoRaWAN network server and stream processor for a region", LENNE_VERSION);
  for (const auto add :
       {add_serve, add_demo, add_apply, add_get, add_alert, add_events, add_downlink, add_query, add_report, add_frame,
        add_decode, add_encode, add_simulate, add_token, add_topics, add_verify, add_replay, add_backfill}) {
    add(line.root());
  }
  return line.run(argc, argv);
}
