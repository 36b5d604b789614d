#pragma once
// What a benchmark's process has used, background work of all its threads too.

#include <sys/resource.h>

namespace lenne::bench {

/// Seconds of processor time since the process began.
inline double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto s = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return s(usage.ru_utime) + s(usage.ru_stime);
}

}  // namespace lenne::bench
