#pragma once
// Committed state in a map.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::fuzz {

class MapState final : public storage::StateReader {
 public:
  using Key = std::tuple<storage::Store, std::uint32_t, std::string>;
  using Rows = std::map<Key, std::string>;
  using Visit = std::function<bool(std::string_view, std::string_view)>;

  void apply(const storage::Batch& batch) {
    for (std::size_t i = 0; i < batch.changes(); ++i) {
      const auto change = batch.change_at(i);
      Key key{change.store, change.partition, std::string(change.key)};
      if (change.erase) {
        rows_.erase(key);
      } else {
        rows_.insert_or_assign(std::move(key), std::string(change.value));
      }
    }
  }
  void put(storage::Store store, std::uint32_t partition, std::string_view key, std::string_view value) {
    rows_.insert_or_assign(Key{store, partition, std::string(key)}, std::string(value));
  }
  [[nodiscard]] const Rows& rows() const noexcept { return rows_; }

  [[nodiscard]] base::Result<std::optional<std::string>> get(storage::Store store, std::uint32_t partition,
                                                             std::string_view key) const override {
    const auto found = rows_.find(Key{store, partition, std::string(key)});
    if (found == rows_.end()) return std::optional<std::string>{};
    return std::optional{found->second};
  }
  [[nodiscard]] base::Result<void> scan(storage::Store store, std::uint32_t partition, std::string_view from,
                                        std::string_view to, const Visit& visit) const override {
    const auto [begin, end] = range(store, partition, from, to);
    for (auto at = begin; at != end; ++at) {
      if (!visit(std::get<2>(at->first), at->second)) break;
    }
    return {};
  }
  [[nodiscard]] base::Result<void> scan_back(storage::Store store, std::uint32_t partition, std::string_view from,
                                             std::string_view to, const Visit& visit) const override {
    const auto [begin, end] = range(store, partition, from, to);
    for (auto at = end; at != begin;) {
      --at;
      if (!visit(std::get<2>(at->first), at->second)) break;
    }
    return {};
  }

 private:
  [[nodiscard]] std::pair<Rows::const_iterator, Rows::const_iterator> range(storage::Store store,
                                                                            std::uint32_t partition,
                                                                            std::string_view from,
                                                                            std::string_view to) const {
    const auto begin = rows_.lower_bound(Key{store, partition, std::string(from)});
    const auto end = to.empty() ? rows_.lower_bound(Key{store, partition + 1, std::string()})
                                : rows_.lower_bound(Key{store, partition, std::string(to)});
    if (!to.empty() && to <= from) return {begin, begin};
    return {begin, end};
  }

  Rows rows_;
};

}  // namespace lenne::fuzz
