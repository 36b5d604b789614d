#include "processing/worker.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/pause.hpp"

namespace lenne::processing {
namespace {

/// A turn with fewer records than this has found a quiet log.
constexpr std::size_t kFew = 16;

}  // namespace

Worker::Worker(std::string name, storage::Consumer& consumer, Processor& processor, const storage::StateReader& state,
               const base::Clock& clock, base::Counters& counters, TickAppender append_tick, WorkerSettings settings)
    : name_(std::move(name)),
      consumer_(consumer),
      processor_(processor),
      state_(state),
      clock_(clock),
      append_tick_(std::move(append_tick)),
      settings_(std::move(settings)),
      records_(counters.cell("worker." + name_ + ".records")),
      commits_(counters.cell("worker." + name_ + ".commits")),
      polls_failed_(counters.cell("worker." + name_ + ".polls_failed")),
      ticks_(counters.cell("worker." + name_ + ".ticks")),
      interrupted_(counters.cell("worker." + name_ + ".interrupted")),
      ticks_failed_(counters.cell("worker." + name_ + ".ticks_failed")),
      failures_(counters.cell("worker." + name_ + ".failed")) {
  settings_.tick_interval = std::min(settings_.tick_interval, processor.timer_lateness());
}

std::unexpected<base::Error> Worker::end_with(base::Error error) {
  failed_ = true;
  failure_ = error;
  ++failures_;
  batch_.clear();
  return std::unexpected(std::move(error));
}

base::Result<void> Worker::assign(const storage::Poll& poll) {
  for (const auto partition : poll.revoked) {
    processor_.revoked(partition);
    partitions_.erase(partition);
    last_tick_.erase(partition);
  }
  for (const auto partition : poll.assigned) {
    if (auto loaded = processor_.assigned(partition, state_); !loaded) return loaded;
    partitions_.insert(partition);
  }
  return {};
}

/// Of the last poll: all, or `handled`, its first records.
base::Result<void> Worker::commit(std::optional<std::span<const storage::Record>> handled) {
  if (auto fault = processor_.fault()) return std::unexpected(std::move(*fault));
  processor_.flush(batch_);
  const auto committed = handled ? consumer_.commit_part(batch_, *handled) : consumer_.commit(batch_);
  if (!committed) return std::unexpected(committed.error());
  if (settings_.committed) settings_.committed(batch_);
  batch_.clear();
  ++commits_;
  return {};
}

base::Result<std::size_t> Worker::handle(std::span<const storage::Record> records, const std::stop_token& stop) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    bool full = batch_.bytes() + processor_.pending_bytes() >= kPortionBytes;
    do {
      if (full) {
        if (auto committed = commit(records.first(i)); !committed) return std::unexpected(committed.error());
        if (stop.stop_requested()) return i;
      }
      full = processor_.step(records[i], batch_) == Progress::more;
    } while (full);
  }
  if (auto committed = commit(std::nullopt); !committed) return std::unexpected(committed.error());
  return records.size();
}

base::Result<std::size_t> Worker::run_once(base::Duration patience, std::size_t most, const std::stop_token& stop) {
  if (failed_) return base::fail("worker_failed", name_ + " has ended: " + failure_->code + ": " + failure_->message);
  const auto poll = consumer_.poll(patience, most);
  if (!poll) {
    if (poll.error().code == "fenced") return end_with(poll.error());
    ++polls_failed_;
    return std::unexpected(poll.error());
  }
  if (auto assigned = assign(*poll); !assigned) return end_with(assigned.error());
  if (poll->records.empty()) {
    append_due_ticks(base::Duration::zero());
    return 0;
  }
  const auto handled = handle(poll->records, stop);
  if (!handled && handled.error().code == "interrupted") {
    ++interrupted_;
    batch_.clear();
    return handled;  // the next poll revokes and assigns all partitions, and brings the records again
  }
  if (!handled) return end_with(handled.error());
  records_ += *handled;
  if (*handled < poll->records.size()) return handled;
  // Only a worker that has read all there is may say that time has passed: while it lags behind, the records that it
  // has not read yet carry the time. A partition is quiet although others are not, so a little patience must do.
  if (poll->records.size() < most) append_due_ticks(settings_.tick_interval);
  return poll->records.size();
}

/// A tick that was appended comes back as a record: the next one waits for it.
std::optional<base::Timestamp> Worker::tick_due(std::uint32_t partition, base::Timestamp now) const {
  const auto due = processor_.next_due(partition);
  const auto last = last_tick_.find(partition);
  if (!due || last == last_tick_.end() || now < last->second) return due;
  return std::max(*due, last->second + settings_.tick_interval);
}

std::optional<base::Timestamp> Worker::next_due() const {
  std::optional<base::Timestamp> next;
  for (const auto partition : partitions_) {
    const auto due = tick_due(partition, clock_.now());
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void Worker::append_due_ticks(base::Duration late) {
  const auto now = clock_.now();
  std::vector<std::uint32_t> quiet;
  for (const auto partition : partitions_) {
    const auto due = tick_due(partition, now);
    if (!due || *due + late > now) continue;
    last_tick_[partition] = now;
    quiet.push_back(partition);
  }
  if (!quiet.empty()) (append_tick_(quiet) ? ticks_ : ticks_failed_) += quiet.size();
}

base::Result<void> Worker::run(const std::stop_token& stop) {
  // A timer that waits a little is often fired by a record, or its tick goes with others'.
  const auto slack = processor_.timer_lateness() / 5;
  auto back_off = settings_.back_off_first;
  while (!stop.stop_requested()) {
    const auto due = next_due();
    const auto patience =
        due ? std::clamp(*due + slack - clock_.now(), base::Duration::zero(), settings_.patience) : settings_.patience;
    const auto done = run_once(patience, settings_.most, stop);
    if (done) {
      back_off = settings_.back_off_first;
      if (*done > 0 && *done < settings_.most)
        base::pause(*done < kFew ? settings_.quiet_linger : settings_.linger, stop);
      continue;
    }
    if (failed_ || done.error().code == "log_closed") return std::unexpected(done.error());
    base::pause(back_off, stop);
    back_off = std::min(back_off * 2, settings_.back_off_most);
  }
  return {};
}

}  // namespace lenne::processing
