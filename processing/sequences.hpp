#pragma once
// The panes of a device's sequences (states, counters), found by their index: rows of store window, of which the writer
// of a partition remembers the newest.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "processing/panes.hpp"
#include "processing/window_settings.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

/// From which side of a range the nearest one is looked for.
enum class Nearest : std::uint8_t { to_front, to_back };

/// Where the sequences of one partition have entries.
class SequenceIndex {
 public:
  SequenceIndex() = default;
  SequenceIndex(const SequenceIndex&) = delete;
  SequenceIndex& operator=(const SequenceIndex&) = delete;
  virtual ~SequenceIndex() = default;

  /// The measures of a device's sequences. Error: log_read.
  [[nodiscard]] virtual base::Result<std::vector<std::string>> measures(std::uint64_t dev_eui) const = 0;
  /// Of the panes with entries of a sequence that start in [from, to), in µs, the nearest to the front or to the back.
  /// Error: log_read.
  [[nodiscard]] virtual base::Result<std::optional<Window>> nearest(std::uint64_t dev_eui, std::string_view measure,
                                                                    std::int64_t from_us, std::int64_t to_us,
                                                                    Nearest side) const = 0;
};

/// As the rows say it. Any thread; what it is given must outlive it.
class StoredSequences final : public SequenceIndex {
 public:
  StoredSequences(const storage::StateReader& state, std::uint32_t partition, const WindowSettings& settings)
      : state_(state), partition_(partition), settings_(settings) {}

  [[nodiscard]] base::Result<std::vector<std::string>> measures(std::uint64_t dev_eui) const override;
  [[nodiscard]] base::Result<std::optional<Window>> nearest(std::uint64_t dev_eui, std::string_view measure,
                                                            std::int64_t from_us, std::int64_t to_us,
                                                            Nearest side) const override;

 private:
  const storage::StateReader& state_;
  std::uint32_t partition_;
  const WindowSettings& settings_;
};

/// The same, with the newest panes of each sequence in memory: those that windows which are not final yet can need, and
/// one before them. For older ones it asks the rows. One thread, which tells it of each row that it writes.
class RememberedSequences final : public SequenceIndex {
 public:
  RememberedSequences(const storage::StateReader& rows, std::uint32_t partition, const WindowSettings& settings)
      : rows_(rows), partition_(partition), settings_(settings), stored_(rows, partition, settings) {}

  /// A pane of a sequence, and until when its last entry is held.
  using Found =
      std::function<void(std::uint64_t dev_eui, std::string_view measure, const Window& pane, std::int64_t until_us)>;
  /// Reads what is to be remembered at this watermark, and tells of each pane. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<void> load(std::int64_t watermark_us, const Found& found);

  [[nodiscard]] base::Result<std::vector<std::string>> measures(std::uint64_t dev_eui) const override;
  [[nodiscard]] base::Result<std::optional<Window>> nearest(std::uint64_t dev_eui, std::string_view measure,
                                                            std::int64_t from_us, std::int64_t to_us,
                                                            Nearest side) const override;

  /// A row was written for this pane.
  void note(std::uint64_t dev_eui, std::string_view measure, const Window& pane, std::int64_t watermark_us);
  /// The row of this pane was deleted.
  void forget(std::uint64_t dev_eui, std::string_view measure, const Window& pane);

 private:
  struct Sequence {
    std::string measure;
    std::int64_t from_us;                 ///< all panes that start at or after it are here
    std::vector<std::int64_t> starts_us;  ///< ascending
  };

  [[nodiscard]] Sequence* find_or_add(std::uint64_t dev_eui, std::string_view measure);
  [[nodiscard]] std::int64_t open_since(std::string_view measure, std::int64_t watermark_us) const;
  void trim(Sequence& sequence, std::int64_t watermark_us) const;

  const storage::StateReader& rows_;
  std::uint32_t partition_;
  const WindowSettings& settings_;
  StoredSequences stored_;
  std::unordered_map<std::uint64_t, std::vector<Sequence>> devices_;  ///< each with all its sequences
  bool complete_ = true;                                              ///< a device that is not here has none
};

/// What a fold reads of one partition.
struct PaneReader {
  const Panes& panes;
  const WindowSettings& settings;
  const SequenceIndex& sequences;
};

/// The pane that the index finds; null when it finds none. Errors: log_read; bad_row.
[[nodiscard]] base::Result<PanePtr> nearest_pane(const PaneReader& reader, std::uint64_t dev_eui,
                                                 std::string_view measure, std::int64_t from_us, std::int64_t to_us,
                                                 Nearest side);

/// A pane, and its entries of a sequence.
struct SequencePane {
  PanePtr pane;
  const SeriesPane* series;  ///< of the pane, not empty
};
/// Adds to `panes`, which lie next to each other on that side, the nearest first, those that follow: until they have
/// `entries` entries or there are no more in [from, to). Errors: log_read; bad_row.
[[nodiscard]] base::Result<void> extend_panes(const PaneReader& reader, std::uint64_t dev_eui, std::string_view measure,
                                              std::int64_t from_us, std::int64_t to_us, Nearest side,
                                              std::size_t entries, std::vector<SequencePane>& panes);

}  // namespace lenne::processing
