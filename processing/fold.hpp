#pragma once
// Results from panes: the same code computes finals when a window closes and provisional results when somebody reads.

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/aggregates/engine.hpp"
#include "processing/pane.hpp"
#include "processing/window_settings.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

struct PaneReader;

/// One series' result in a window.
struct SeriesResult {
  Window window;
  DefinitionPtr definition;
  PanePtr newest;  ///< names tenant, site, device and nominal interval
  aggregates::Folded folded;
  std::uint64_t left_out = 0;
  std::int64_t known_until_us = 0;  ///< states: until when the newest entry is held
  RuleSet rules = {};               ///< of all samples inside

  /// Both say the same.
  [[nodiscard]] bool same(const SeriesResult& other) const;
};

/// All series of a device in one window, of the classes that are `wanted`, ordered by measure: those with a sample, and
/// states that are still held.
/// `until_us`: nothing is said about time after it (for a final any time at or after the window's end).
/// Error: log_read; bad_row (a stored row cannot be read).
[[nodiscard]] base::Result<std::vector<SeriesResult>> fold_device(const PaneReader& reader, base::DevEui dev_eui,
                                                                  const Window& window, std::int64_t until_us,
                                                                  SeriesClasses wanted);

/// The record of a result, without revision, final and emitted_us.
[[nodiscard]] v1::Aggregate aggregate_of(const SeriesResult& result, const WindowSettings& settings);
/// The same into an empty one.
void write_aggregate(const SeriesResult& result, const WindowSettings& settings, v1::Aggregate& out);

/// The windows of a device that are not final yet and touch [from, to), computed from the committed panes: final =
/// false, emitted_us = the partition's now. Ordered by (end, length, measure). Bounded: only windows between the
/// watermark and now are open. With a `name` ("PT15M") only windows of that size. `partition` is that of the device's
/// records. Any thread. Error: as fold_device.
[[nodiscard]] base::Result<std::vector<v1::Aggregate>> provisional(const storage::StateReader& state,
                                                                   std::uint32_t partition,
                                                                   const WindowSettings& settings, base::DevEui dev_eui,
                                                                   base::Timestamp from, base::Timestamp to,
                                                                   std::string_view name = {});

/// A place in the order of emission: windows become final by when they are due, then by device.
struct Place {
  std::int64_t due_us = 0;
  std::uint64_t dev_eui = 0;
  friend constexpr auto operator<=>(const Place&, const Place&) = default;
};

/// Where a window's results of one device and one grace are emitted.
[[nodiscard]] inline Place place_of(const WindowSettings& settings, const Window& window, std::uint64_t dev_eui,
                                    std::int64_t grace_us) noexcept {
  return {settings.due_us(window, dev_eui, grace_us), dev_eui};
}

/// A partition's time as its windows know it.
struct PartitionTime {
  std::int64_t now_us = 0;  ///< the running maximum of receive times; 0 before the first record
  Place closed;  ///< windows up to here are final: those due at the watermark; more while a record closes some
};

/// All that is due at `now_us` is final.
[[nodiscard]] PartitionTime time_at(std::int64_t now_us, const WindowSettings& settings) noexcept;

/// Error: log_read; bad_row.
[[nodiscard]] base::Result<PartitionTime> partition_time(const storage::StateReader& state, std::uint32_t partition,
                                                         const WindowSettings& settings);

}  // namespace lenne::processing
