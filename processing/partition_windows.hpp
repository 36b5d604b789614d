#pragma once
// The windows of one partition: its time, its timers, and what a record does to its panes. Internal to this folder.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "lenne/v1/measurement.pb.h"
#include "processing/fold.hpp"
#include "processing/overlay.hpp"
#include "processing/pane_purge.hpp"
#include "processing/panes.hpp"
#include "processing/processor.hpp"
#include "processing/sequences.hpp"
#include "processing/timer_queue.hpp"
#include "processing/window_format.hpp"
#include "processing/window_processor.hpp"
#include "processing/window_settings.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

class PartitionWindows {
 public:
  PartitionWindows(const WindowSettings& settings, const WindowFormat& format, base::Counters& counters,
                   std::size_t portion_bytes, std::uint32_t partition, const storage::StateReader& state);

  /// Reads the partition's time and finds what is still due. About `pane_bytes` of the newest panes stay in memory.
  [[nodiscard]] base::Result<void> load(std::size_t pane_bytes);
  /// Handles one record, or a part of it, as Processor::step. Error: the state could not be read; what was produced
  /// since the last commit is void.
  [[nodiscard]] base::Result<Progress> step(const storage::Record& record, storage::Batch& out);
  /// After the commit about `pane_bytes` of the newest panes stay in memory.
  void flush(storage::Batch& out, std::size_t pane_bytes);
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return rows_.bytes() + panes_.pending_bytes(); }
  [[nodiscard]] std::optional<base::Timestamp> next_due() const;

 private:
  using Before = std::map<std::pair<Window, std::string>, SeriesResult>;
  using Late = std::map<std::pair<std::string, std::string>, v1::Measurement>;  ///< by (reason, windows)

  /// A sample that counts, and the class of its series.
  struct Counting {
    const v1::Sample* sample;
    SeriesClass series;
  };

  /// A pane that a record touches, and its samples there.
  struct Touched {
    Window window;
    std::shared_ptr<Pane> pane = nullptr;  ///< null: there is none yet
    std::vector<Counting> samples = {};
  };

  /// The times that a sample of a sequence says something about, from its neighbour before to its neighbour after.
  struct Reach {
    std::int64_t from_us;
    std::int64_t to_us;
  };

  [[nodiscard]] std::int64_t watermark_at(std::int64_t now_us) const noexcept {
    return now_us - settings_.watermark_delay.count();
  }
  [[nodiscard]] std::int64_t watermark() const noexcept { return watermark_at(time_.now_us); }
  [[nodiscard]] bool correctable(SeriesClass series, const Window& window, std::int64_t due_us) const noexcept;

  [[nodiscard]] base::Result<Progress> handle(const storage::Record& record, storage::Batch& out);

  // Time
  [[nodiscard]] base::Result<Progress> advance(std::int64_t received_us, storage::Batch& out);
  [[nodiscard]] base::Result<Progress> emit_due(std::int64_t received_us, storage::Batch& out);
  [[nodiscard]] base::Result<void> emit(const Timer& timer, std::int64_t emitted_us, storage::Batch& out);
  void schedule(const Window& window, std::uint64_t dev_eui, std::int64_t grace_us);
  void schedule_held(std::uint64_t dev_eui, SeriesClass series, std::int64_t from_us, std::int64_t known_until_us);
  void schedule_pane(Pane& pane);

  // Samples
  [[nodiscard]] base::Result<void> take(const v1::Measurement& measurement, storage::Batch& out);
  [[nodiscard]] base::Result<void> sort_samples(const v1::Measurement& measurement, std::vector<Touched>& touched,
                                                Late& late);
  [[nodiscard]] bool is_no_news(const v1::Measurement& measurement, const v1::Sample& sample, const Pane& pane);
  void find_repeats(const v1::Measurement& measurement);
  [[nodiscard]] bool accept(const v1::Measurement& measurement, const v1::Sample& sample, SeriesClass series,
                            Late& late);
  [[nodiscard]] base::Result<std::set<Window>> closed_windows(const v1::Measurement& measurement,
                                                              const std::vector<Touched>& touched) const;
  [[nodiscard]] base::Result<Reach> reach_of(const v1::Measurement& measurement, const v1::Sample& sample,
                                             const Touched& touched) const;
  [[nodiscard]] base::Result<Reach> reading_reach(const v1::Measurement& measurement, const v1::Sample& sample,
                                                  const Touched& touched) const;
  [[nodiscard]] bool apply(const v1::Measurement& measurement, Touched& touched, Late& late);
  /// What a pane does with a sample. A repetition is known by a reading that names its uplink, or by the pane's
  /// sources.
  enum class Taken : std::uint8_t { no, named, unnamed };
  [[nodiscard]] Taken apply_sample(const v1::Measurement& measurement, const v1::Sample& sample, Pane& pane,
                                   Late& late);
  [[nodiscard]] bool is_repeated_reading(SeriesPane& series, Entry& reading);
  void store(const Touched& touched);

  // Results
  [[nodiscard]] PaneReader panes() const noexcept { return {panes_, settings_, sequences_}; }
  [[nodiscard]] base::Result<Before> results_of(std::uint64_t dev_eui, const std::set<Window>& windows) const;
  [[nodiscard]] base::Result<void> revise(std::uint64_t dev_eui, const std::set<Window>& windows, const Before& before,
                                          storage::Batch& out);
  void refuse(const v1::Measurement& measurement, const v1::Sample& sample, std::string_view reason,
              std::string_view windows, Late& late);
  void append_late(const Late& late, storage::Batch& out);
  void dead_letter(const storage::Record& record, std::string_view reason, storage::Batch& out);

  const WindowSettings& settings_;
  const WindowFormat& format_;
  base::Counters& counters_;
  base::Counters::Cell& records_;
  base::Counters::Cell& samples_;
  base::Counters::Cell& finals_;
  const std::size_t portion_bytes_;
  std::uint32_t partition_;
  PaneTable panes_;
  Overlay rows_;
  RememberedSequences sequences_;
  PanePurge purge_;
  PartitionTime time_;
  bool time_moved_ = false;  ///< since the last commit
  TimerQueue timers_;
  RecordRules record_rules_;
  v1::Measurement measurement_;   ///< of the record in hand; keeps its memory
  RuleSet rules_;                 ///< by which its samples were judged and derived
  std::vector<Touched> touched_;  ///< by it
  std::vector<bool> repeated_;    ///< of its samples
  std::vector<int> order_;        ///< scratch of find_repeats
};

}  // namespace lenne::processing
