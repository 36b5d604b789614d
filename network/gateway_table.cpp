#include "network/gateway_table.hpp"

#include <string>
#include <utility>

#include "network/outbox.hpp"
#include "network/row_check.hpp"

namespace lenne::network {
namespace {

[[nodiscard]] std::string gateway_row_key(std::uint64_t gateway_id) {
  return GatewayTable::kPrefix + key_of(base::DevEui{gateway_id});
}

}  // namespace

const v1::Gateway* GatewayTable::find(std::uint64_t gateway_id) const {
  const auto found = gateways_.find(gateway_id);
  return found == gateways_.end() ? nullptr : &found->second;
}

bool GatewayTable::room_for(std::uint64_t gateway_id, std::size_t most) const {
  return gateways_.size() < most || gateways_.contains(gateway_id);
}

void GatewayTable::put(const v1::Gateway& gateway) {
  auto& row = gateways_[gateway.gateway_id()];
  row.set_gateway_id(gateway.gateway_id());
  row.set_tenant(gateway.tenant());
  row.set_name(gateway.name());
  changed_.push_back(gateway.gateway_id());
}

void GatewayTable::remove(std::uint64_t gateway_id) {
  if (gateways_.erase(gateway_id) > 0) changed_.push_back(gateway_id);
}

void GatewayTable::flush(storage::Batch& out, std::uint32_t partition) {
  for (const auto id : std::exchange(changed_, {})) {
    if (const auto* row = find(id)) {
      out.put(storage::Store::network, partition, gateway_row_key(id), row->SerializeAsString());
    } else {
      out.erase(storage::Store::network, partition, gateway_row_key(id));
    }
  }
}

bool GatewayTable::load_row(std::string_view key, std::string_view value) {
  v1::Gateway row;
  if (!row.ParseFromArray(value.data(), static_cast<int>(value.size())) || !is_sound(row) ||
      gateway_row_key(row.gateway_id()) != key)
    return false;
  const auto id = row.gateway_id();
  gateways_.insert_or_assign(id, std::move(row));
  return true;
}

}  // namespace lenne::network
