#pragma once
// Committed state plus the rows that this batch has changed: what a processor must see before its commit.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

/// One partition's rows. One thread. The state reader must outlive it.
class Overlay final : public storage::StateReader {
 public:
  Overlay(const storage::StateReader& committed, std::uint32_t partition)
      : committed_(&committed), partition_(partition) {}

  void put(storage::Store store, std::string key, std::string value) {
    change(store, std::move(key), std::move(value));
  }
  void erase(storage::Store store, std::string key) { change(store, std::move(key), std::nullopt); }
  /// Of the keys and values that flush would write.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  /// Writes each changed row once and forgets it: from the commit on, the committed state has it.
  void flush(storage::Batch& out);

  [[nodiscard]] base::Result<std::optional<std::string>> get(storage::Store store, std::uint32_t partition,
                                                             std::string_view key) const override;
  [[nodiscard]] base::Result<void> scan(
      storage::Store store, std::uint32_t partition, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view, std::string_view)>& visit) const override;
  [[nodiscard]] base::Result<void> scan_back(
      storage::Store store, std::uint32_t partition, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view, std::string_view)>& visit) const override;

 private:
  using Key = std::pair<storage::Store, std::string>;
  using Changes = std::map<Key, std::optional<std::string>>;
  using Visit = std::function<bool(std::string_view, std::string_view)>;

  /// The changed rows of [from, to) of a store.
  [[nodiscard]] std::pair<Changes::const_iterator, Changes::const_iterator> range(storage::Store store,
                                                                                  std::string_view from,
                                                                                  std::string_view to) const;

  void change(storage::Store store, std::string key, std::optional<std::string> value);

  const storage::StateReader* committed_;
  std::uint32_t partition_;
  Changes changes_;
  std::size_t bytes_ = 0;
};

}  // namespace lenne::processing
