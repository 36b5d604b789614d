#pragma once
// The simulated region: virtual devices and gateways that speak to a server over a backhaul, with radio loss, several
// copies of each frame, delay and duplicated datagrams.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "app/simulate/backhaul.hpp"
#include "app/simulate/region.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

namespace lenne::app::simulate {

struct SimulationOptions {
  std::filesystem::path truth;  ///< where to write what really happened; empty = nowhere
  double duplicated = 0.003;    ///< share of datagrams that arrive twice
  base::Duration backhaul_least = std::chrono::milliseconds{5};
  base::Duration backhaul_most = std::chrono::milliseconds{80};
  double early_share = 1;           ///< of the devices: begin at the start,
  base::Timestamp late_start = {};  ///< the others then
};

/// How long the last frames may take to arrive and to be acknowledged: the longest airtime, the backhaul, a slow disk.
inline constexpr base::Duration kDrain = std::chrono::seconds{4};

/// Counted since the start. Any thread may read.
struct SimulationTotals {
  std::atomic<std::uint64_t> joined{0};
  std::atomic<std::uint64_t> uplinks{0};  ///< heard by at least one gateway
  std::atomic<std::uint64_t> lost{0};     ///< heard by none
  std::atomic<std::uint64_t> datagrams{0};
  std::atomic<std::uint64_t> acknowledged{0};  ///< PUSH_ACKs of frames
  std::atomic<std::uint64_t> downlinks{0};
};

class Simulator {
 public:
  /// Its devices begin at `start`, or a share of them. The region must outlive it. Errors: truth_file, schema_refused.
  [[nodiscard]] static base::Result<std::unique_ptr<Simulator>> make(const Region& region,
                                                                     const SimulationOptions& options,
                                                                     base::Timestamp start);
  ~Simulator();

  /// Runs until `end`, or until `stop` says so (asked some times a second of simulated time), on a clock that the
  /// backhaul waits for. May be called again, with another backhaul and clock that go on where these ended. One thread.
  /// Error: of the backhaul.
  [[nodiscard]] base::Result<void> run(Backhaul& backhaul, const base::Clock& clock, base::Timestamp end,
                                       const std::function<bool()>& stop);
  /// No device sends any more; what is on its way arrives and is acknowledged. The end of a simulator.
  [[nodiscard]] base::Result<void> drain(Backhaul& backhaul, const base::Clock& clock);
  [[nodiscard]] const SimulationTotals& totals() const;

 private:
  struct Impl;
  explicit Simulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::app::simulate
