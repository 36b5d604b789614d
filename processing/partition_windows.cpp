#include "processing/partition_windows.hpp"

#include <algorithm>

#include "lenne/v1/quarantine.pb.h"
#include "processing/keys.hpp"
#include "processing/meter_parameters.hpp"
#include "processing/rows.hpp"
#include "processing/rules.hpp"

// Time: the watermark, timers and emission. What a sample does is in partition_samples.cpp.

namespace lenne::processing {
namespace {

using base::Result;
using storage::Store;
using storage::Topic;

/// Those who join partitions need not know a partition's watermark more precisely.
constexpr std::int64_t kTellTimeEveryUs = 60 * kSecondUs;

}  // namespace

PartitionWindows::PartitionWindows(const WindowSettings& settings, const WindowFormat& format, base::Counters& counters,
                                   std::size_t portion_bytes, std::uint32_t partition,
                                   const storage::StateReader& state)
    : settings_(settings),
      format_(format),
      counters_(counters),
      records_(counters.cell("windows.records")),
      samples_(counters.cell("windows.samples")),
      finals_(counters.cell("windows.finals")),
      portion_bytes_(portion_bytes),
      partition_(partition),
      panes_(state, partition, settings.pane_s()),
      rows_(state, partition),
      sequences_(rows_, partition, settings),
      purge_(panes_, rows_, sequences_, partition, settings) {}

bool PartitionWindows::correctable(SeriesClass series, const Window& window, std::int64_t due_us) const noexcept {
  return due_us <= watermark() && window.end_us() + settings_.horizon_us(series) > watermark();
}

Result<void> PartitionWindows::load(std::size_t pane_bytes) {
  const auto time = partition_time(rows_, partition_, settings_);
  if (!time) return std::unexpected(time.error());
  time_ = *time;
  if (auto purge = purge_.load(); !purge) return purge;
  const auto oldest =
      std::max<std::int64_t>(0, watermark() - settings_.longest_delay_us(false) - settings_.longest_us());
  if (auto loaded = panes_.load(oldest, pane_bytes, [&](Pane& pane) { schedule_pane(pane); }); !loaded) return loaded;
  return sequences_.load(
      watermark(), [&](std::uint64_t dev_eui, std::string_view measure, const Window& pane, std::int64_t until_us) {
        schedule_held(dev_eui, series_class_of(measure), pane.start_us, until_us);
      });
}

void PartitionWindows::flush(storage::Batch& out, std::size_t pane_bytes) {
  if (time_moved_) {
    v1::WindowRow row;
    row.set_now_us(time_.now_us);
    if (time_.closed != time_at(time_.now_us, settings_).closed) {
      row.mutable_closed()->set_due_us(time_.closed.due_us);
      row.mutable_closed()->set_dev_eui(time_.closed.dev_eui);
    }
    rows_.put(Store::window, std::string(kTimeKey), row.SerializeAsString());
    time_moved_ = false;
  }
  panes_.flush(out, pane_bytes);
  rows_.flush(out);
}

std::optional<base::Timestamp> PartitionWindows::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return base::from_us(timers_.next_due_us() + settings_.watermark_delay.count());
}

Result<Progress> PartitionWindows::step(const storage::Record& record, storage::Batch& out) {
  if (record.topic != Topic::measurement) return Progress::done;
  const auto progress = handle(record, out);
  if (progress != Progress::more) ++records_;
  return progress;
}

Result<Progress> PartitionWindows::handle(const storage::Record& record, storage::Batch& out) {
  auto& measurement = measurement_;
  if (!format_.read(record, measurement)) {
    dead_letter(record, "malformed", out);
    return Progress::done;
  }
  if (measurement.received_us() <= 0 || measurement.received_us() > kLatestTimeUs) {
    dead_letter(record, "no_time", out);
    return Progress::done;
  }
  const auto advanced = advance(measurement.received_us(), out);
  if (!advanced || *advanced == Progress::more) return advanced;
  if (measurement.tick()) return Progress::done;
  if (measurement.samples_size() > kMaxSamplesPerRecord) {
    dead_letter(record, "too_many_samples", out);
    return Progress::done;
  }
  constexpr auto kMeter = SeriesClass::meter;
  complete_readings(measurement, watermark() - std::max(settings_.horizon_us(kMeter), settings_.grace_us(kMeter)));
  if (auto taken = take(measurement, out); !taken) return std::unexpected(taken.error());
  return Progress::done;
}

void PartitionWindows::schedule(const Window& window, std::uint64_t dev_eui, std::int64_t grace_us) {
  const auto place = place_of(settings_, window, dev_eui, grace_us);
  if (place > time_.closed) timers_.add({place.due_us, dev_eui, window, grace_us});
}

/// A state that is held until `known_until_us` makes results without any new sample: its first window that is not
/// final gets a timer, and each emission sets the next one.
void PartitionWindows::schedule_held(std::uint64_t dev_eui, SeriesClass series, std::int64_t from_us,
                                     std::int64_t known_until_us) {
  const auto grace = settings_.grace_us(series);
  const auto delay = settings_.due_us({}, dev_eui, grace);
  for (auto window : settings_.windows_of(series, std::max(from_us, time_.closed.due_us - delay - 1))) {
    if (place_of(settings_, window, dev_eui, grace) <= time_.closed) window = settings_.next(window);
    if (window.start_us < known_until_us) schedule(window, dev_eui, grace);
  }
}

/// A timer for each window that a series of the pane has. All samples of a pane lie in the same windows: series of one
/// class need this once; and what also contains the pane before it has its timers from there.
void PartitionWindows::schedule_pane(Pane& pane) {
  const auto before = panes_.scheduled_before(pane);
  for (const auto& series : pane.series) {
    const auto series_class = series.definition->series_class;
    if (pane.scheduled.contains(series_class)) continue;
    pane.scheduled.insert(series_class);
    const auto grace = settings_.grace_us(series_class);
    for (const auto& window : settings_.windows_of(series_class, pane.window.start_us)) {
      if (!before.contains(series_class) || window.start_us == pane.window.start_us)
        schedule(window, pane.dev_eui, grace);
    }
  }
}

/// Time is what it was until all that is due has been emitted: a record that closes much is given again and again, and
/// `closed` says how far it has come.
Result<Progress> PartitionWindows::advance(std::int64_t received_us, storage::Batch& out) {
  if (received_us <= time_.now_us) return Progress::done;
  const auto progress = emit_due(received_us, out);
  if (!progress) return progress;
  time_moved_ = true;
  if (*progress == Progress::more) return progress;
  const auto before_us = watermark();
  time_ = time_at(received_us, settings_);
  if (before_us / kTellTimeEveryUs != watermark() / kTellTimeEveryUs) format_.write_time(watermark(), partition_, out);
  if (auto purged = purge_.run(before_us, watermark()); !purged) return std::unexpected(purged.error());
  return progress;
}

/// What a device has due at one moment is never parted.
Result<Progress> PartitionWindows::emit_due(std::int64_t received_us, storage::Batch& out) {
  const auto until = watermark_at(received_us);
  for (bool first = true; !timers_.empty() && timers_.next_due_us() <= until; first = false) {
    const Place place{timers_.first().due_us, timers_.first().dev_eui};
    if (!first && place != time_.closed && out.bytes() + pending_bytes() >= portion_bytes_) return Progress::more;
    const auto timer = timers_.take();
    time_.closed = place;
    if (auto emitted = emit(timer, received_us, out); !emitted) return std::unexpected(emitted.error());
  }
  return Progress::done;
}

Result<void> PartitionWindows::emit(const Timer& timer, std::int64_t emitted_us, storage::Batch& out) {
  const auto& window = timer.window;
  const auto results = fold_device(panes(), base::DevEui{timer.dev_eui}, window, window.end_us(),
                                   settings_.classes_due(window, timer.grace_us));
  if (!results) return std::unexpected(results.error());
  const auto next = settings_.next(window);
  for (const auto& result : *results) {
    if (result.known_until_us > next.start_us) schedule(next, timer.dev_eui, timer.grace_us);
    if (result.folded.empty) continue;
    ++finals_;
    format_.write(result, 0, emitted_us, settings_, partition_, out);
  }
  return {};
}

void PartitionWindows::dead_letter(const storage::Record& record, std::string_view reason, storage::Batch& out) {
  counters_.count("windows.dead_letter");
  v1::DeadLetter letter;
  letter.set_reason(std::string("windows.") + std::string(reason));
  letter.set_topic(std::string(storage::info_of(record.topic).name));
  letter.set_partition(record.partition);
  letter.set_offset(record.offset);
  letter.set_record(std::string(record.value));
  out.append(Topic::dead_letter, partition_, {}, record.key, letter.SerializeAsString());
}

}  // namespace lenne::processing
