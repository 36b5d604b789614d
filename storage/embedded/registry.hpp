#pragma once
// Who reads the log under which name, how far each partition of each name is committed, and who may commit it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/embedded/layout.hpp"
#include "storage/embedded/position.hpp"

namespace lenne::storage::embedded {

/// Not thread-safe: its owner guards it with the commit queue's lock.
class Registry {
 public:
  explicit Registry(std::uint32_t partitions) : partitions_(partitions) {}

  /// Takes a stored row (families.hpp: position). False when it is damaged.
  [[nodiscard]] bool load(std::string_view key, std::string_view value);
  /// The largest commit number and the largest offset that load has met.
  [[nodiscard]] std::uint64_t commit_number() const noexcept { return commit_number_; }
  [[nodiscard]] Offset highest() const noexcept { return highest_; }

  /// A new owner of these partitions of a name; earlier owners of one of them are fenced. Never 0.
  [[nodiscard]] std::uint64_t take_over(const std::string& name, const std::vector<std::uint32_t>& partitions);
  [[nodiscard]] bool owns(const std::string& name, const std::vector<std::uint32_t>& partitions,
                          std::uint64_t owner) const;

  /// The committed position of a partition; nothing when it never had one.
  [[nodiscard]] std::optional<Position> position(const std::string& name, std::uint32_t partition) const;
  void set(const std::string& name, TopicSet topics, const std::vector<std::uint32_t>& partitions,
           const std::vector<Position>& positions);

  /// It has no positions any more, and whoever owned them is fenced.
  void forget(std::string_view name);

  /// Nothing below this offset is needed by a consumer of a topic of this class.
  [[nodiscard]] Offset slowest(std::size_t retention) const;

 private:
  struct Slot {
    std::optional<Position> position;
    TopicSet topics = 0;
    std::uint64_t commit = 0;
    std::uint64_t owner = 0;
  };
  [[nodiscard]] std::vector<Slot>& slots_of(const std::string& name);

  const std::uint32_t partitions_;
  std::map<std::string, std::vector<Slot>, std::less<>> names_;
  std::uint64_t commit_number_ = 0;
  Offset highest_ = 0;
  std::uint64_t owners_ = 0;
};

}  // namespace lenne::storage::embedded
