#include "storage/embedded/registry.hpp"

#include <algorithm>
#include <limits>

namespace lenne::storage::embedded {

std::vector<Registry::Slot>& Registry::slots_of(const std::string& name) {
  auto& slots = names_[name];
  slots.resize(partitions_);
  return slots;
}

bool Registry::load(std::string_view key, std::string_view value) {
  const auto end = key.find('\0');
  if (end == std::string_view::npos || value.size() < 12) return false;
  const auto positions = parse_positions(value.substr(12), partitions_);
  if (!positions) return false;
  const auto commit = read_be64(value);
  const auto topics = static_cast<TopicSet>(read_be64(value.substr(8, 4)));
  commit_number_ = std::max(commit_number_, commit);
  auto& slots = slots_of(std::string(key.substr(0, end)));
  for (std::uint32_t p = 0; p < partitions_; ++p) {
    if (!(*positions)[p]) continue;
    highest_ = std::max(highest_, (*positions)[p]->next);
    auto& slot = slots[p];
    if (slot.position && slot.commit > commit) continue;
    slot.position = (*positions)[p];
    slot.topics = topics;
    slot.commit = commit;
  }
  return true;
}

std::uint64_t Registry::take_over(const std::string& name, const std::vector<std::uint32_t>& partitions) {
  auto& slots = slots_of(name);
  ++owners_;
  for (const auto p : partitions) slots[p].owner = owners_;
  return owners_;
}

bool Registry::owns(const std::string& name, const std::vector<std::uint32_t>& partitions, std::uint64_t owner) const {
  const auto found = names_.find(name);
  return found != names_.end() &&
         std::ranges::all_of(partitions, [&](std::uint32_t p) { return found->second[p].owner == owner; });
}

std::optional<Position> Registry::position(const std::string& name, std::uint32_t partition) const {
  const auto found = names_.find(name);
  return found == names_.end() ? std::nullopt : found->second[partition].position;
}

void Registry::set(const std::string& name, TopicSet topics, const std::vector<std::uint32_t>& partitions,
                   const std::vector<Position>& positions) {
  auto& slots = slots_of(name);
  for (const auto p : partitions) {
    slots[p].position = positions[p];
    slots[p].topics = topics;
  }
}

void Registry::forget(std::string_view name) {
  const auto found = names_.find(name);
  if (found != names_.end()) names_.erase(found);
}

Offset Registry::slowest(std::size_t retention) const {
  Offset slowest = std::numeric_limits<Offset>::max();
  for (const auto& [name, slots] : names_) {
    for (const auto& slot : slots) {
      if (!slot.position) continue;
      const bool reads = std::ranges::any_of(kTopics, [&](const TopicInfo& info) {
        return (slot.topics & bit_of(info.topic)) != 0 && class_of(info.topic) == retention;
      });
      if (reads) slowest = std::min(slowest, slot.position->next);
    }
  }
  return slowest;
}

}  // namespace lenne::storage::embedded
