#pragma once
// Reading the windows' stored rows beside the panes. A row that this version could not have written is none.

#include <cstddef>
#include <optional>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing {

/// The partition's time, until when a pane's states are held, or a result's revision.
[[nodiscard]] std::optional<v1::WindowRow> parse_window_row(std::string_view value);
/// Rows of panes are needed for different times: with bags only, with sequences, with meters.
inline constexpr std::size_t kPaneClasses = 3;
/// How far old panes are deleted, by class of rows.
[[nodiscard]] std::optional<v1::PurgeRow> parse_purge_row(std::string_view value);

}  // namespace lenne::processing
