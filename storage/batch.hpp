#pragma once
// What one commit writes: records to append and state to put, in one arena. Copyable, reusable, one thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/stores.hpp"
#include "storage/topics.hpp"

namespace lenne::storage {

class Batch {
 public:
  struct Append {
    Topic topic;
    std::uint32_t partition;
    std::string_view tenant;  ///< label of per-tenant topics, else empty
    std::string_view key;
    std::string_view value;
    bool tombstone;  ///< compacted topics: removes the key
  };
  struct Change {
    Store store;
    std::uint32_t partition;
    std::string_view key;
    std::string_view value;
    bool erase;
  };

  /// Copies the bytes; the views given may end after the call.
  void append(Topic topic, std::uint32_t partition, std::string_view tenant, std::string_view key,
              std::string_view value) {
    appends_.push_back({topic, partition, keep(tenant), keep(key), keep(value), false});
  }
  void append_tombstone(Topic topic, std::uint32_t partition, std::string_view tenant, std::string_view key) {
    appends_.push_back({topic, partition, keep(tenant), keep(key), {}, true});
  }
  void put(Store store, std::uint32_t partition, std::string_view key, std::string_view value) {
    changes_.push_back({store, partition, keep(key), keep(value), false});
  }
  void erase(Store store, std::uint32_t partition, std::string_view key) {
    changes_.push_back({store, partition, keep(key), {}, true});
  }

  [[nodiscard]] std::size_t appends() const noexcept { return appends_.size(); }
  [[nodiscard]] std::size_t changes() const noexcept { return changes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return appends_.empty() && changes_.empty(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return arena_.size(); }

  /// The i-th append, in the order in which they were made. Views into this batch, valid until the next write to it.
  [[nodiscard]] Append append_at(std::size_t i) const noexcept {
    const auto& a = appends_[i];
    return {a.topic, a.partition, view(a.tenant), view(a.key), view(a.value), a.tombstone};
  }
  /// The i-th state change; later ones win over earlier ones of the same key.
  [[nodiscard]] Change change_at(std::size_t i) const noexcept {
    const auto& c = changes_[i];
    return {c.store, c.partition, view(c.key), view(c.value), c.erase};
  }

  /// Empties it and keeps the memory.
  void clear() noexcept {
    arena_.clear();
    appends_.clear();
    changes_.clear();
  }

 private:
  struct Slice {
    std::size_t at;
    std::size_t size;
  };
  struct AppendEntry {
    Topic topic;
    std::uint32_t partition;
    Slice tenant, key, value;
    bool tombstone;
  };
  struct ChangeEntry {
    Store store;
    std::uint32_t partition;
    Slice key, value;
    bool erase;
  };

  Slice keep(std::string_view bytes) {
    const Slice slice{arena_.size(), bytes.size()};
    arena_.append(bytes);
    return slice;
  }
  [[nodiscard]] std::string_view view(Slice slice) const noexcept {
    return std::string_view(arena_).substr(slice.at, slice.size);
  }

  std::string arena_;
  std::vector<AppendEntry> appends_;
  std::vector<ChangeEntry> changes_;
};

}  // namespace lenne::storage
