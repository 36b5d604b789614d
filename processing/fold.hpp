#pragma once
// Results from panes: the same code computes finals when a window closes and provisional results when somebody reads.

#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/window_settings.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

/// One series' result in a window.
struct SeriesResult {
  v1::Aggregate aggregate;          ///< without revision, final and emitted_us
  bool empty = true;                ///< nothing to publish
  std::int64_t known_until_us = 0;  ///< states: until when the newest entry is held
};

/// All series of a device in one window, ordered by measure: those with a sample, and states that are still held.
/// `until_us`: nothing is said about time after it (for a final any time at or after the window's end).
/// Error: log_read; bad_row (a stored row cannot be read).
[[nodiscard]] base::Result<std::vector<SeriesResult>> fold_device(const storage::StateReader& state,
                                                                  std::uint32_t partition,
                                                                  const WindowSettings& settings, base::DevEui dev_eui,
                                                                  const Window& window, std::int64_t until_us);

/// The windows of a device that are not final yet and touch [from, to), computed from the committed panes: final =
/// false, emitted_us = the partition's now. Ordered by (end, length, measure). Bounded: only windows between the
/// watermark and now are open. With a `name` ("PT15M") only windows of that size. `partition` is that of the device's
/// records. Any thread. Error: as fold_device.
[[nodiscard]] base::Result<std::vector<v1::Aggregate>> provisional(const storage::StateReader& state,
                                                                   std::uint32_t partition,
                                                                   const WindowSettings& settings, base::DevEui dev_eui,
                                                                   base::Timestamp from, base::Timestamp to,
                                                                   std::string_view name = {});

/// A partition's time as the windows know it: the running maximum of receive times; 0 before the first record.
[[nodiscard]] base::Result<std::int64_t> partition_now_us(const storage::StateReader& state, std::uint32_t partition);

}  // namespace lenne::processing
