#pragma once
// The panes of a device's sequences (states, counters), found by their index.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/window_settings.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

struct PaneRow {
  Window pane;
  v1::DevicePane row;
};

/// Nothing when there is none. Error: log_read; bad_row.
[[nodiscard]] base::Result<std::optional<PaneRow>> read_pane(const storage::StateReader& state, std::uint32_t partition,
                                                             const Window& pane, std::uint64_t dev_eui);

/// The pane with entries of a sequence that is nearest to the front of [from, to), or to its back. Error: as read_pane.
[[nodiscard]] base::Result<std::optional<PaneRow>> nearest_pane(const storage::StateReader& state,
                                                                std::uint32_t partition, const WindowSettings& settings,
                                                                std::uint64_t dev_eui, std::string_view measure,
                                                                std::int64_t from_us, std::int64_t to_us, bool back);

/// The measures of a device's sequences. Error: log_read.
[[nodiscard]] base::Result<std::vector<std::string>> sequences_of(const storage::StateReader& state,
                                                                  std::uint32_t partition, std::uint64_t dev_eui);

/// A pane's series of that name if it has entries, else null.
[[nodiscard]] const v1::SeriesPane* sequence_in(const v1::DevicePane& row, std::string_view measure);

}  // namespace lenne::processing
