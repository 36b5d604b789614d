#include "ingest/gateway_paths.hpp"

namespace lenne::ingest {

void GatewayPaths::forget_expired(base::Timestamp now) {
  std::erase_if(entries_, [&](const auto& entry) { return now - entry.second.path.seen > kPathLifetime; });
}

GatewayPaths::Change GatewayPaths::heard(base::GatewayId gateway, const SocketAddress& address, std::uint8_t version,
                                         base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  auto found = entries_.find(gateway);
  if (found == entries_.end()) {
    if (entries_.size() >= capacity_) forget_expired(now);
    if (entries_.size() >= capacity_) return Change::refused;
    found = entries_.emplace(gateway, Entry{{address, version, now}, now}).first;
    return Change::record;
  }
  auto& entry = found->second;
  const bool moved = entry.path.address != address;
  const bool record = moved || entry.path.version != version || !entry.recorded ||
                      now - *entry.recorded >= kPathRecordInterval || now < *entry.recorded;
  entry.path = {address, version, now};
  if (record) entry.recorded = now;
  return moved ? Change::moved : record ? Change::record : Change::none;
}

void GatewayPaths::not_recorded(base::GatewayId gateway) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(gateway); found != entries_.end()) found->second.recorded.reset();
}

void GatewayPaths::restore(base::GatewayId gateway, const Path& path) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() < capacity_ || entries_.contains(gateway)) entries_.insert_or_assign(gateway, Entry{path, {}});
}

std::optional<Path> GatewayPaths::find(base::GatewayId gateway, base::Timestamp now) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(gateway);
  if (found == entries_.end() || now - found->second.path.seen > kPathLifetime) return std::nullopt;
  return found->second.path;
}

void GatewayPaths::forget(base::GatewayId gateway) {
  const std::lock_guard lock(mutex_);
  entries_.erase(gateway);
}

std::size_t GatewayPaths::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace lenne::ingest
