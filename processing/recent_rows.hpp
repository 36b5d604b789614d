#pragma once
// The newest rows of a store whose keys begin with a time: whoever writes them reads them again soon.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lenne::processing {

/// All committed rows from one key on, as long as they fit: the ones with the smallest keys go first. One thread.
class RecentRows {
 public:
  /// At most so many bytes stay, the map around them included. Nothing is known before begin().
  explicit RecentRows(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// No row has a larger key than `last`, or there is none at all: whatever follows is told to put().
  void begin(const std::optional<std::string>& last) {
    from_ = last ? *last + '\0' : std::string();
    known_ = true;
  }

  /// A row was committed.
  void put(const std::string& key, const std::string& value);
  /// A row was deleted.
  void erase(const std::string& key);

  /// Whether this key's row would be here if there were one; then `find` says what it is, or that there is none.
  [[nodiscard]] bool knows(std::string_view key) const noexcept { return known_ && key >= from_; }
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  bool known_ = false;
  std::string from_;
  std::map<std::string, std::string, std::less<>> rows_;
};

}  // namespace lenne::processing
