#include "storage/embedded/tail.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "storage/embedded/layout.hpp"

namespace lenne::storage::embedded {
namespace {

constexpr Offset kNever = std::numeric_limits<Offset>::max();
/// Longer waits are cut to this: a poll may always return empty.
constexpr Duration kMostPatience = std::chrono::hours{1};

std::unexpected<base::Error> damaged(Offset offset) {
  return base::fail("log_read", "the group at offset " + std::to_string(offset) + " is damaged");
}

}  // namespace

struct Tail::Kept {
  std::vector<std::shared_ptr<const std::string>> groups;
  std::deque<std::string> rows;
};

Tail::Tail(const Engine& engine, std::vector<Topic> topics, std::vector<std::uint32_t> partitions, std::string tenant)
    : engine_(engine),
      topics_(std::move(topics)),
      partitions_(std::move(partitions)),
      tenant_(std::move(tenant)),
      own_(engine.partitions, false),
      positions_(engine.partitions) {
  for (const auto topic : topics_) {
    const auto bit = 1U << class_of(topic);
    topic_set_ |= bit_of(topic);
    classes_ |= bit;
    if (info_of(topic).compacted) {
      compacted_ = true;
    } else {
      plain_classes_ |= bit;
    }
  }
  const auto end = engine_.queue->end();
  for (const auto p : partitions_) {
    own_[p] = true;
    positions_[p].next = end;
  }
}

Position Tail::beginning() const {
  const auto begins = engine_.begins_now();
  const auto end = engine_.queue->end();
  Position position;
  position.next = end;
  for (std::size_t c = 0; c < kRetentions; ++c) {
    if ((plain_classes_ & (1U << c)) != 0) position.next = std::min(position.next, begins[c]);
  }
  for (std::size_t c = 0; c < kRetentions; ++c) {
    if ((plain_classes_ & (1U << c)) != 0) position.floors[c] = begins[c];
  }
  if (compacted_) {
    position.fence = end;
    position.snapshot = true;
  }
  position.advance(position.next);
  return position;
}

Result<void> Tail::seek(const SeekTo& to) {
  if (to.where == SeekTo::Where::beginning) {
    const auto position = beginning();
    for (const auto p : partitions_) positions_[p] = position;
    return {};
  }
  const auto end = engine_.queue->end();
  if (to.where == SeekTo::Where::end) {
    for (const auto p : partitions_) {
      positions_[p] = {};
      positions_[p].next = end;
    }
    return {};
  }
  const auto parsed = parse_positions(to.token, engine_.partitions);
  if (!parsed) return base::fail("bad_position", "not a position of this log: " + to.token.substr(0, 64));
  for (const auto p : partitions_) {
    const auto& position = (*parsed)[p];
    if (!position) return base::fail("bad_position", "the position does not name partition " + std::to_string(p));
    if (std::max(position->next, position->fence) > end) {
      return base::fail("bad_position", "the position is after the end of the log");
    }
    if (lost(*position)) return base::fail("bad_position", "the position is older than what is kept");
  }
  for (const auto p : partitions_) {
    positions_[p] = *(*parsed)[p];
    positions_[p].snapshot = positions_[p].snapshot && compacted_;
    positions_[p].advance(0);
  }
  return {};
}

bool Tail::lost(const Position& position) const {
  const auto begins = engine_.begins_now();
  for (std::size_t c = 0; c < kRetentions; ++c) {
    if ((classes_ & (1U << c)) == 0) continue;
    auto from = std::max(position.next, position.floors[c]);
    if ((plain_classes_ & (1U << c)) == 0) from = std::max(from, position.fence);
    if (begins[c] > from) return true;
  }
  return false;
}

Result<Poll> Tail::poll(Duration patience, std::size_t most, bool strict) {
  const auto& clock = *engine_.clock;
  const auto deadline = clock.monotonic() + std::clamp(patience, Duration{0}, kMostPatience);
  for (;;) {
    if (strict && std::ranges::any_of(partitions_, [&](std::uint32_t p) { return lost(positions_[p]); })) {
      return base::fail("bad_position", "records that were not read yet are older than what is kept");
    }
    Gather gather{{}, std::make_shared<Kept>(), std::max<std::size_t>(most, 1)};
    before_ = positions_;
    if (auto read = read_snapshot(gather); !read) return std::unexpected(read.error());
    auto reached = Offset{0};
    if (gather.poll.records.empty()) {
      before_ = positions_;
      const auto read = read_log(gather);
      if (!read) return std::unexpected(read.error());
      reached = *read;
    }
    if (!gather.poll.records.empty()) {
      gather.poll.memory = std::move(gather.kept);
      return std::move(gather.poll);
    }
    const auto rest = deadline - clock.monotonic();
    if (rest <= Duration{0} || !engine_.queue->wait_for(topic_set_, reached, rest)) return Poll{};
  }
}

std::vector<Position> Tail::positions_after(std::span<const Record> handled) const {
  auto positions = before_;
  if (handled.empty()) return positions;
  const auto& last = handled.back();
  if (!before_[last.partition].snapshot) {
    // A poll reads the log in the order of its offsets, over all partitions.
    for (const auto p : partitions_) positions[p].advance(last.offset + 1);
    return positions;
  }
  // Snapshots are read partition by partition.
  for (const auto p : partitions_) {
    if (p < last.partition) positions[p] = positions_[p];
  }
  positions[last.partition].after = compacted_prefix(last.topic, last.partition, last.tenant).append(last.key);
  return positions;
}

Result<void> Tail::read_snapshot(Gather& gather) {
  for (const auto p : partitions_) {
    auto& position = positions_[p];
    if (!position.snapshot) continue;
    for (const auto& info : kTopics) {
      if (!info.compacted || (topic_set_ & bit_of(info.topic)) == 0) continue;
      if (p >= partitions_of(info.topic, engine_.partitions)) continue;
      const auto more = read_snapshot_of(p, info, gather);
      if (!more) return std::unexpected(more.error());
      if (*more) return {};
    }
    position.snapshot = false;
    position.after.clear();
    position.advance(0);
  }
  return {};
}

/// True when it stopped because the poll is full.
Result<bool> Tail::read_snapshot_of(std::uint32_t partition, const TopicInfo& info, Gather& gather) {
  auto& position = positions_[partition];
  const auto prefix =
      tenant_.empty() ? compacted_prefix(info.topic, partition) : compacted_prefix(info.topic, partition, tenant_);
  const auto to = end_of_prefix(prefix);
  const auto from = std::max(prefix, position.after.empty() ? prefix : position.after + '\0');
  if (from >= to) return false;
  bool full = false;
  std::optional<base::Error> bad;
  const auto scanned = engine_.families->scan(Family::compacted, from, to, false, [&](auto key, auto value) {
    if (gather.full(engine_.limits.poll_bytes)) {
      full = true;
      return false;
    }
    const auto row = read_compacted(key, value);
    if (!row) {
      bad = base::Error{"log_read", "a row of topic " + std::string(info.name) + " is damaged"};
      return false;
    }
    position.after.assign(key);
    if (row->offset >= position.fence) return true;  // the change comes later, from the log
    auto& rows = gather.kept->rows;
    rows.emplace_back(key);
    rows.emplace_back(value);
    const auto own = read_compacted(rows[rows.size() - 2], rows.back());
    gather.bytes += key.size() + value.size();
    gather.poll.records.push_back(
        {info.topic, partition, own->offset, own->appended, own->tenant, own->key, own->value, false});
    return true;
  });
  if (!scanned) return std::unexpected(scanned.error());
  if (bad) return std::unexpected(*bad);
  return full;
}

Result<Offset> Tail::read_log(Gather& gather) {
  auto from = kNever;
  for (const auto p : partitions_) from = std::min(from, positions_[p].next);
  const auto end = engine_.queue->end();
  while (from < end && gather.poll.records.empty()) {
    std::vector<WrittenGroup> groups;
    auto reached = from;
    if (engine_.queue->newest(from, classes_, engine_.limits.poll_bytes, groups, reached)) {
      unfinished_ = {};
      for (const auto& group : groups) {
        const auto done = take(group.start, *group.value, [&] { return group.value; }, gather);
        if (!done) return done;
        if (*done < group.start + group.count || gather.full(engine_.limits.poll_bytes)) {
          reached = *done;
          break;
        }
      }
    } else {
      const auto done = read_families(from, end, gather);
      if (!done) return done;
      reached = *done;
    }
    advance(reached);
    from = reached;
  }
  return from;
}

Result<Offset> Tail::read_families(Offset from, Offset end, Gather& gather) {
  if (unfinished_.value && unfinished_.start <= from && from < unfinished_.start + unfinished_.count) {
    const auto done = take(unfinished_.start, *unfinished_.value, [&] { return unfinished_.value; }, gather);
    if (!done) return done;
    from = *done;
    if (gather.full(engine_.limits.poll_bytes)) return from;
    advance(from);  // the cursors may begin with that group
  }
  unfinished_ = {};
  std::vector<std::unique_ptr<GroupCursor>> cursors;
  for (std::size_t c = 0; c < kRetentions; ++c) {
    if ((classes_ & (1U << c)) != 0) {
      cursors.push_back(engine_.families->groups(log_family(static_cast<Retention>(c)), from));
    }
  }
  for (;;) {
    GroupCursor* first = nullptr;
    for (const auto& cursor : cursors) {
      if (const auto status = cursor->status(); !status) return std::unexpected(status.error());
      if (!cursor->valid() || cursor->start() >= end) continue;
      if (first == nullptr || cursor->start() < first->start()) first = cursor.get();
    }
    if (first == nullptr) return end;
    const auto bytes = first->peek();
    const auto head = read_head(bytes);
    if (!head) return damaged(first->start());
    const auto done = take(first->start(), bytes, [&] { return first->value(); }, gather);
    if (!done) return done;
    if (*done < first->start() + head->count)
      unfinished_ = {first->start(), head->count, 0, gather.kept->groups.back()};
    if (gather.full(engine_.limits.poll_bytes)) return done;
    first->next();
  }
}

Offset Tail::wanted_from(const Label& label) const {
  if (!known(label.topic) || (topic_set_ & bit_of(label.topic)) == 0) return kNever;
  if (label.partition >= own_.size() || !own_[label.partition]) return kNever;
  if (!tenant_.empty() && label.tenant != tenant_) return kNever;
  const auto& position = positions_[label.partition];
  const auto& info = info_of(label.topic);
  return std::max({position.next, info.compacted ? position.fence : 0, position.floors[class_of(label.topic)]});
}

Result<Offset> Tail::take(Offset start, std::string_view bytes,
                          const std::function<std::shared_ptr<const std::string>()>& keep, Gather& gather) const {
  auto index = GroupView::parse(bytes);
  if (!index) return damaged(start);
  const auto end = start + index->head().count;
  std::vector<Offset> from;
  from.reserve(index->labels().size());
  bool any = false;
  for (const auto& label : index->labels()) {
    from.push_back(wanted_from(label));
    any = any || from.back() < end;
  }
  if (!any) return end;
  auto kept = keep();
  auto group = kept->data() == bytes.data() ? std::move(index) : GroupView::parse(*kept);
  if (!group) return damaged(start);
  gather.kept->groups.push_back(std::move(kept));
  auto offset = start;
  while (const auto entry = group->next()) {
    const auto at = offset++;
    if (at < from[entry->label]) continue;
    const auto& label = group->labels()[entry->label];
    gather.bytes += entry->key.size() + entry->value.size();
    gather.poll.records.push_back({label.topic, label.partition, at, group->head().appended, label.tenant, entry->key,
                                   entry->value, entry->tombstone});
    if (gather.full(engine_.limits.poll_bytes)) return offset;
  }
  if (group->damaged()) return damaged(start);
  return end;
}

void Tail::advance(Offset offset) {
  for (const auto p : partitions_) positions_[p].advance(offset);
}

}  // namespace lenne::storage::embedded
