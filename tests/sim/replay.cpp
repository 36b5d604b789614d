#include "replay.hpp"

#include <algorithm>
#include <utility>

namespace lenne::sim {

void Rows::apply(const storage::Batch& batch) {
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

base::Result<std::optional<std::string>> Rows::get(storage::Store store, std::uint32_t partition,
                                                   std::string_view key) const {
  const auto found = rows_.find({store, partition, std::string(key)});
  if (found == rows_.end()) return std::nullopt;
  return found->second;
}

base::Result<void> Rows::scan(storage::Store store, std::uint32_t partition, std::string_view from, std::string_view to,
                              const Visit& visit) const {
  for (auto it = rows_.lower_bound({store, partition, std::string(from)}); it != rows_.end(); ++it) {
    const auto& [in, of, key] = it->first;
    if (in != store || of != partition || (!to.empty() && key >= to) || !visit(key, it->second)) break;
  }
  return {};
}

base::Result<void> Rows::scan_back(storage::Store store, std::uint32_t partition, std::string_view from,
                                   std::string_view to, const Visit& visit) const {
  auto it = to.empty() ? rows_.lower_bound({store, partition + 1, std::string()})
                       : rows_.lower_bound({store, partition, std::string(to)});
  while (it != rows_.begin()) {
    --it;
    const auto& [in, of, key] = it->first;
    if (in != store || of != partition || key < from || !visit(key, it->second)) break;
  }
  return {};
}

base::Result<Replayed> replay(const std::vector<Recorded>& records, const std::vector<storage::Topic>& topics,
                              std::uint32_t partitions, const MakeProcessor& make, std::size_t poll, bool renew) {
  Replayed result;
  std::unique_ptr<processing::Processor> processor;
  storage::Batch batch;
  std::size_t waiting = 0;
  const auto open = [&]() -> base::Result<void> {
    processor = make();
    for (std::uint32_t p = 0; p < partitions; ++p) {
      if (auto assigned = processor->assigned(p, result.rows); !assigned) return assigned;
    }
    return {};
  };
  const auto commit = [&]() -> base::Result<void> {
    processor->flush(batch);
    if (auto fault = processor->fault()) return std::unexpected(*fault);
    for (std::size_t i = 0; i < batch.appends(); ++i) {
      const auto a = batch.append_at(i);
      result.appended.push_back(
          {a.topic, a.partition, std::string(a.tenant), std::string(a.key), std::string(a.value), a.tombstone});
    }
    result.rows.apply(batch);
    batch.clear();
    waiting = 0;
    return renew ? open() : base::Result<void>{};
  };
  if (auto opened = open(); !opened) return std::unexpected(opened.error());
  for (const auto& record : records) {
    if (std::ranges::find(topics, record.topic) == topics.end()) continue;
    while (processor->step(record.view(), batch) == processing::Progress::more) {
    }
    if (++waiting != poll) continue;
    if (auto committed = commit(); !committed) return std::unexpected(committed.error());
  }
  if (auto committed = commit(); !committed) return std::unexpected(committed.error());
  return result;
}

}  // namespace lenne::sim
