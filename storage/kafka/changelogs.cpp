#include "storage/kafka/changelogs.hpp"

#include <algorithm>
#include <charconv>

#include "base/thread_name.hpp"
#include "storage/kafka/topic_names.hpp"

namespace lenne::storage::kafka {
namespace {

constexpr Duration kPatience = std::chrono::milliseconds{20};
constexpr Duration kRest = std::chrono::milliseconds{200};
constexpr std::size_t kMost = 5'000;
/// A deleted row's tombstone is gone after kTombstonesKept: local rows that have not moved for about as long may hold
/// rows that were deleted since.
constexpr Duration kOldest = kTombstonesKept - std::chrono::hours{24};

std::string mark_name(const Changelogs::Partition& partition) {
  return "changelog/" + partition.first + "/" + std::to_string(partition.second);
}

/// "next stores moved": decimal numbers; moved in µs since 1970.
struct Mark {
  std::int64_t next = 0;
  std::uint64_t stores = 0;
  std::int64_t moved_us = 0;
};

template <typename Number>
bool take(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return true;
}

std::optional<Mark> parse_mark(std::string_view text) {
  Mark mark;
  if (!take(text, mark.next) || !take(text, mark.stores) || !take(text, mark.moved_us) || !text.empty())
    return std::nullopt;
  return mark;
}

}  // namespace

Result<std::unique_ptr<Changelogs>> Changelogs::open(const KafkaSettings& settings, LocalState& state,
                                                     const base::Clock& clock, base::Counters& counters) {
  auto tailer = Tailer::make(settings, clock, "changelogs");
  if (!tailer) return std::unexpected(tailer.error());
  std::unique_ptr<Changelogs> made(new Changelogs(settings, state, clock, counters, std::move(*tailer)));
  made->thread_ = std::jthread([&self = *made](const std::stop_token& stop) { self.run(stop); });
  return made;
}

Changelogs::Changelogs(const KafkaSettings& settings, LocalState& state, const base::Clock& clock,
                       base::Counters& counters, Tailer tailer)
    : settings_(settings),
      state_(state),
      clock_(clock),
      records_(counters.cell("storage.changelog.records")),
      errors_(counters.cell("storage.changelog.errors")),
      rebuilt_(counters.cell("storage.changelog.rebuilt")),
      behind_(counters.cell("storage.changelog.behind")),
      eta_s_(counters.cell("storage.changelog.eta_s")),
      tailer_(std::move(tailer)) {}

Changelogs::~Changelogs() {
  thread_.request_stop();
  changed_.notify_all();
}

void Changelogs::follow(const std::string& name, std::uint32_t partitions) {
  const std::lock_guard lock(mutex_);
  for (std::uint32_t p = 0; p < partitions; ++p) {
    auto& copy = copies_[{name, p}];
    copy.for_good = true;
    if (copy.mode == Mode::idle) copy.mode = Mode::followed;
  }
  chosen_ = false;
  changed_.notify_all();
}

void Changelogs::want(const Partition& partition) {
  const std::lock_guard lock(mutex_);
  auto& copy = copies_[partition];
  copy.mode = Mode::wanted;
  copy.end = -1;
  chosen_ = false;
  changed_.notify_all();
}

bool Changelogs::owned(const Partition& partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = copies_.find(partition);
  return found != copies_.end() && found->second.mode == Mode::owned;
}

void Changelogs::release(const Partition& partition) {
  const std::lock_guard lock(mutex_);
  auto& copy = copies_[partition];
  copy.mode = copy.for_good ? Mode::followed : Mode::idle;
  chosen_ = false;
  changed_.notify_all();
}

void Changelogs::mark(LocalState::Write& write, const Partition& partition, std::int64_t next, std::uint64_t stores) {
  const std::lock_guard lock(mutex_);
  auto& copy = copies_[partition];
  copy.next = std::max(copy.next, next);
  copy.stores |= stores;
  write_mark(write, partition, copy);
}

void Changelogs::write_mark(LocalState::Write& write, const Partition& partition, const Copy& copy) const {
  write.mark(mark_name(partition), std::to_string(copy.next) + " " + std::to_string(copy.stores) + " " +
                                       std::to_string(base::to_us(clock_.now())));
}

bool Changelogs::wait_for(const Partition& partition, std::int64_t next, Duration patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] {
    const auto found = copies_.find(partition);
    return found != copies_.end() && found->second.loaded && found->second.next >= next;
  });
}

bool Changelogs::wait_for_end(const Partition& partition, Duration patience) {
  want(partition);
  std::unique_lock lock(mutex_);
  const bool complete = changed_.wait_for(lock, patience, [&] { return copies_[partition].mode == Mode::owned; });
  lock.unlock();
  release(partition);
  return complete;
}

void Changelogs::run(const std::stop_token& stop) {
  base::name_this_thread("changelogs");
  while (!stop.stop_requested()) {
    if (auto done = turn(); !done) {  // the broker is away for a while, or the disk is full (then the log says so)
      ++errors_;
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kRest, [] { return false; });
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return !chosen_ || reads(); });
  }
}

bool Changelogs::reads() const {
  return std::ranges::any_of(tailer_.places(), [](const Place& place) { return !place.held; });
}

Result<void> Changelogs::turn() {
  if (auto chosen = choose(); !chosen) return chosen;
  return copy_some();
}

Place Changelogs::place_of(const Partition& partition, std::int64_t next) const {
  return {changelog_name(settings_, partition.first), static_cast<std::int32_t>(partition.second), next};
}

/// Decides where to go on from: at the mark, or, when that says nothing about the topic as it is, at its beginning.
Result<void> Changelogs::load(const Partition& partition, Copy& copy) {
  const auto text = state_.mark(mark_name(partition));
  if (!text) return std::unexpected(text.error());
  const auto mark = *text ? parse_mark(**text) : std::nullopt;
  if (*text && !mark) return base::fail("log_read", "the mark " + mark_name(partition) + " is damaged");
  const auto bounds = tailer_.bounds(place_of(partition, 0));
  if (!bounds) return std::unexpected(bounds.error());
  copy.next = bounds->begin;
  copy.stores = 0;
  if (mark) {
    const bool good = mark->next >= bounds->begin && mark->next <= bounds->end &&
                      clock_.now() - base::from_us(mark->moved_us) < kOldest;
    if (good) {
      copy.next = mark->next;
      copy.stores = mark->stores;
    } else {
      ++rebuilt_;
      if (auto done = state_.forget(mark->stores, partition.second); !done) return done;
    }
  }
  copy.loaded = true;
  return {};
}

/// Takes up what has become wanted or followed, and leaves what has become somebody's.
Result<void> Changelogs::choose() {
  std::map<Partition, Copy> wanted;
  {
    const std::lock_guard lock(mutex_);
    if (chosen_) return {};
    for (const auto& [partition, copy] : copies_) {
      if (copy.mode == Mode::followed || copy.mode == Mode::wanted) wanted.emplace(partition, copy);
    }
    chosen_ = true;
  }
  auto chosen = choose(wanted);
  const std::lock_guard lock(mutex_);
  if (!chosen) chosen_ = false;
  for (const auto& [partition, copy] : wanted) {
    auto& own = copies_[partition];
    if (!own.loaded && copy.loaded) {
      own.next = copy.next;
      own.stores = copy.stores;
      own.loaded = true;
    }
    // If it has been released meanwhile, the next turn takes that up.
    if (own.mode == Mode::wanted && own.end < 0) own.end = copy.end;
  }
  return chosen;
}

Result<void> Changelogs::choose(std::map<Partition, Copy>& wanted) {
  for (auto& place : tailer_.places()) {
    if (!place.held && !wanted.contains(copied_[place.tag])) tailer_.hold(place);
  }
  Places places;
  for (auto& [partition, copy] : wanted) {
    if (!copy.loaded) {
      if (auto loaded = load(partition, copy); !loaded) return loaded;
    }
    if (copy.mode == Mode::wanted && copy.end < 0) {
      const auto end = tailer_.end(place_of(partition, 0));
      if (!end) return std::unexpected(end.error());
      copy.end = *end;
    }
    auto place = place_of(partition, copy.next);
    const auto known = std::ranges::find(copied_, partition);
    place.tag = static_cast<std::uint32_t>(known - copied_.begin());
    if (known == copied_.end()) copied_.push_back(partition);
    const auto read = std::ranges::find(tailer_.places(), place.tag, &Place::tag);
    if (read == tailer_.places().end() || read->held || std::max(read->next, read->end) < copy.next)
      places.push_back(std::move(place));
  }
  return places.empty() ? Result<void>{} : tailer_.read(places);
}

Result<void> Changelogs::copy_some() {
  auto write = state_.write();
  std::vector<std::uint64_t> stores(copied_.size(), 0);
  const auto count = tailer_.fetch(kPatience, kMost, [&](const rd_kafka_message_t& message, const Place& place) {
    const std::string_view key(static_cast<const char*>(message.key), message.key_len);
    if (key.empty() || static_cast<unsigned char>(key[0]) >= 64) return;
    const auto store = static_cast<Store>(key[0]);
    stores[place.tag] |= bit_of(store);
    const auto partition = static_cast<std::uint32_t>(message.partition);
    if (message.payload == nullptr) {
      write.erase(store, partition, key.substr(1));
    } else {
      write.put(store, partition, key.substr(1), {static_cast<const char*>(message.payload), message.len});
    }
  });
  if (!count) return std::unexpected(count.error());
  records_ += *count;

  const std::lock_guard lock(mutex_);
  std::uint64_t behind = 0;
  for (const auto& place : tailer_.places()) {
    auto& copy = copies_[copied_[place.tag]];
    if (place.held || (copy.mode != Mode::followed && copy.mode != Mode::wanted)) continue;
    copy.stores |= stores[place.tag];
    const auto next = std::max(place.next, place.end);
    if (next > copy.next) {
      copy.next = next;
      write_mark(write, copied_[place.tag], copy);
    }
    if (copy.mode == Mode::wanted && copy.end > copy.next) behind += static_cast<std::uint64_t>(copy.end - copy.next);
  }
  if (write.bytes() > 0) {
    if (auto done = state_.commit(write); !done) return done;
  }
  progress_.note(*count, behind, clock_.monotonic());
  behind_.store(behind);
  eta_s_.store(progress_.eta_s());
  for (const auto& partition : copied_) {
    auto& copy = copies_[partition];
    if (copy.mode != Mode::wanted || copy.end < 0 || copy.next < copy.end) continue;
    copy.mode = Mode::owned;
    chosen_ = false;  // it is copied no more
  }
  changed_.notify_all();
  return {};
}

}  // namespace lenne::storage::kafka
