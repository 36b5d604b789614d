#include "storage/kafka/local_state.hpp"

#include "storage/embedded/layout.hpp"

namespace lenne::storage::kafka {
namespace {

using embedded::Family;
constexpr std::size_t kPortionBytes = std::size_t{1} << 20;

}  // namespace

void LocalState::Write::put(Store store, std::uint32_t partition, std::string_view key, std::string_view value) {
  set_->put(embedded::family_of(store), embedded::state_prefix(store, partition).append(key), value);
  bytes_ += key.size() + value.size();
}

void LocalState::Write::erase(Store store, std::uint32_t partition, std::string_view key) {
  set_->erase(embedded::family_of(store), embedded::state_prefix(store, partition).append(key));
  bytes_ += key.size();
}

void LocalState::Write::changes_of(const Batch& batch) {
  for (std::size_t i = 0; i < batch.changes(); ++i) {
    const auto change = batch.change_at(i);
    if (change.erase) {
      erase(change.store, change.partition, change.key);
    } else {
      put(change.store, change.partition, change.key, change.value);
    }
  }
}

void LocalState::Write::mark(std::string_view name, std::string_view text) {
  set_->put(Family::position, name, text);
  bytes_ += name.size() + text.size();
}

LocalState::LocalState(std::shared_ptr<embedded::Families> families)
    : families_(std::move(families)), rows_(*families_) {}

Result<void> LocalState::keep(Result<void> outcome) {
  if (!outcome) failed_ = outcome.error();
  return outcome;
}

Result<void> LocalState::commit(Write& write) {
  const std::lock_guard lock(mutex_);
  if (failed_) return std::unexpected(*failed_);
  return keep(families_->write(*write.set_));
}

Result<void> LocalState::sync() {
  const std::lock_guard lock(mutex_);
  if (failed_) return std::unexpected(*failed_);
  return keep(families_->sync());
}

Result<void> LocalState::forget(std::uint64_t stores, std::uint32_t partition) {
  for (const auto& info : kStores) {
    if ((stores & bit_of(info.store)) == 0) continue;
    for (bool more = true; more;) {
      auto portion = write();
      const auto visited = rows_.scan(info.store, partition, {}, {}, [&](std::string_view key, std::string_view) {
        portion.erase(info.store, partition, key);
        return portion.bytes() < kPortionBytes;
      });
      if (!visited) return visited;
      more = portion.bytes() >= kPortionBytes;
      if (auto done = commit(portion); !done) return done;
    }
  }
  return {};
}

Result<std::optional<std::string>> LocalState::mark(std::string_view name) const {
  return families_->get(Family::position, name);
}

std::optional<base::Error> LocalState::failure() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

}  // namespace lenne::storage::kafka
