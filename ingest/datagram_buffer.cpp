#include "ingest/datagram_buffer.hpp"

#include <algorithm>

namespace lenne::ingest {
namespace {

/// What an arena keeps between bursts; more is given back when it has been read.
constexpr std::size_t kKeptBytes = std::size_t{2} << 20;

}  // namespace

void DatagramBuffer::expect(const base::Clock& clock) {
  const std::lock_guard lock(mutex_);
  expected_ = clock.now();
}

base::Timestamp DatagramBuffer::heard_until(const base::Clock& clock) const {
  const std::lock_guard lock(mutex_);
  auto until = clock.now();  // under the lock: nobody expects or pushes anything older from here on
  if (expected_) until = std::min(until, *expected_);
  if (taken_) until = std::min(until, *taken_);
  if (!filling_.entries.empty()) until = std::min(until, filling_.entries.front().received);
  return until;
}

std::size_t DatagramBuffer::push(std::span<const Datagram> datagrams) {
  std::size_t taken = 0;
  bool wake_reader = false;
  {
    const std::lock_guard lock(mutex_);
    expected_.reset();
    for (const auto& datagram : datagrams) {
      if (filling_.cost() + datagram.bytes.size() + sizeof(Arena::Entry) > half_) break;
      const auto at = filling_.bytes.size();
      filling_.bytes.insert(filling_.bytes.end(), datagram.bytes.begin(), datagram.bytes.end());
      filling_.entries.push_back({at, datagram.bytes.size(), datagram.source, datagram.received});
      ++taken;
    }
    wake_reader = waiting_ && taken > 0;
  }
  if (wake_reader) changed_.notify_one();
  return taken;
}

std::span<const Datagram> DatagramBuffer::take(std::size_t most, base::Duration patience, base::Duration nap) {
  if (next_ == reading_.entries.size()) {
    if (reading_.bytes.capacity() > kKeptBytes) reading_ = Arena{};
    reading_.bytes.clear();
    reading_.entries.clear();
    next_ = 0;
    std::unique_lock lock(mutex_);
    taken_.reset();
    if (filling_.entries.empty() && patience > base::Duration{}) {
      waiting_ = true;
      changed_.wait_for(lock, patience, [&] { return closed_ || woken_ || !filling_.entries.empty(); });
      waiting_ = false;
    }
    if (!filling_.entries.empty() && nap > base::Duration{}) {
      // waiting_ stays false: what arrives meanwhile is not worth a wake-up.
      changed_.wait_for(lock, nap, [&] { return closed_ || woken_ || filling_.cost() * 2 > half_; });
    }
    woken_ = false;
    std::swap(filling_, reading_);
    if (!reading_.entries.empty()) taken_ = reading_.entries.front().received;
  }
  const auto count = std::min(most, reading_.entries.size() - next_);
  views_.clear();
  for (const auto& entry : std::span(reading_.entries).subspan(next_, count)) {
    views_.push_back({base::ByteView(reading_.bytes).subspan(entry.at, entry.size), entry.source, entry.received});
  }
  next_ += count;
  return views_;
}

void DatagramBuffer::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

void DatagramBuffer::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool DatagramBuffer::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace lenne::ingest
