#include "storage/embedded/group.hpp"

#include <bit>

#include "base/hash.hpp"

namespace lenne::storage::embedded {
namespace {

constexpr char kGroupFormat = 1;

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  out.push_back(static_cast<char>(value));
}

std::optional<std::uint64_t> take_varint(std::string_view& text) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < text.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) {
      text.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> take(std::string_view& text, std::uint64_t size) {
  if (size > text.size()) return std::nullopt;
  const auto part = text.substr(0, static_cast<std::size_t>(size));
  text.remove_prefix(part.size());
  return part;
}

std::optional<GroupHead> take_head(std::string_view& text) {
  if (text.empty() || text.front() != kGroupFormat) return std::nullopt;
  text.remove_prefix(1);
  const auto count = take_varint(text);
  const auto time = take(text, 8);
  if (!count || !time) return std::nullopt;
  const auto us = base::read_le<std::uint64_t>(base::as_bytes(*time));
  return GroupHead{*count, base::from_us(static_cast<std::int64_t>(us))};
}

std::optional<Label> take_label(std::string_view& text) {
  const auto topic = take(text, 1);
  const auto partition = take_varint(text);
  const auto size = partition ? take(text, 1) : std::nullopt;
  const auto tenant = size ? take(text, static_cast<unsigned char>(size->front())) : std::nullopt;
  const auto records = tenant ? take_varint(text) : std::nullopt;
  if (!topic || !records || *partition > 0xffffffffU) return std::nullopt;
  return Label{static_cast<Topic>(topic->front()), static_cast<std::uint32_t>(*partition), *tenant, *records};
}

/// Numbers labels in the order in which they first come. A group of a region has nearly as many labels as records.
class Labels {
 public:
  explicit Labels(std::size_t records) : slots_(std::bit_ceil(records * 2 + 1), kNone) { labels_.reserve(records); }

  std::uint32_t number_of(const Batch::Append& record) {
    const auto hash = base::hash64(base::as_bytes(record.tenant),
                                   (static_cast<std::uint64_t>(record.topic) << 32) | record.partition);
    for (auto at = hash;; ++at) {
      auto& slot = slots_[static_cast<std::size_t>(at) & (slots_.size() - 1)];
      if (slot == kNone) {
        slot = static_cast<std::uint32_t>(labels_.size());
        labels_.push_back({record.topic, record.partition, record.tenant, 1});
        return slot;
      }
      auto& label = labels_[slot];
      if (label.partition == record.partition && label.topic == record.topic && label.tenant == record.tenant) {
        ++label.records;
        return slot;
      }
    }
  }
  void write(std::string& out) const {
    put_varint(out, labels_.size());
    for (const auto& label : labels_) {
      out.push_back(static_cast<char>(label.topic));
      put_varint(out, label.partition);
      out.push_back(static_cast<char>(static_cast<unsigned char>(label.tenant.size())));
      out.append(label.tenant);
      put_varint(out, label.records);
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::vector<std::uint32_t> slots_;  ///< open addressing; at most half full
  std::vector<Label> labels_;
};

}  // namespace

std::string encode_group(base::Timestamp appended, std::span<const Batch::Append> records) {
  Labels labels(records.size());
  std::string table;
  std::size_t bytes = 0;
  table.reserve(records.size() * 5);
  for (const auto& record : records) {
    put_varint(table, std::uint64_t{labels.number_of(record)} * 2 + (record.tombstone ? 1 : 0));
    put_varint(table, record.key.size());
    put_varint(table, record.value.size());
    bytes += record.key.size() + record.value.size();
  }
  std::string group(1, kGroupFormat);
  group.reserve(table.size() + bytes + 64);
  put_varint(group, records.size());
  std::uint8_t time[8];
  base::write_le(time, static_cast<std::uint64_t>(base::to_us(appended)));
  group.append(base::as_text(time));
  labels.write(group);
  put_varint(group, table.size());
  group.append(table);
  for (const auto& record : records) group.append(record.key).append(record.value);
  return group;
}

std::optional<GroupHead> read_head(std::string_view group) { return take_head(group); }

std::optional<GroupView> GroupView::parse(std::string_view group) {
  const auto head = take_head(group);
  if (!head) return std::nullopt;
  GroupView view;
  view.head_ = *head;
  const auto labels = take_varint(group);
  if (!labels || *labels > group.size()) return std::nullopt;
  view.labels_.reserve(static_cast<std::size_t>(*labels));
  for (std::uint64_t i = 0; i < *labels; ++i) {
    const auto label = take_label(group);
    if (!label) return std::nullopt;
    view.labels_.push_back(*label);
  }
  const auto size = take_varint(group);
  const auto table = size ? take(group, *size) : std::nullopt;
  if (!table) return std::nullopt;
  view.table_ = *table;
  view.bytes_ = group;
  return view;
}

std::optional<GroupView::Entry> GroupView::next() {
  if (read_ == head_.count || damaged_) return std::nullopt;
  const auto label = take_varint(table_);
  const auto key_size = label ? take_varint(table_) : std::nullopt;
  const auto value_size = key_size ? take_varint(table_) : std::nullopt;
  const auto key = value_size ? take(bytes_, *key_size) : std::nullopt;
  const auto value = key ? take(bytes_, *value_size) : std::nullopt;
  if (!value || *label / 2 >= labels_.size()) {
    damaged_ = true;
    return std::nullopt;
  }
  ++read_;
  return Entry{static_cast<std::uint32_t>(*label / 2), (*label & 1) != 0, *key, *value};
}

}  // namespace lenne::storage::embedded
