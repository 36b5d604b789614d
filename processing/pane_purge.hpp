#pragma once
// The end of panes: rows that no result can need any more are deleted. When they are changes no result.

#include <array>
#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "processing/overlay.hpp"
#include "processing/panes.hpp"
#include "processing/rows.hpp"
#include "processing/sequences.hpp"
#include "processing/window_settings.hpp"

namespace lenne::processing {

/// Of one partition. Rows of three classes are needed for different times, each class in the order of its panes'
/// starts. So one place for each class says up to which pane its rows are deleted, and each row is read a few times in
/// its life, however long its neighbours stay. One thread; what it is given must outlive it.
class PanePurge {
 public:
  PanePurge(PaneTable& panes, Overlay& rows, RememberedSequences& sequences, std::uint32_t partition,
            const WindowSettings& settings)
      : panes_(panes), rows_(rows), sequences_(sequences), partition_(partition), settings_(settings) {}

  /// Reads how far it has come. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<void> load();
  /// The watermark has passed from one time to another, both in µs. Deletes once in each pane's length of it, and not
  /// more at once than a commit should hold: the next call goes on. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<void> run(std::int64_t before_us, std::int64_t watermark_us);

 private:
  [[nodiscard]] base::Result<void> purge_panes(std::size_t row_class, std::int64_t watermark_us, std::size_t& budget);
  [[nodiscard]] base::Result<void> purge_revisions(std::int64_t cutoff_us, std::size_t& budget);
  void store();

  PaneTable& panes_;
  Overlay& rows_;
  RememberedSequences& sequences_;
  std::uint32_t partition_;
  const WindowSettings& settings_;
  std::array<std::string, kPaneClasses> from_;  ///< keys: of each class, rows before it are deleted
  bool more_ = false;                           ///< the last call has left something
};

}  // namespace lenne::processing
