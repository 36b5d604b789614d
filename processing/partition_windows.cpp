#include "processing/partition_windows.hpp"

#include <algorithm>

#include "lenne/v1/quarantine.pb.h"
#include "processing/keys.hpp"
#include "processing/rows.hpp"
#include "processing/rules.hpp"

// Time: the watermark, timers and emission. What a sample does is in partition_samples.cpp.

namespace lenne::processing {
namespace {

using base::Result;
using storage::Store;
using storage::Topic;

/// Of a partition's newest panes in memory: some two of each device, if there are 2,000.
constexpr std::size_t kRecentBytes = std::size_t{2} << 20;

}  // namespace

PartitionWindows::PartitionWindows(const WindowSettings& settings, base::Counters& counters, std::size_t portion_bytes,
                                   std::uint32_t partition, const storage::StateReader& state)
    : settings_(settings),
      counters_(counters),
      records_(counters.cell("windows.records")),
      samples_(counters.cell("windows.samples")),
      finals_(counters.cell("windows.finals")),
      portion_bytes_(portion_bytes),
      partition_(partition),
      rows_(state, partition, kRecentBytes),
      sequences_(rows_, partition, settings),
      purge_(rows_, sequences_, partition, settings) {}

bool PartitionWindows::correctable(std::string_view measure, const Window& window, std::int64_t due_us) const noexcept {
  return due_us <= watermark() && window.end_us() + settings_.horizon_us(measure) > watermark();
}

Result<void> PartitionWindows::load() {
  const auto time = partition_time(rows_, partition_, settings_);
  if (!time) return std::unexpected(time.error());
  time_ = *time;
  if (auto rows = rows_.load(); !rows) return rows;
  if (auto purge = purge_.load(); !purge) return purge;
  const auto oldest =
      std::max<std::int64_t>(0, watermark() - settings_.longest_delay_us(false) - settings_.longest_us());
  bool readable = true;
  const auto panes =
      rows_.scan(Store::pane, partition_, pane_key_from(oldest), {}, [&](std::string_view key, std::string_view value) {
        const auto at = parse_pane_key(key);
        const auto row = at ? parse_pane(value, at->pane, at->dev_eui) : std::nullopt;
        readable = row.has_value();
        if (!readable || at->pane.length_s != settings_.pane_s()) return readable;
        for (const auto& series : row->series()) {
          const auto grace = settings_.grace_us(series.measure());
          for (const auto& window : settings_.windows_of(series.measure(), at->pane.start_us))
            schedule(window, at->dev_eui, grace);
        }
        return true;
      });
  if (!panes) return panes;
  if (!readable) return base::fail("bad_row", "a row of the windows cannot be read");
  return sequences_.load(
      watermark(), [&](std::uint64_t dev_eui, std::string_view measure, const Window& pane, std::int64_t until_us) {
        schedule_held(dev_eui, measure, pane.start_us, until_us);
      });
}

std::optional<base::Timestamp> PartitionWindows::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return base::from_us(timers_.begin()->due_us + settings_.watermark_delay.count());
}

Result<Progress> PartitionWindows::step(const storage::Record& record, storage::Batch& out) {
  if (record.topic != Topic::measurement) return Progress::done;
  const auto progress = handle(record, out);
  if (progress != Progress::more) ++records_;
  return progress;
}

Result<Progress> PartitionWindows::handle(const storage::Record& record, storage::Batch& out) {
  v1::Measurement measurement;
  if (!measurement.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) {
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
  if (auto taken = take(measurement, out); !taken) return std::unexpected(taken.error());
  return Progress::done;
}

void PartitionWindows::schedule(const Window& window, std::uint64_t dev_eui, std::int64_t grace_us) {
  const auto place = place_of(settings_, window, dev_eui, grace_us);
  if (place > time_.closed) timers_.insert({place.due_us, dev_eui, window, grace_us});
}

/// A state that is held until `known_until_us` makes results without any new sample: its first window that is not
/// final gets a timer, and each emission sets the next one.
void PartitionWindows::schedule_held(std::uint64_t dev_eui, std::string_view measure, std::int64_t from_us,
                                     std::int64_t known_until_us) {
  const auto grace = settings_.grace_us(measure);
  const auto delay = settings_.due_us({}, dev_eui, grace);
  for (auto window : settings_.windows_of(measure, std::max(from_us, time_.closed.due_us - delay - 1))) {
    if (place_of(settings_, window, dev_eui, grace) <= time_.closed) window = settings_.next(window);
    if (window.start_us < known_until_us) schedule(window, dev_eui, grace);
  }
}

/// Time is what it was until all that is due has been emitted: a record that closes much is given again and again, and
/// `closed` says how far it has come.
Result<Progress> PartitionWindows::advance(std::int64_t received_us, storage::Batch& out) {
  if (received_us <= time_.now_us) return Progress::done;
  const auto progress = emit_due(received_us, out);
  if (!progress) return progress;
  const bool done = *progress == Progress::done;
  const auto before_us = watermark();
  if (done) time_ = time_at(received_us, settings_);
  v1::WindowRow row;
  row.set_now_us(time_.now_us);
  if (!done) {
    row.mutable_closed()->set_due_us(time_.closed.due_us);
    row.mutable_closed()->set_dev_eui(time_.closed.dev_eui);
  }
  rows_.put(Store::window, std::string(kTimeKey), row.SerializeAsString());
  if (!done) return progress;
  if (auto purged = purge_.run(before_us, watermark()); !purged) return std::unexpected(purged.error());
  return progress;
}

/// What a device has due at one moment is never parted.
Result<Progress> PartitionWindows::emit_due(std::int64_t received_us, storage::Batch& out) {
  const auto until = watermark_at(received_us);
  for (bool first = true; !timers_.empty() && timers_.begin()->due_us <= until; first = false) {
    const Place place{timers_.begin()->due_us, timers_.begin()->dev_eui};
    if (!first && place != time_.closed && out.bytes() + rows_.bytes() >= portion_bytes_) return Progress::more;
    const auto timer = *timers_.begin();
    timers_.erase(timers_.begin());
    time_.closed = place;
    if (auto emitted = emit(timer, received_us, out); !emitted) return std::unexpected(emitted.error());
  }
  return Progress::done;
}

Result<void> PartitionWindows::emit(const Timer& timer, std::int64_t emitted_us, storage::Batch& out) {
  const auto& window = timer.window;
  auto results = fold_device(panes(), base::DevEui{timer.dev_eui}, window, window.end_us());
  if (!results) return std::unexpected(results.error());
  for (auto& result : *results) {
    const auto& measure = result.aggregate.measure();
    if (settings_.grace_us(measure) != timer.grace_us || !has_windows(measure, window)) continue;
    if (result.known_until_us > window.end_us()) schedule(settings_.next(window), timer.dev_eui, timer.grace_us);
    if (result.empty) continue;
    ++finals_;
    publish(window, std::move(result.aggregate), 0, emitted_us, out);
  }
  return {};
}

void PartitionWindows::publish(const Window& window, v1::Aggregate aggregate, std::uint32_t revision,
                               std::int64_t emitted_us, storage::Batch& out) {
  aggregate.set_final(true);
  aggregate.set_revision(revision);
  aggregate.set_emitted_us(emitted_us);
  out.append(Topic::aggregate, partition_, aggregate.tenant(),
             aggregate_key(aggregate.dev_eui(), aggregate.measure(), window), aggregate.SerializeAsString());
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
