#include "network/origins.hpp"

#include <algorithm>

namespace lenne::network {

OriginMemory::Verdict OriginMemory::take(const v1::Origin& origin, std::uint64_t offset) {
  if (origin.instance() == 0) return Verdict::fresh;
  auto found = instances_.find(origin.instance());
  if (found == instances_.end()) {
    if (instances_.size() >= kInstances) forget_the_most_silent();
    found = instances_.emplace(origin.instance(), Instance{.incarnation = origin.incarnation()}).first;
  }
  auto& instance = found->second;
  if (origin.incarnation() < instance.incarnation) return Verdict::stale;
  if (origin.incarnation() > instance.incarnation) {
    instance.incarnation = origin.incarnation();
    instance.sequences.clear();
  }
  instance.seen_offset = offset;

  auto& sequences = instance.sequences;
  if (sequences.empty() || origin.sequence() > sequences.back()) {
    sequences.push_back(origin.sequence());
  } else {
    const auto place = std::ranges::lower_bound(sequences, origin.sequence());
    if (*place == origin.sequence()) return Verdict::repeated;
    if (place == sequences.begin() && sequences.size() >= kSequences) return Verdict::stale;
    sequences.insert(place, origin.sequence());
  }
  if (sequences.size() > kSequences) sequences.pop_front();
  return Verdict::fresh;
}

std::optional<std::uint32_t> OriginMemory::incarnation_of(std::uint32_t instance) const {
  const auto found = instances_.find(instance);
  if (found == instances_.end()) return std::nullopt;
  return found->second.incarnation;
}

void OriginMemory::forget_the_most_silent() {
  const auto silent =
      std::ranges::min_element(instances_, {}, [](const auto& item) { return item.second.seen_offset; });
  instances_.erase(silent);
}

void OriginMemory::save(v1::NetworkPartition& row) const {
  for (const auto& [number, instance] : instances_) {
    auto& origin = *row.add_origins();
    origin.set_instance(number);
    origin.set_incarnation(instance.incarnation);
    origin.set_seen_offset(instance.seen_offset);
    std::uint64_t before = 0;
    for (const auto sequence : instance.sequences) {
      origin.add_sequences(sequence - before);
      before = sequence;
    }
  }
}

bool OriginMemory::load(const v1::NetworkPartition& row) {
  instances_.clear();
  if (static_cast<std::size_t>(row.origins_size()) > kInstances) return false;
  for (const auto& origin : row.origins()) {
    if (static_cast<std::size_t>(origin.sequences_size()) > kSequences) return false;
    Instance instance{.incarnation = origin.incarnation(), .seen_offset = origin.seen_offset()};
    std::uint64_t sequence = 0;
    for (const auto difference : origin.sequences()) {
      sequence += difference;
      if (!instance.sequences.empty() && sequence <= instance.sequences.back()) return false;
      instance.sequences.push_back(sequence);
    }
    instances_.insert_or_assign(origin.instance(), std::move(instance));
  }
  return true;
}

}  // namespace lenne::network
