#include "storage/embedded/inspection.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/bytes.hpp"
#include "storage/batch_check.hpp"
#include "storage/embedded/group.hpp"
#include "storage/embedded/layout.hpp"

namespace lenne::storage::embedded {
namespace {

/// All compacted topics share one class, so one set of offsets says which of its records are last values.
constexpr auto kChanges = Retention::days_7;
static_assert(std::ranges::all_of(kTopics,
                                  [](const TopicInfo& info) { return !info.compacted || info.retention == kChanges; }));

std::string at(Offset offset) { return "offset " + std::to_string(offset); }

/// A key in words: as it is when it is plain text, else in hex.
std::string in_words(std::string_view key) {
  constexpr std::size_t kMost = 80;
  const bool plain = std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; });
  return (plain ? std::string(key) : base::to_hex(base::as_bytes(key))).substr(0, kMost);
}

std::string value_of(Topic topic, std::string_view key) {
  return "last value of " + std::string(info_of(topic).name) + " " + in_words(key);
}

bool belongs(const Label& label, std::size_t retention, std::uint32_t partitions) {
  return known(label.topic) && class_of(label.topic) == retention &&
         label.partition < partitions_of(label.topic, partitions);
}

}  // namespace

/// Follows the changes of the compacted topics against their last values as they are stored.
class Inspection::Changes {
 public:
  Changes(const Families& families, Offset begin, std::vector<bool>& last)
      : families_(families), begin_(begin), last_(last) {}

  void take(const Record& record, Faults& faults) {
    const auto key = compacted_prefix(record.topic, record.partition, record.tenant).append(record.key);
    const auto stored = families_.get(Family::compacted, key);
    if (!stored) return faults.add(value_of(record.topic, record.key), stored.error().message);
    const auto row = *stored ? read_compacted(key, **stored) : std::nullopt;
    if (*stored && !row) return;  // told where the rows are read
    if (record.tombstone) {
      missing_.erase(key);
      if (row && row->offset <= record.offset)
        faults.add(value_of(record.topic, record.key), "is there, but was removed at " + at(record.offset));
    } else if (!row) {
      missing_.insert(key);
    } else if (row->offset < record.offset) {
      faults.add(value_of(record.topic, record.key),
                 "is of " + at(row->offset) + ", but was changed at " + at(record.offset));
    } else if (row->offset == record.offset) {
      mark(record.offset);
      if (row->value != record.value || row->appended != record.appended)
        faults.add(value_of(record.topic, record.key), "differs from " + at(record.offset));
    }
  }

  /// Keys that were set, are not there, and were not removed.
  void finish(Faults& faults) const {
    for (const auto& key : missing_) {
      const auto row = read_compacted(key, std::string(16, '\0'));
      faults.add(value_of(static_cast<Topic>(key.front()), row ? row->key : key), "is missing");
    }
  }

 private:
  void mark(Offset offset) {
    if (offset < begin_) return;
    if (last_.size() <= offset - begin_) last_.resize(static_cast<std::size_t>(offset - begin_) + 1);
    last_[static_cast<std::size_t>(offset - begin_)] = true;
  }

  const Families& families_;
  const Offset begin_;
  std::vector<bool>& last_;
  std::set<std::string> missing_;
};

Inspection::Inspection(std::shared_ptr<const Families> families, std::uint32_t partitions)
    : families_(std::move(families)), partitions_(partitions), consumers_(partitions) {}

Result<std::unique_ptr<Inspection>> Inspection::open(std::shared_ptr<const Families> families) {
  const auto format = meta_number(*families, "format");
  if (!format) return std::unexpected(format.error());
  if (!*format) return base::fail("log_open", "there is no log");
  if (**format != kFormat)
    return base::fail("log_format", "the log has format " + std::to_string(**format) + ", this version reads format " +
                                        std::to_string(kFormat));
  const auto partitions = meta_number(*families, "network_partitions");
  if (!partitions) return std::unexpected(partitions.error());
  if (!*partitions || **partitions < 1 || **partitions > kMaxPartitions)
    return base::fail("log_open", "the number of partitions is missing or damaged");
  std::unique_ptr<Inspection> inspection(new Inspection(std::move(families), static_cast<std::uint32_t>(**partitions)));
  for (std::size_t c = 0; c < kRetentions; ++c) {
    const auto begin = meta_number(*inspection->families_, "begin/" + std::to_string(c));
    if (!begin) return std::unexpected(begin.error());
    inspection->begins_[c] = begin->value_or(0);
  }
  return inspection;
}

void Inspection::read_files(Faults& faults) const {
  if (const auto checked = families_->check(); !checked) faults.add("files", checked.error().message);
}

void Inspection::read_records(Faults& faults, const RecordVisit& visit) {
  Changes changes(*families_, begin(kChanges), last_);
  end_ = 0;
  std::vector<std::unique_ptr<GroupCursor>> cursors;
  for (std::size_t c = 0; c < kRetentions; ++c)
    cursors.push_back(families_->groups(log_family(static_cast<Retention>(c)), 0));
  for (;;) {
    std::size_t first = kRetentions;
    for (std::size_t c = 0; c < kRetentions; ++c) {
      if (cursors[c]->valid() && (first == kRetentions || cursors[c]->start() < cursors[first]->start())) first = c;
    }
    if (first == kRetentions) break;
    read_group(first, *cursors[first], changes, faults, visit);
    cursors[first]->next();
  }
  for (std::size_t c = 0; c < kRetentions; ++c) {
    if (const auto status = cursors[c]->status(); !status)
      faults.add(std::string(kFamilyNames[c + 1]), status.error().message);
  }
  end_ = std::max(end_, *std::ranges::max_element(begins_));
  changes.finish(faults);
}

/// Offsets count over all classes, each one once: what is missing was deleted with the oldest groups of its class.
void Inspection::check_start(Offset start, std::size_t retention, Faults& faults) const {
  if (start < end_) {
    faults.add(at(start), "a group of " + std::string(kFamilyNames[retention + 1]) +
                              " overlaps the one before, which ends at " + at(end_));
  } else if (start > end_ && start > *std::ranges::max_element(begins_)) {
    faults.add(at(end_), "records up to " + at(start) + " are missing");
  }
}

void Inspection::read_group(std::size_t retention, const GroupCursor& cursor, Changes& changes, Faults& faults,
                            const RecordVisit& visit) {
  const auto start = cursor.start();
  const auto family = kFamilyNames[retention + 1];
  check_start(start, retention, faults);
  auto group = GroupView::parse(cursor.peek());
  if (!group) {
    end_ = std::max(end_, start + 1);
    return faults.add(at(start), "a group of " + std::string(family) + " is damaged");
  }
  end_ = std::max(end_, start + group->head().count);
  std::vector<std::uint64_t> left;
  for (const auto& label : group->labels()) {
    left.push_back(label.records);
    if (!belongs(label, retention, partitions_)) {
      faults.add(at(start), "a label of " + std::string(family) + " names topic " +
                                std::to_string(static_cast<int>(label.topic)) + ", partition " +
                                std::to_string(label.partition));
    }
  }
  auto offset = start;
  while (const auto entry = group->next()) {
    const auto& label = group->labels()[entry->label];
    --left[entry->label];
    const Record record{label.topic,  label.partition, offset++,     group->head().appended,
                        label.tenant, entry->key,      entry->value, entry->tombstone};
    if (!belongs(label, retention, partitions_)) continue;
    if (info_of(label.topic).compacted) changes.take(record, faults);
    visit(record);
  }
  if (group->damaged()) {
    faults.add(at(offset), "a record of " + std::string(family) + " is damaged");
  } else if (std::ranges::any_of(left, [](auto records) { return records != 0; })) {
    faults.add(at(start), "the index of a group of " + std::string(family) + " does not fit its records");
  }
}

void Inspection::read_last_values(Faults& faults, const RecordVisit& visit) {
  const auto begin = this->begin(kChanges);
  const auto scanned =
      families_->scan(Family::compacted, {}, {}, false, [&](std::string_view key, std::string_view value) {
        const auto row = read_compacted(key, value);
        const auto topic = key.empty() ? Topic{} : static_cast<Topic>(key.front());
        const auto partition = key.size() < 5 ? 0U : static_cast<std::uint32_t>(read_be64(key.substr(1, 4)));
        if (!row || !known(topic) || !info_of(topic).compacted || partition >= partitions_of(topic, partitions_)) {
          faults.add("last value " + in_words(key), "is damaged");
          return true;
        }
        if (row->offset >= end_) {
          faults.add(value_of(topic, row->key), "is of " + at(row->offset) + ", after the end of the log");
        } else if (row->offset >= begin) {
          // Each change is the last value of one key.
          const auto place = static_cast<std::size_t>(row->offset - begin);
          if (place >= last_.size() || !last_[place])
            faults.add(value_of(topic, row->key), at(row->offset) + " holds no such change");
          if (place < last_.size()) last_[place] = false;
        }
        visit({topic, partition, row->offset, row->appended, row->tenant, row->key, row->value, false});
        return true;
      });
  if (!scanned) faults.add("compacted", scanned.error().message);
}

void Inspection::read_positions(Faults& faults) {
  std::map<std::string, TopicSet> consumers;
  const auto scanned =
      families_->scan(Family::position, {}, {}, false, [&](std::string_view key, std::string_view value) {
        const auto name = std::string(key.substr(0, key.find('\0')));
        if (consumers_.load(key, value)) {
          consumers[name] = static_cast<TopicSet>(read_be64(value.substr(8, 4)));
        } else {
          faults.add("consumer " + in_words(name), "its position is damaged");
        }
        return true;
      });
  if (!scanned) faults.add("position", scanned.error().message);
  for (const auto& [name, topics] : consumers) {
    for (std::uint32_t p = 0; p < partitions_; ++p) {
      if (const auto position = consumers_.position(name, p))
        check_position("consumer " + name + " partition " + std::to_string(p), topics, *position, faults);
    }
  }
}

void Inspection::check_position(const std::string& consumer, std::uint32_t topics, const Position& position,
                                Faults& faults) const {
  const auto reached = std::max(position.next, position.fence);
  if (reached > end_) faults.add(consumer, "stands at " + at(reached) + ", but the log ends at " + at(end_));
  for (std::size_t c = 0; c < kRetentions; ++c) {
    const bool reads = std::ranges::any_of(kTopics, [&](const TopicInfo& info) {
      return (topics & bit_of(info.topic)) != 0 && class_of(info.topic) == c;
    });
    if (reads && std::max(reached, position.floors[c]) < begins_[c]) {
      faults.add(consumer, "stands at " + at(position.next) + ", but " + std::string(kFamilyNames[c + 1]) +
                               " begins at " + at(begins_[c]));
    }
  }
}

void Inspection::read_state(Faults& faults, const StateVisit& visit) const {
  const auto stored = [](int number) {
    return std::ranges::any_of(kStores, [&](const StoreInfo& info) { return static_cast<int>(info.store) == number; });
  };
  for (const auto family : {Family::state, Family::pane}) {
    const std::size_t front = family == Family::pane ? 0 : 1;
    const auto scanned = families_->scan(family, {}, {}, false, [&](std::string_view key, std::string_view value) {
      const auto number =
          front == 0 || key.empty() ? static_cast<int>(Store::pane) : static_cast<unsigned char>(key.front());
      const auto partition =
          key.size() < front + 4 ? partitions_ : static_cast<std::uint32_t>(read_be64(key.substr(front, 4)));
      if (!stored(number) || partition >= partitions_) {
        faults.add("state " + in_words(key), "is of no store or partition");
      } else {
        visit(static_cast<Store>(number), partition, key.substr(front + 4), value);
      }
      return true;
    });
    if (!scanned) faults.add(std::string(kFamilyNames[static_cast<std::size_t>(family)]), scanned.error().message);
  }
}

Result<std::optional<std::string>> Inspection::get(Store store, std::uint32_t partition, std::string_view key) const {
  return families_->get(family_of(store), state_prefix(store, partition).append(key));
}

}  // namespace lenne::storage::embedded
