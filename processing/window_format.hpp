#pragma once
// How the windows read records and write results: by default as lenne.v1.Measurement and lenne.v1.Aggregate.

#include <cstdint>

#include "lenne/v1/measurement.pb.h"
#include "processing/fold.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

/// Any thread; it has no state.
class WindowFormat {
 public:
  virtual ~WindowFormat() = default;

  /// Reads a record of topic measurement into `into`, which keeps its memory. False: it is none.
  [[nodiscard]] virtual bool read(const storage::Record& record, v1::Measurement& into) const = 0;
  /// Whether a log may hold the same measurement twice, so that panes must remember which ones they have.
  [[nodiscard]] virtual bool may_repeat() const noexcept = 0;
  /// Appends a final result or its revision. `emitted_us`: the partition's now.
  virtual void write(const SeriesResult& result, std::uint32_t revision, std::int64_t emitted_us,
                     const WindowSettings& settings, std::uint32_t partition, storage::Batch& out) const = 0;
  /// Tells those who join the results of all partitions that all which is due up to `watermark_us` is written.
  virtual void write_time(std::int64_t watermark_us, std::uint32_t partition, storage::Batch& out) const = 0;
};

/// Lenne's own.
[[nodiscard]] const WindowFormat& window_format() noexcept;

}  // namespace lenne::processing
