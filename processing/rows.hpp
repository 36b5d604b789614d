#pragma once
// Reading stored rows of the windows. A row that this version could not have written is none: what folds it relies on
// its bounds.

#include <optional>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"
#include "processing/window_settings.hpp"

namespace lenne::processing {

/// The row of a pane, stored under that pane's key.
[[nodiscard]] std::optional<v1::DevicePane> parse_pane(std::string_view value, const Window& pane,
                                                       std::uint64_t dev_eui);
/// Until when the last entry of a sequence is held; 0 without one.
[[nodiscard]] std::int64_t known_until(const v1::DevicePane& row, const v1::SeriesPane& series);
/// The partition's time, until when a pane's states are held, or a result's revision.
[[nodiscard]] std::optional<v1::WindowRow> parse_window_row(std::string_view value);
/// Rows of panes are needed for different times: with bags only, with sequences, with meters.
inline constexpr std::size_t kPaneClasses = 3;
/// How far old panes are deleted, by class of rows.
[[nodiscard]] std::optional<v1::PurgeRow> parse_purge_row(std::string_view value);

}  // namespace lenne::processing
