#pragma once
// SIGINT and SIGTERM as a flag.

namespace lenne::app {

/// From now on both signals only set the flag, and a write beyond RLIMIT_FSIZE is an error (no SIGXFSZ).
void catch_stop_signals();
[[nodiscard]] bool stop_requested();

}  // namespace lenne::app
