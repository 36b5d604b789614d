#pragma once
// Which gateways operators have declared, followed from topic control. Unknown ones are refused before their JSON is
// read.

#include <cstddef>
#include <memory>
#include <unordered_set>
#include <vector>

#include "base/counters.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "storage/log.hpp"

namespace lenne::ingest {

/// One thread.
class GatewayDirectory {
 public:
  /// At most `capacity` gateways; more are counted under `ingest.gateways.overflow` and stay unknown.
  GatewayDirectory(storage::Log& log, base::Counters& counters, std::size_t capacity)
      : log_(log), counters_(counters), capacity_(capacity) {}

  /// Reads everything that the topic holds now. Error: of the log.
  [[nodiscard]] base::Result<void> load();
  /// Reads what is new and here, without waiting; the gateways that were removed. Error: of the log (nothing is
  /// forgotten then).
  [[nodiscard]] base::Result<std::vector<base::GatewayId>> refresh();
  [[nodiscard]] bool contains(base::GatewayId gateway) const { return known_.contains(gateway); }
  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

 private:
  void apply(const storage::Poll& poll, std::vector<base::GatewayId>& removed);

  storage::Log& log_;
  base::Counters& counters_;
  const std::size_t capacity_;
  std::unique_ptr<storage::Reader> reader_;
  std::unordered_set<base::GatewayId> known_;
};

}  // namespace lenne::ingest
