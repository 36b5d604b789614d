#include "app/stop_signal.hpp"

#include <csignal>

namespace lenne::app {
namespace {

volatile std::sig_atomic_t stopped = 0;

}  // namespace

void catch_stop_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { stopped = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // Beyond a limit of the file size a write is to fail, and be told of, as on a full disk.
  action.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &action, nullptr);
}

bool stop_requested() { return stopped != 0; }

}  // namespace lenne::app
