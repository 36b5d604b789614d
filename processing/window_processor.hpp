#pragma once
// Topic measurement -> topic aggregate: panes, watermark, finals, corrections. docs/internals/processing.md has the
// rules.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/counters.hpp"
#include "processing/processor.hpp"
#include "processing/window_format.hpp"
#include "processing/window_settings.hpp"

namespace lenne::processing {

class PartitionWindows;

/// What windows may hold in memory, in bytes.
struct WindowBounds {
  std::size_t portion_bytes = kPortionBytes;        ///< once so much waits for a commit, what is due waits for the next
  std::size_t pane_bytes = std::size_t{128} << 20;  ///< of all partitions: the newest panes stay after their commit
};

/// The windows of all partitions that it was assigned. Keeps timers and the newest panes in memory; older ones are read
/// when needed, so the StateReader given to assigned() must live until revoked(). One thread.
/// Counters: windows.records, .samples, .finals, .revisions, .late, .future, .left_out, .no_engine, .duplicates,
/// .refused.<reason>, .sequence_overflow, .dead_letter.
class WindowProcessor final : public Processor {
 public:
  /// `settings.windows_s` and `.hopping` as parse_windows returns them. Counters and format must outlive it.
  WindowProcessor(WindowSettings settings, base::Counters& counters, const WindowBounds& bounds = {},
                  const WindowFormat& format = window_format());
  ~WindowProcessor() override;

  [[nodiscard]] base::Result<void> assigned(std::uint32_t partition, const storage::StateReader& state) override;
  void revoked(std::uint32_t partition) override;
  [[nodiscard]] Progress step(const storage::Record& record, storage::Batch& out) override;
  [[nodiscard]] std::size_t pending_bytes() const override;
  void flush(storage::Batch& out) override;
  [[nodiscard]] std::optional<base::Timestamp> next_due(std::uint32_t partition) const override;
  [[nodiscard]] std::optional<base::Error> fault() const override;

 private:
  /// How much each of so many partitions may keep.
  [[nodiscard]] std::size_t share_of(std::size_t partitions) const noexcept {
    return bounds_.pane_bytes / std::max<std::size_t>(partitions, 1);
  }

  WindowSettings settings_;
  base::Counters& counters_;
  const WindowBounds bounds_;
  const WindowFormat& format_;
  std::map<std::uint32_t, std::unique_ptr<PartitionWindows>> partitions_;
  std::optional<base::Error> fault_;
};

}  // namespace lenne::processing
