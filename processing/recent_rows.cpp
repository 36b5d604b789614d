#include "processing/recent_rows.hpp"

namespace lenne::processing {
namespace {

/// Of a row beside its bytes: a node of the map and two strings.
constexpr std::size_t kRowBytes = 112;

std::size_t size_of(const std::string& key, const std::string& value) { return key.size() + value.size() + kRowBytes; }

}  // namespace

void RecentRows::put(const std::string& key, const std::string& value) {
  if (!knows(key)) return;
  const auto [row, is_new] = rows_.try_emplace(key);
  bytes_ -= is_new ? 0 : size_of(key, row->second);
  bytes_ += size_of(key, value);
  row->second = value;
  while (bytes_ > most_bytes_) {
    const auto first = rows_.begin();
    bytes_ -= size_of(first->first, first->second);
    from_ = first->first + '\0';
    rows_.erase(first);
  }
}

void RecentRows::erase(const std::string& key) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return;
  bytes_ -= size_of(found->first, found->second);
  rows_.erase(found);
}

}  // namespace lenne::processing
