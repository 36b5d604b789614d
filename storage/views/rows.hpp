#pragma once
// Rows in memory between flushes: loaded once, changed often, written once.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "base/error.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::storage::views {

/// Reads committed rows and remembers the first I/O error instead of passing it through every caller.
class RowSource {
 public:
  void open(const StateReader& state) { state_ = &state; }

  [[nodiscard]] std::optional<std::string> get(Store store, std::string_view key) {
    if (state_ == nullptr) return std::nullopt;
    auto value = state_->get(store, 0, key);
    if (value) return std::move(*value);
    if (!error_) error_ = value.error();
    return std::nullopt;
  }

  [[nodiscard]] base::Result<void> health() {
    if (!error_) return {};
    auto error = std::move(*error_);
    error_.reset();
    return std::unexpected(std::move(error));
  }

 private:
  const StateReader* state_ = nullptr;
  std::optional<base::Error> error_;
};

/// Protobuf rows of one store. Rows that have not changed are dropped at a flush when there are more than `most`.
template <typename Row>
class RowCache {
 public:
  RowCache(RowSource& source, Store store, std::size_t most) : source_(source), store_(store), most_(most) {}

  /// The row, or null when there is none. Call touch() after a change.
  [[nodiscard]] Row* find(const std::string& key) {
    auto& entry = load(key).second;
    return entry.exists ? &entry.row : nullptr;
  }
  /// The row, made (and due to be written) when there is none.
  [[nodiscard]] Row& make(const std::string& key) {
    Node& node = load(key);
    if (!node.second.exists) {
      node.second.exists = true;
      node.second.row.Clear();
      mark(node);
    }
    return node.second.row;
  }
  void touch(const std::string& key) { mark(*rows_.find(key)); }
  void erase(const std::string& key) {
    Node& node = load(key);
    if (node.second.exists) mark(node);
    node.second.exists = false;
    node.second.row.Clear();
  }

  /// Costs as much as there are changed rows, however many are kept.
  void flush(Batch& out) {
    for (Node* node : dirty_) {
      auto& entry = node->second;
      entry.dirty = false;
      if (entry.exists) {
        scratch_.clear();
        entry.row.AppendToString(&scratch_);
        out.put(store_, 0, node->first, scratch_);
      } else {
        out.erase(store_, 0, node->first);
      }
    }
    dirty_.clear();
    if (rows_.size() > most_) rows_.clear();
  }

 private:
  struct Entry {
    Row row;
    bool exists = false;
    bool dirty = false;
  };
  using Node = std::pair<const std::string, Entry>;

  void mark(Node& node) {
    if (!node.second.dirty) dirty_.push_back(&node);
    node.second.dirty = true;
  }

  Node& load(const std::string& key) {
    const auto [at, added] = rows_.try_emplace(key);
    auto& entry = at->second;
    if (added) {
      if (const auto value = source_.get(store_, key)) entry.exists = entry.row.ParseFromString(*value);
      if (!entry.exists) entry.row.Clear();
    }
    return *at;
  }

  RowSource& source_;
  Store store_;
  std::size_t most_;
  std::unordered_map<std::string, Entry> rows_;
  std::vector<Node*> dirty_;  // nodes of a map stay where they are
  std::string scratch_;
};

/// Rows that are plain text (locators, index entries). What was read or written is remembered as RowCache does, absence
/// too; `most` = 0: only between two flushes.
class TextRows {
 public:
  TextRows(RowSource& source, Store store, std::size_t most = 0) : source_(source), store_(store), most_(most) {}

  /// Valid until the next call.
  [[nodiscard]] const std::optional<std::string>& get(const std::string& key) {
    const auto [at, added] = rows_.try_emplace(key);
    if (added) at->second.value = source_.get(store_, key);
    return at->second.value;
  }
  void put(const std::string& key, std::string value) { change(key, std::move(value)); }
  void erase(const std::string& key) { change(key, std::nullopt); }

  void flush(Batch& out) {
    for (Node* node : dirty_) {
      auto& entry = node->second;
      entry.dirty = false;
      if (entry.value) {
        out.put(store_, 0, node->first, *entry.value);
      } else {
        out.erase(store_, 0, node->first);
      }
    }
    dirty_.clear();
    if (rows_.size() > most_) rows_.clear();
  }

 private:
  struct Entry {
    std::optional<std::string> value;
    bool dirty = false;
  };
  using Node = std::pair<const std::string, Entry>;

  void change(const std::string& key, std::optional<std::string> value) {
    auto& node = *rows_.try_emplace(key).first;
    node.second.value = std::move(value);
    if (!std::exchange(node.second.dirty, true)) dirty_.push_back(&node);
  }

  RowSource& source_;
  Store store_;
  std::size_t most_;
  std::unordered_map<std::string, Entry> rows_;
  std::vector<Node*> dirty_;  // nodes of a map stay where they are
};

}  // namespace lenne::storage::views
