#include "base/counters.hpp"

namespace lenne::base {

Counters::Cell& Counters::cell(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = cells_.find(name); found != cells_.end()) return found->second;
  return cells_[cells_.size() < kMaxNames ? std::string(name) : "counters.overflow"];
}

std::uint64_t Counters::value(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = cells_.find(name);
  return found == cells_.end() ? 0 : found->second.load(std::memory_order_relaxed);
}

std::map<std::string, std::uint64_t, std::less<>> Counters::snapshot() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::uint64_t, std::less<>> values;
  for (const auto& [name, cell] : cells_) values.emplace(name, cell.load(std::memory_order_relaxed));
  return values;
}

}  // namespace lenne::base
