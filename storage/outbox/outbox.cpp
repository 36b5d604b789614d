#include "storage/outbox/outbox.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/pause.hpp"

namespace lenne::storage {
namespace {

// Rows of store `outbox`: the log's name, and under rising numbers the names of its processes.
constexpr std::string_view kLogRow = "log";
constexpr std::string_view kProcessRows = "process/";
constexpr std::size_t kDigits = 20;
constexpr std::string_view kRefused = "outbox_refused";
constexpr Duration kPatience = std::chrono::milliseconds{200};
/// After a turn that left nothing behind: the next transaction has more to take.
constexpr Duration kLinger = std::chrono::milliseconds{100};
constexpr Duration kBackOffFirst = std::chrono::milliseconds{100};
constexpr Duration kBackOffMost = std::chrono::seconds{5};

std::uint64_t seconds_of(Duration time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(std::chrono::floor<std::chrono::seconds>(time).count(), 0));
}

std::vector<Topic> topics() { return {kOutboxTopics.begin(), kOutboxTopics.end()}; }

}  // namespace

Result<OutboxIdentity> outbox_identity_of(Log& log, std::string_view fresh) {
  const auto name = log.state().get(Store::outbox, 0, kLogRow);
  if (!name) return std::unexpected(name.error());
  OutboxIdentity identity{name->value_or(std::string(fresh)), std::string(fresh), {}};
  Batch batch;
  std::uint64_t number = 0;
  std::vector<std::string> keys;
  const std::string end = std::string(kProcessRows).append("~");
  const auto scanned = log.state().scan(Store::outbox, 0, kProcessRows, end, [&](auto key, auto value) {
    identity.earlier.emplace(value);
    keys.emplace_back(key);
    return true;
  });
  if (!scanned) return std::unexpected(scanned.error());
  if (!keys.empty()) {
    const auto digits = std::string_view(keys.back()).substr(kProcessRows.size());
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc{})
      return base::fail("log_read", "a process of the outbox is damaged");
  }
  for (std::size_t i = 0; i + OutboxIdentity::kProcesses <= keys.size(); ++i) batch.erase(Store::outbox, 0, keys[i]);
  const auto digits = std::to_string(number + 1);
  batch.put(Store::outbox, 0, kLogRow, identity.log);
  batch.put(Store::outbox, 0, std::string(kProcessRows).append(kDigits - digits.size(), '0').append(digits), fresh);
  if (auto put = log.put_state(batch); !put) return std::unexpected(put.error());
  return identity;
}

bool is_outbox_row(std::string_view key, std::string_view value) noexcept {
  const bool named = !value.empty() && value.find(' ') == std::string_view::npos;
  return named && (key == kLogRow || (key.starts_with(kProcessRows) && key.size() == kProcessRows.size() + kDigits));
}

Outbox::Outbox(OutboxTarget& target, const base::Clock& clock, base::Counters& counters)
    : target_(target),
      clock_(clock),
      records_(counters.cell("outbox.records")),
      transactions_(counters.cell("outbox.transactions")),
      errors_(counters.cell("outbox.errors")),
      behind_(counters.cell("outbox.behind_seconds")),
      connected_(counters.cell("outbox.connected")),
      refused_(counters.cell("outbox.refused")) {}

Result<std::unique_ptr<Outbox>> Outbox::open(Log& log, OutboxTarget& target, const base::Clock& clock,
                                             base::Counters& counters) {
  std::unique_ptr<Outbox> outbox(new Outbox(target, clock, counters));
  auto consumer = log.consumer({std::string(kOutboxConsumer), topics()});
  if (!consumer) return std::unexpected(consumer.error());
  auto reader = log.reader(topics());
  if (!reader) return std::unexpected(reader.error());
  outbox->consumer_ = std::move(*consumer);
  outbox->reader_ = std::move(*reader);
  return outbox;
}

std::unexpected<base::Error> Outbox::lose(base::Error error) {
  begun_ = false;
  connected_.store(0);
  if (error.code == kRefused) {
    refused_.store(1);
  } else {
    ++errors_;
  }
  note_behind();
  return std::unexpected(std::move(error));
}

Result<void> Outbox::begin() {
  auto position = target_.begin();
  if (!position) return lose(std::move(position.error()));
  const auto from = *position ? SeekTo{SeekTo::Where::token, **position} : SeekTo{SeekTo::Where::beginning};
  if (auto sought = reader_->seek(from); !sought) {
    if (sought.error().code != "bad_position") return lose(std::move(sought.error()));
    return lose({std::string(kRefused), "the log does not hold what follows the target's position (" +
                                            sought.error().message + "): mirror it to another prefix"});
  }
  written_ = reader_->position();
  wrote_ = clock_.monotonic();
  if (!*position) {  // where it begins is fixed first: a compacted topic's beginning is another one later
    if (auto done = target_.commit(written_); !done) return lose(std::move(done.error()));
  }
  if (auto held = hold(); !held) return lose(std::move(held.error()));
  begun_ = true;
  connected_.store(1);
  return {};
}

/// `retain` may delete what is before the position that the target holds.
Result<void> Outbox::hold() {
  if (auto sought = consumer_->seek({SeekTo::Where::token, written_}); !sought) return sought;
  if (auto committed = consumer_->commit(Batch{}); !committed) return std::unexpected(committed.error());
  held_ = clock_.monotonic();
  held_all_ = true;
  return {};
}

/// While the target is away: what is held for it says how old the oldest record is.
void Outbox::note_behind() {
  if (!reader_->seek({SeekTo::Where::token, consumer_->position()})) return;
  const auto poll = reader_->poll(Duration::zero(), 1);
  if (!poll) return;
  behind_.store(poll->records.empty() ? 0 : seconds_of(clock_.now() - poll->records.front().appended));
}

Result<void> Outbox::write(std::size_t added, std::string position) {
  if (auto done = target_.commit(position); !done) {
    most_ = std::max<std::size_t>(most_ / 2, 1);
    return lose(std::move(done.error()));
  }
  most_ = std::min(most_ + kMost / 100, kMost);
  records_ += added;
  ++transactions_;
  written_ = std::move(position);
  wrote_ = clock_.monotonic();
  held_all_ = false;
  return {};
}

Result<std::size_t> Outbox::run_once(Duration patience) {
  if (!begun_) {
    if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  }
  const auto most = most_;
  const auto poll = reader_->poll(patience, most);
  if (!poll) return lose(poll.error());
  const auto& records = poll->records;
  const auto added = records.empty() ? 0 : target_.add(records);
  auto position = reader_->position();
  if (added > 0 || (position != written_ && clock_.monotonic() - wrote_ >= kIdle)) {
    if (auto done = write(added, std::move(position)); !done) return std::unexpected(done.error());
  }
  if (!held_all_ && clock_.monotonic() - held_ >= kHold) {
    if (auto held = hold(); !held) return lose(std::move(held.error()));
  }
  behind_.store(records.size() < most ? 0 : seconds_of(clock_.now() - records.back().appended));
  return records.size();
}

Result<void> Outbox::run(const std::stop_token& stop,
                         const std::function<void(const std::optional<base::Error>&)>& told) {
  auto back_off = kBackOffFirst;
  std::optional<bool> connected;
  const auto tell = [&](const std::optional<base::Error>& why) {
    if (std::exchange(connected, !why) != !why) told(why);
  };
  while (!stop.stop_requested()) {
    const auto most = most_;
    const auto done = run_once(kPatience);
    if (done) {
      tell(std::nullopt);
      back_off = kBackOffFirst;
      if (*done < most) base::pause(kLinger, stop);
      continue;
    }
    if (done.error().code == kRefused) return std::unexpected(done.error());
    tell(done.error());
    base::pause(back_off, stop);
    back_off = std::min(back_off * 2, kBackOffMost);
  }
  return {};
}

}  // namespace lenne::storage
