#pragma once
// The simulated region in real time: virtual devices and gateways that speak UDP to a server, with radio loss, several
// copies of each frame, backhaul delay and duplicated datagrams.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "app/settings.hpp"
#include "app/simulate/region.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

namespace lenne::app::simulate {

struct SimulationOptions {
  Address server{"127.0.0.1", 1700};
  base::Duration duration{0};   ///< 0 = until stopped
  std::filesystem::path truth;  ///< where to write what really happened; empty = nowhere
  double duplicated = 0.003;    ///< share of datagrams that arrive twice
  base::Duration backhaul_least = std::chrono::milliseconds{5};
  base::Duration backhaul_most = std::chrono::milliseconds{80};
};

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
  /// The region must outlive it. Errors: socket, truth_file, schema_refused.
  [[nodiscard]] static base::Result<std::unique_ptr<Simulator>> make(const Region& region,
                                                                     const SimulationOptions& options,
                                                                     const base::Clock& clock);
  ~Simulator();

  /// Runs until the duration has passed or `stop` says so (asked some times a second). One thread.
  void run(const std::function<bool()>& stop);
  [[nodiscard]] const SimulationTotals& totals() const;

 private:
  struct Impl;
  explicit Simulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::app::simulate
