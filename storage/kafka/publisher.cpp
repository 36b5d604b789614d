#include "storage/kafka/publisher.hpp"

namespace lenne::storage::kafka {

void Publisher::expect_known() {
  auto known = topics_.known();
  for (const auto& tenant : known) {
    if (!ready_.contains(tenant)) transactor_.expect(names_of(tenant_plans(settings_, tenant)));
  }
  ready_ = std::move(known);
}

std::size_t Publisher::add(const Batch::Append& append, std::deque<Outgoing>& records) {
  if (const auto tenant = declared_tenant(append); can_have_topics(tenant)) wanted_.emplace(tenant);
  auto copies = public_copies(settings_, append);
  for (auto& copy : copies) {
    wanted_.insert(std::move(copy.tenant));
    auto& record = records.emplace_back();
    record.topic = std::move(copy.topic);
    record.key = std::move(copy.key);
    record.own_value = std::move(copy.value);
    record.headers = std::move(copy.headers);
  }
  return copies.size();
}

Result<void> Publisher::ensure_topics() {
  for (; !wanted_.empty(); wanted_.erase(wanted_.begin())) {
    const auto& tenant = *wanted_.begin();
    if (ready_.contains(tenant)) continue;
    if (auto there = topics_.ensure(tenant); !there) return there;
    transactor_.expect(names_of(tenant_plans(settings_, tenant)));
    ready_.insert(tenant);
  }
  return {};
}

}  // namespace lenne::storage::kafka
