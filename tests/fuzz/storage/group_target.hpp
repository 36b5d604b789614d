#pragma once
// Any bytes as a stored group: refused, or records that are views into the group; a whole one written again is the
// same.

#include <vector>

#include "storage/embedded/group.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void group(base::ByteView bytes) {
  using namespace storage::embedded;
  const auto text = base::as_text(bytes);
  const auto inside = [&](std::string_view part) {
    return part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
  };
  const auto head = read_head(text);
  auto view = GroupView::parse(text);
  if (!view) return;
  require(head && head->count == view->head().count, "a group has a head");
  require(view->labels().size() <= text.size(), "labels take room");
  std::vector<storage::Batch::Append> records;
  while (const auto entry = view->next()) {
    require(entry->label < view->labels().size(), "a label that is there");
    require(inside(entry->key) && inside(entry->value), "views into the group");
    const auto& label = view->labels()[entry->label];
    require(inside(label.tenant), "a view into the group");
    records.push_back({label.topic, label.partition, label.tenant, entry->key, entry->value, entry->tombstone});
    require(records.size() <= text.size(), "a record takes a byte at least");
  }
  require(view->damaged() == (records.size() != view->head().count), "damaged when records are missing");
  require(!view->next(), "what ended stays ended");
  if (view->damaged()) return;
  const auto again = encode_group(view->head().appended, records);
  auto copy = GroupView::parse(again);
  require(copy && copy->head().count == records.size(), "a group comes back");
  for (const auto& record : records) {
    const auto entry = copy->next();
    require(entry && entry->key == record.key && entry->value == record.value && entry->tombstone == record.tombstone,
            "its records come back");
    const auto& label = copy->labels()[entry->label];
    require(label.topic == record.topic && label.partition == record.partition && label.tenant == record.tenant,
            "with their labels");
  }
}

}  // namespace lenne::fuzz
