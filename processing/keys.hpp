#pragma once
// Keys of the windows' rows and results. They are part of the stored format.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "processing/window_settings.hpp"

namespace lenne::processing {

/// Store pane: start (8 bytes), length in s (4), DevEUI (8), all big-endian: closed panes are a range at the front.
[[nodiscard]] std::string pane_key(const Window& pane, std::uint64_t dev_eui);
/// The first key of all panes that start at or after `start_us`.
[[nodiscard]] std::string pane_key_from(std::int64_t start_us);

struct PaneKey {
  Window pane;
  std::uint64_t dev_eui;
};
[[nodiscard]] std::optional<PaneKey> parse_pane_key(std::string_view key);

/// Store window: the partition's time.
inline constexpr std::string_view kTimeKey = "t";

/// Store window: 's' DevEUI start length: which panes of a device have state series (WindowRow.known_until_us).
[[nodiscard]] std::string state_key(std::uint64_t dev_eui, const Window& pane);
[[nodiscard]] std::string state_key_from(std::uint64_t dev_eui, std::int64_t start_us);
[[nodiscard]] std::optional<PaneKey> parse_state_key(std::string_view key);

/// Store window: 'r' start length DevEUI measure: the revision of a corrected result.
[[nodiscard]] std::string revision_key(const Window& window, std::uint64_t dev_eui, std::string_view measure);
[[nodiscard]] std::string revision_key_from(std::int64_t start_us);
[[nodiscard]] std::optional<Window> parse_revision_key(std::string_view key);

/// Topic aggregate: `<dev_eui hex>/<measure>/<window>/<start, Unix µs, 16 hex digits>`.
[[nodiscard]] std::string aggregate_key(std::uint64_t dev_eui, std::string_view measure, const Window& window);

/// DevEUI, 8 bytes big-endian: the key of a device's records.
[[nodiscard]] std::string device_key(std::uint64_t dev_eui);

}  // namespace lenne::processing
