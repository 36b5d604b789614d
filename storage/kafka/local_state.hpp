#pragma once
// What a process keeps on its own disk: rows of state and, written with them, how far each changelog is in them.
// The changelogs are the truth. Rows may lag behind them and are never ahead; marks and rows never differ.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "storage/embedded/families.hpp"
#include "storage/embedded/family_state.hpp"
#include "storage/log.hpp"

namespace lenne::storage::kafka {

/// Stores as a set of bits, bit number = the store's number.
[[nodiscard]] constexpr std::uint64_t bit_of(Store store) noexcept {
  return std::uint64_t{1} << static_cast<unsigned>(store);
}

/// Any thread.
class LocalState {
 public:
  /// What one write does. One thread.
  class Write {
   public:
    void put(Store store, std::uint32_t partition, std::string_view key, std::string_view value);
    void erase(Store store, std::uint32_t partition, std::string_view key);
    /// Rows of the batch: all its changes.
    void changes_of(const Batch& batch);
    void mark(std::string_view name, std::string_view text);
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

   private:
    friend class LocalState;
    explicit Write(std::unique_ptr<embedded::WriteSet> set) : set_(std::move(set)) {}
    std::unique_ptr<embedded::WriteSet> set_;
    std::size_t bytes_ = 0;
  };

  explicit LocalState(std::shared_ptr<embedded::Families> families);

  [[nodiscard]] Write write() const { return Write(families_->write_set()); }
  /// All or nothing. After an error nothing is taken any more: failure() says why. Error: log_write, disk_full.
  [[nodiscard]] Result<void> commit(Write& write);
  /// What was committed so far survives a loss of power. Error as commit.
  [[nodiscard]] Result<void> sync();
  /// Deletes all rows of these stores (bit_of) in a partition, a portion at a time.
  [[nodiscard]] Result<void> forget(std::uint64_t stores, std::uint32_t partition);

  /// Error: log_read.
  [[nodiscard]] Result<std::optional<std::string>> mark(std::string_view name) const;
  [[nodiscard]] const StateReader& rows() const noexcept { return rows_; }
  [[nodiscard]] std::optional<base::Error> failure() const;

 private:
  [[nodiscard]] Result<void> keep(Result<void> outcome);

  std::shared_ptr<embedded::Families> families_;
  embedded::FamilyState rows_;
  mutable std::mutex mutex_;  ///< one writes at a time; guards what follows
  std::optional<base::Error> failed_;
};

}  // namespace lenne::storage::kafka
