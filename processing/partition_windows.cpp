#include "processing/partition_windows.hpp"

#include <algorithm>
#include <tuple>

#include "lenne/v1/quarantine.pb.h"
#include "processing/keys.hpp"
#include "processing/rows.hpp"
#include "processing/rules.hpp"

// Time: the watermark, timers, emission, and the end of rows. What a sample does is in partition_samples.cpp.

namespace lenne::processing {
namespace {

using base::Result;
using storage::Store;
using storage::Topic;

/// How many rows one record may purge; the next one goes on. Keeps a commit small after a long pause.
constexpr std::size_t kMaxPurged = 4096;

auto place_of(const Window& window, std::uint64_t dev_eui) {
  return std::tuple(window.end_us(), dev_eui, window.length_s, window.local_day);
}

}  // namespace

PartitionWindows::PartitionWindows(const WindowSettings& settings, base::Counters& counters, std::uint32_t partition,
                                   const storage::StateReader& state)
    : settings_(settings),
      counters_(counters),
      records_(counters.cell("windows.records")),
      samples_(counters.cell("windows.samples")),
      finals_(counters.cell("windows.finals")),
      partition_(partition),
      rows_(state, partition) {}

bool PartitionWindows::correctable(const Window& window, std::int64_t due_us) const noexcept {
  return due_us <= watermark() && window.end_us() + settings_.horizon.count() > watermark();
}

Result<void> PartitionWindows::load() {
  const auto now = partition_now_us(rows_, partition_);
  if (!now) return std::unexpected(now.error());
  now_us_ = *now;
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
  const auto held = rows_.scan(Store::window, partition_, kSequences, kSequencesEnd,
                               [&](std::string_view key, std::string_view value) {
                                 const auto at = parse_sequence_key(key);
                                 const auto row = at ? parse_window_row(value) : std::nullopt;
                                 readable = readable && row;
                                 if (!readable || at->pane.length_s != settings_.pane_s()) return readable;
                                 schedule_held(at->dev_eui, at->measure, at->pane.start_us, row->known_until_us());
                                 return true;
                               });
  if (!held) return held;
  return readable ? Result<void>{} : base::fail("bad_row", "a row of the windows cannot be read");
}

std::optional<base::Timestamp> PartitionWindows::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return base::from_us(timers_.begin()->due_us + settings_.watermark_delay.count());
}

Result<void> PartitionWindows::step(const storage::Record& record, storage::Batch& out) {
  if (record.topic != Topic::measurement) return {};
  ++records_;
  v1::Measurement measurement;
  if (!measurement.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) {
    dead_letter(record, "malformed", out);
    return {};
  }
  if (measurement.received_us() <= 0 || measurement.received_us() > kLatestTimeUs) {
    dead_letter(record, "no_time", out);
    return {};
  }
  if (auto advanced = advance(measurement.received_us(), out); !advanced) return advanced;
  if (measurement.tick()) return {};
  if (measurement.samples_size() > kMaxSamplesPerRecord) {
    dead_letter(record, "too_many_samples", out);
    return {};
  }
  return take(measurement, out);
}

Result<void> PartitionWindows::advance(std::int64_t received_us, storage::Batch& out) {
  if (received_us <= now_us_) return {};
  now_us_ = received_us;
  v1::WindowRow row;
  row.set_now_us(now_us_);
  rows_.put(Store::window, std::string(kTimeKey), row.SerializeAsString());
  if (auto emitted = emit_due(out); !emitted) return emitted;
  return purge();
}

void PartitionWindows::schedule(const Window& window, std::uint64_t dev_eui, std::int64_t grace_us) {
  const auto due = settings_.due_us(window, dev_eui, grace_us);
  if (due > watermark()) timers_.insert({due, dev_eui, window, grace_us});
}

/// A state that is held until `known_until_us` makes results without any new sample: its first window that is not
/// final gets a timer, and each emission sets the next one.
void PartitionWindows::schedule_held(std::uint64_t dev_eui, std::string_view measure, std::int64_t from_us,
                                     std::int64_t known_until_us) {
  const auto grace = settings_.grace_us(measure);
  const auto delay = settings_.due_us({}, dev_eui, grace);
  for (const auto& window : settings_.windows_of(measure, std::max(from_us, watermark() - delay))) {
    if (window.start_us < known_until_us) schedule(window, dev_eui, grace);
  }
}

Result<void> PartitionWindows::emit_due(storage::Batch& out) {
  Ready ready;
  while (!timers_.empty() && timers_.begin()->due_us <= watermark()) {
    const auto& timer = *timers_.begin();
    ready[place_of(timer.window, timer.dev_eui)].insert(timer.grace_us);
    timers_.erase(timers_.begin());
  }
  while (!ready.empty()) {
    const auto [end_us, dev_eui, length_s, local_day] = ready.begin()->first;
    const auto graces = std::move(ready.begin()->second);
    ready.erase(ready.begin());
    const Window window{end_us - std::int64_t{length_s} * kSecondUs, length_s, local_day};
    if (auto emitted = emit(window, dev_eui, graces, ready, out); !emitted) return emitted;
  }
  return {};
}

Result<void> PartitionWindows::emit(const Window& window, std::uint64_t dev_eui, const std::set<std::int64_t>& graces,
                                    Ready& ready, storage::Batch& out) {
  auto results = fold_device(rows_, partition_, settings_, base::DevEui{dev_eui}, window, window.end_us());
  if (!results) return std::unexpected(results.error());
  const auto next = settings_.next(window);
  for (auto& result : *results) {
    const auto grace = settings_.grace_us(result.aggregate.measure());
    if (!graces.contains(grace) || !has_windows(result.aggregate.measure(), window)) continue;
    if (result.known_until_us > window.end_us()) {
      // A jump of time may have closed the next window too; it goes out in the same record, in its order.
      const bool due = settings_.due_us(next, dev_eui, grace) <= watermark();
      if (due) {
        ready[place_of(next, dev_eui)].insert(grace);
      } else {
        schedule(next, dev_eui, grace);
      }
    }
    if (result.empty) continue;
    ++finals_;
    publish(window, std::move(result.aggregate), 0, out);
  }
  return {};
}

void PartitionWindows::publish(const Window& window, v1::Aggregate aggregate, std::uint32_t revision,
                               storage::Batch& out) {
  aggregate.set_final(true);
  aggregate.set_revision(revision);
  aggregate.set_emitted_us(now_us_);
  out.append(Topic::aggregate, partition_, aggregate.tenant(),
             aggregate_key(aggregate.dev_eui(), aggregate.measure(), window), aggregate.SerializeAsString());
}

/// Deletes what no result can need any more. When it does so changes no result, only the size of the state.
Result<void> PartitionWindows::purge() {
  const auto cutoff = watermark() - settings_.keep_us(false);
  if (cutoff <= 0 || cutoff < next_purge_us_) return {};
  next_purge_us_ = settings_.pane_at(cutoff).end_us();
  if (auto purged = purge_panes(cutoff); !purged) return purged;
  return purge_revisions(watermark() - settings_.keep_us(true));
}

Result<void> PartitionWindows::purge_panes(std::int64_t cutoff_us) {
  std::vector<std::pair<PaneKey, std::vector<std::string>>> ended;  // with the names of their sequences
  std::set<std::uint64_t> held;  // devices with an older pane that is still needed: their newer ones stay with it
  bool readable = true;
  const auto scanned = rows_.scan(
      Store::pane, partition_, {}, pane_key_from(cutoff_us), [&](std::string_view key, std::string_view value) {
        const auto at = parse_pane_key(key);
        if (!at || settings_.latest_end_us(at->pane.start_us) > cutoff_us) return true;
        const auto row = parse_pane(value, at->pane, at->dev_eui);
        readable = row.has_value();
        if (!readable) return false;
        const bool meters = std::ranges::any_of(row->series(), [](const auto& s) { return is_meter(s.measure()); });
        const auto keep_us = settings_.keep_us(meters);
        const auto last = std::max(known_until(*row) - 1, at->pane.start_us);
        const bool keeps_others = last > at->pane.start_us;
        if ((keeps_others && held.contains(at->dev_eui)) || settings_.latest_end_us(last) + keep_us > watermark()) {
          held.insert(at->dev_eui);
          return true;
        }
        auto& sequences = ended.emplace_back(*at, std::vector<std::string>{}).second;
        for (const auto& series : row->series()) {
          if (series.sequence_size() > 0) sequences.push_back(series.measure());
        }
        return ended.size() < kMaxPurged;
      });
  if (!scanned) return scanned;
  if (!readable) return base::fail("bad_row", "a pane row cannot be read");
  if (ended.size() >= kMaxPurged) next_purge_us_ = 0;
  for (const auto& [at, sequences] : ended) {
    rows_.erase(Store::pane, pane_key(at.pane, at.dev_eui));
    for (const auto& measure : sequences) rows_.erase(Store::window, sequence_key(at.dev_eui, measure, at.pane));
  }
  return {};
}

Result<void> PartitionWindows::purge_revisions(std::int64_t cutoff_us) {
  std::vector<std::string> ended;
  const auto to = revision_key_from(std::max<std::int64_t>(0, cutoff_us));
  const auto scanned = rows_.scan(Store::window, partition_, "r", to, [&](std::string_view key, std::string_view) {
    const auto window = parse_revision_key(key);
    if (window && window->end_us() <= cutoff_us) ended.emplace_back(key);
    return ended.size() < kMaxPurged;
  });
  if (!scanned) return scanned;
  for (auto& key : ended) rows_.erase(Store::window, std::move(key));
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
