#pragma once
// SIGINT and SIGTERM as a flag.

namespace lenne::app {

/// From now on both signals only set the flag.
void catch_stop_signals();
[[nodiscard]] bool stop_requested();

}  // namespace lenne::app
