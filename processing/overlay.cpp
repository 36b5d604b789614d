#include "processing/overlay.hpp"

namespace lenne::processing {
namespace {

/// Merges changed rows, in the order of iteration, into a scan of the committed ones: a change replaces its row.
/// `before(a, b)`: a comes first in the scan's direction.
template <typename Iterator, typename Before, typename Scan, typename Visit>
base::Result<void> merge_scan(Iterator at, Iterator end, Before before, const Scan& scan, const Visit& visit) {
  bool wanted = true;
  const auto visit_changes_until = [&](const std::string_view* limit) {
    for (; wanted && at != end && (limit == nullptr || before(at->first.second, *limit)); ++at) {
      if (at->second) wanted = visit(at->first.second, *at->second);
    }
  };
  const auto done = scan([&](std::string_view key, std::string_view value) {
    visit_changes_until(&key);
    if (!wanted) return false;
    if (at != end && at->first.second == key) {
      if (at->second) wanted = visit(key, *at->second);
      ++at;
    } else {
      wanted = visit(key, value);
    }
    return wanted;
  });
  if (!done) return done;
  visit_changes_until(nullptr);
  return {};
}

}  // namespace

void Overlay::change(storage::Store store, std::string key, std::optional<std::string> value) {
  const auto key_bytes = key.size();
  auto [row, is_new] = changes_.try_emplace({store, std::move(key)});
  bytes_ += is_new ? key_bytes : 0;
  bytes_ -= row->second ? row->second->size() : 0;
  bytes_ += value ? value->size() : 0;
  row->second = std::move(value);
}

void Overlay::flush(storage::Batch& out) {
  for (const auto& [key, value] : changes_) {
    if (value) {
      out.put(key.first, partition_, key.second, *value);
    } else {
      out.erase(key.first, partition_, key.second);
    }
  }
  changes_.clear();
  bytes_ = 0;
}

base::Result<std::optional<std::string>> Overlay::get(storage::Store store, std::uint32_t partition,
                                                      std::string_view key) const {
  if (partition == partition_) {
    const auto found = changes_.find({store, std::string(key)});
    if (found != changes_.end()) return found->second;
  }
  return committed_->get(store, partition, key);
}

std::pair<Overlay::Changes::const_iterator, Overlay::Changes::const_iterator> Overlay::range(
    storage::Store store, std::string_view from, std::string_view to) const {
  const auto begin = changes_.lower_bound({store, std::string(from)});
  if (!to.empty()) return {begin, to <= from ? begin : changes_.lower_bound({store, std::string(to)})};
  const auto next_store = static_cast<storage::Store>(static_cast<std::uint8_t>(store) + 1);
  return {begin, changes_.lower_bound({next_store, std::string()})};
}

base::Result<void> Overlay::scan(storage::Store store, std::uint32_t partition, std::string_view from,
                                 std::string_view to, const Visit& visit) const {
  if (partition != partition_) return committed_->scan(store, partition, from, to, visit);
  const auto [begin, end] = range(store, from, to);
  return merge_scan(
      begin, end, std::less<std::string_view>{},
      [&](const Visit& inner) { return committed_->scan(store, partition, from, to, inner); }, visit);
}

base::Result<void> Overlay::scan_back(storage::Store store, std::uint32_t partition, std::string_view from,
                                      std::string_view to, const Visit& visit) const {
  if (partition != partition_) return committed_->scan_back(store, partition, from, to, visit);
  const auto [begin, end] = range(store, from, to);
  return merge_scan(
      std::make_reverse_iterator(end), std::make_reverse_iterator(begin), std::greater<std::string_view>{},
      [&](const Visit& inner) { return committed_->scan_back(store, partition, from, to, inner); }, visit);
}

}  // namespace lenne::processing
