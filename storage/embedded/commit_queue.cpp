#include "storage/embedded/commit_queue.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/embedded/group.hpp"

namespace lenne::storage::embedded {

CommitQueue::CommitQueue(Families& families, const EmbeddedLimits& limits, const base::Clock& clock,
                         base::Counters& counters, Offset end, std::uint64_t commit_number)
    : families_(families),
      limits_(limits),
      clock_(clock),
      groups_written_(counters.cell("storage.groups")),
      commits_written_(counters.cell("storage.commits")),
      failed_writes_(counters.cell("storage.failed_writes")),
      writes_(families.write_set()),
      commit_number_(commit_number),
      end_(end),
      held_begin_(end) {
  ends_.fill(end);
}

Result<Committed> CommitQueue::submit(Request& request, const Admission& admission) {
  std::unique_lock lock(mutex_);
  if (failed_) return std::unexpected(*failed_);
  if (admission) {
    if (auto refused = admission()) return std::unexpected(std::move(*refused));
  }
  queue_.push_back(&request);
  if (leading_) {
    request.ready.wait(lock, [&] { return request.done || request.leads; });
  }
  if (!request.done) {
    leading_ = true;
    const auto written = lead(lock, request);
    if (!written) failed_ = written.error();
    if (failed_) {  // who waits for the next leader gets the same answer
      for (auto* other : std::exchange(queue_, {})) {
        other->error = failed_;
        other->done = true;
        other->ready.notify_one();
      }
    }
    leading_ = !queue_.empty();
    if (leading_) {
      queue_.front()->leads = true;
      queue_.front()->ready.notify_one();
    }
  }
  if (request.error) return std::unexpected(std::move(*request.error));
  return std::move(request.committed);
}

std::vector<Request*> CommitQueue::take_group() {
  std::vector<Request*> group;
  std::size_t bytes = 0;
  while (!queue_.empty()) {
    const auto* batch = queue_.front()->batch;
    const auto size = batch == nullptr ? 0 : batch->bytes();
    if (!group.empty() && bytes + size > limits_.group_bytes) break;
    bytes += size;
    group.push_back(queue_.front());
    queue_.pop_front();
  }
  return group;
}

Result<void> CommitQueue::lead(std::unique_lock<std::mutex>& lock, Request& own) {
  const auto group = take_group();
  const auto start = end_;
  lock.unlock();
  auto built = build(group, start);
  const auto written = built.empty ? Result<void>{} : families_.write(*writes_);
  lock.lock();
  if (written) {
    commits_written_.fetch_add(group.size(), std::memory_order_relaxed);
    publish(std::move(built));
  } else {
    failed_writes_.fetch_add(1, std::memory_order_relaxed);
  }
  for (auto* request : group) {
    if (!written) {
      request->error = written.error();
    } else if (request->published) {
      request->published();
    }
    request->done = true;
    if (request != &own) request->ready.notify_one();
  }
  return written;
}

CommitQueue::Built CommitQueue::build(const std::vector<Request*>& requests, Offset start) {
  writes_->clear();
  Built built{start, true, {}, 0};
  build_records(requests, clock_.now(), built);
  if (!built.groups.empty()) built.empty = false;
  for (const auto* request : requests) {
    if (request->batch != nullptr && request->batch->changes() > 0) {
      built.empty = false;
      build_state(*request);
    }
    for (const auto& row : request->rows) {
      built.empty = false;
      if (row.erase) {
        writes_->erase(row.family, row.key);
      } else {
        writes_->put(row.family, row.key, row.numbered ? be64(++commit_number_) + row.value : row.value);
      }
    }
  }
  return built;
}

void CommitQueue::build_records(const std::vector<Request*>& requests, base::Timestamp appended, Built& built) {
  std::array<std::vector<Batch::Append>, kRetentions> records;
  for (const auto* request : requests) {
    for (std::size_t i = 0; request->batch != nullptr && i < request->batch->appends(); ++i) {
      const auto append = request->batch->append_at(i);
      records[class_of(append.topic)].push_back(append);
      built.topics |= bit_of(append.topic);
    }
  }
  std::array<Offset, kRetentions> next{};
  for (std::size_t c = 0; c < kRetentions; ++c) {
    next[c] = built.end;
    if (records[c].empty()) continue;
    auto value = std::make_shared<const std::string>(encode_group(appended, records[c]));
    writes_->put(log_family(static_cast<Retention>(c)), be64(built.end), *value);
    built.groups.push_back({built.end, records[c].size(), c, std::move(value)});
    built.end += records[c].size();
  }
  const auto time = be64(static_cast<std::uint64_t>(base::to_us(appended)));
  for (auto* request : requests) {
    request->committed.offsets.reserve(request->batch == nullptr ? 0 : request->batch->appends());
    for (std::size_t i = 0; request->batch != nullptr && i < request->batch->appends(); ++i) {
      const auto append = request->batch->append_at(i);
      const auto offset = next[class_of(append.topic)]++;
      request->committed.offsets.push_back(offset);
      if (!info_of(append.topic).compacted) continue;
      const auto key = compacted_prefix(append.topic, append.partition, append.tenant).append(append.key);
      if (append.tombstone) {
        writes_->erase(Family::compacted, key);
      } else {
        writes_->put(Family::compacted, key, be64(offset).append(time).append(append.value));
      }
    }
  }
}

void CommitQueue::build_state(const Request& request) {
  for (std::size_t i = 0; i < request.batch->changes(); ++i) {
    const auto change = request.batch->change_at(i);
    const auto key = state_prefix(change.store, change.partition).append(change.key);
    if (change.erase) {
      writes_->erase(family_of(change.store), key);
    } else {
      writes_->put(family_of(change.store), key, change.value);
    }
  }
}

void CommitQueue::publish(Built&& built) {
  if (built.groups.empty()) return;
  groups_written_.fetch_add(built.groups.size(), std::memory_order_relaxed);
  for (auto& group : built.groups) {
    held_bytes_ += group.value->size();
    held_.push_back(std::move(group));
  }
  while (held_bytes_ > limits_.handover_bytes && !held_.empty()) {
    held_begin_ = held_.front().start + held_.front().count;
    held_bytes_ -= held_.front().value->size();
    held_.pop_front();
  }
  end_ = built.end;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    if ((built.topics >> i & 1U) != 0) ends_[i] = built.end;
  }
  for (auto* waiter : waiters_) {
    if ((waiter->topics & built.topics) != 0) waiter->ready.notify_one();
  }
}

std::optional<base::Error> CommitQueue::failure() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

Offset CommitQueue::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

bool CommitQueue::newest(Offset from, unsigned classes, std::size_t bytes, std::vector<WrittenGroup>& groups,
                         Offset& reached) const {
  const std::lock_guard lock(mutex_);
  if (from < held_begin_) return false;
  reached = end_;
  std::size_t taken = 0;
  auto at = std::partition_point(held_.begin(), held_.end(),
                                 [&](const WrittenGroup& group) { return group.start + group.count <= from; });
  for (; at != held_.end(); ++at) {
    if ((classes & (1U << at->retention)) == 0) continue;
    if (taken > 0 && taken + at->value->size() > bytes) {
      reached = at->start;
      break;
    }
    taken += at->value->size();
    groups.push_back(*at);
  }
  return true;
}

bool CommitQueue::wait_for(TopicSet topics, Offset offset, Duration patience) const {
  std::unique_lock lock(mutex_);
  Waiter waiter{topics};
  waiters_.push_back(&waiter);
  const bool came = waiter.ready.wait_for(lock, patience, [&] {
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      if ((topics >> i & 1U) != 0 && ends_[i] > offset) return true;
    }
    return false;
  });
  std::erase(waiters_, &waiter);
  return came;
}

}  // namespace lenne::storage::embedded
