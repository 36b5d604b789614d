#pragma once
// The embedded log over any Families: offsets, visibility, readers, consumers, retention. One engine for memory and
// files.

#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/embedded/families.hpp"
#include "storage/embedded/settings.hpp"
#include "storage/log.hpp"

namespace lenne::storage::embedded {

/// Opens the log that the families hold, or makes one. Clock and counters outlive it.
/// Error: network_partitions (not between 1 and 256, or not the stored number), log_format (a newer version made it),
/// log_open (damage).
[[nodiscard]] Result<std::unique_ptr<Log>> open_log(std::shared_ptr<Families> families,
                                                    std::uint32_t network_partitions, const EmbeddedLimits& limits,
                                                    const base::Clock& clock, base::Counters& counters);

}  // namespace lenne::storage::embedded
