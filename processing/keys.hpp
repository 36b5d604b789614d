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
/// Store window: how far old panes are deleted (PurgeRow).
inline constexpr std::string_view kPurgeKey = "p";

/// Store window: 'q' DevEUI, length and text of the measure, start, length: which panes have entries of a sequence
/// (WindowRow.known_until_us).
[[nodiscard]] std::string sequence_key(std::uint64_t dev_eui, std::string_view measure, const Window& pane);
/// The first key of a sequence's panes that start at or after `start_us`.
[[nodiscard]] std::string sequence_key_from(std::uint64_t dev_eui, std::string_view measure, std::int64_t start_us);
/// The keys of all sequences of a device are [sequences_of(it), sequences_end(it)).
[[nodiscard]] std::string sequences_of(std::uint64_t dev_eui);
[[nodiscard]] std::string sequences_end(std::uint64_t dev_eui);
inline constexpr std::string_view kSequences = "q";  ///< before all of them
inline constexpr std::string_view kSequencesEnd = "r";

struct SequenceKey {
  Window pane;
  std::uint64_t dev_eui;
  std::string measure;
};
[[nodiscard]] std::optional<SequenceKey> parse_sequence_key(std::string_view key);

/// Store window: 'r' start, length (the highest bit set: a calendar's day, its number less one in bits 28 and 29; bit
/// 30: hopping), DevEUI, measure: the revision of a corrected result. Parsed without the hop.
[[nodiscard]] std::string revision_key(const Window& window, std::uint64_t dev_eui, std::string_view measure);
[[nodiscard]] std::string revision_key_from(std::int64_t start_us);
[[nodiscard]] std::optional<Window> parse_revision_key(std::string_view key);

/// Topic aggregate: `<dev_eui hex>/<measure>/<window>/<start, Unix µs, 16 hex digits>`.
[[nodiscard]] std::string aggregate_key(std::uint64_t dev_eui, std::string_view measure, const Window& window);

/// Whether such a key is that of a result which was computed later, by other rules; its measure names their version:
/// "temperature@2".
[[nodiscard]] bool is_backfilled(std::string_view aggregate_key) noexcept;

/// DevEUI, 8 bytes big-endian: the key of a device's records.
[[nodiscard]] std::string device_key(std::uint64_t dev_eui);

}  // namespace lenne::processing
