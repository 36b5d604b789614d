#pragma once
// A simulated region's past: lived through in this process, into a data directory, as fast as it can be computed. The
// same devices, radio, datagrams and code of the server as over UDP; only time is set instead of waited for.

#include <functional>

#include "app/settings.hpp"
#include "app/simulate/region.hpp"
#include "app/simulate/simulator.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

namespace lenne::app::simulate {

struct HistoryOptions {
  base::Timestamp from;
  /// Where to stop sending, given the simulated time; asked again when it is reached, so that it may follow a clock.
  std::function<base::Timestamp()> until;
  double repeat_share = 0;  ///< of all datagrams: come twice
  base::Duration quiet{0};  ///< after that no device sends, and windows close for so long
  std::function<bool()> stop = [] { return false; };
};

/// Declares the region and lives through the time. The data directory must be new; its settings are those of the server
/// that will go on with it. Errors: of make_new_directory, the server and the documents.
[[nodiscard]] base::Result<void> live_through(const Settings& settings, const Region& region, Simulator& simulator,
                                              const HistoryOptions& options);

}  // namespace lenne::app::simulate
