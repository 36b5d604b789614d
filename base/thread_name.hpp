#pragma once
// Names of threads, for whoever looks at a running server: `top -H -p PID`, `perf top --sort comm`.

#include <string>

namespace lenne::base {

/// Names the calling thread. The kernel keeps 15 bytes; the rest is cut off. A thread without a name works as well, so
/// there is no error.
void name_this_thread(std::string name);

}  // namespace lenne::base
