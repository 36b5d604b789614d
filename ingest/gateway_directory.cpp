#include "ingest/gateway_directory.hpp"

#include <string_view>

namespace lenne::ingest {
namespace {

constexpr std::string_view kPrefix = "gateway/";
constexpr std::size_t kPoll = 1'024;

}  // namespace

void GatewayDirectory::apply(const storage::Poll& poll, std::vector<base::GatewayId>& removed) {
  for (const auto& record : poll.records) {
    if (!record.key.starts_with(kPrefix)) continue;
    const auto gateway = base::parse_id<base::GatewayId>(record.key.substr(kPrefix.size()));
    if (!gateway) {
      counters_.count("ingest.gateways.bad_key");
    } else if (record.tombstone) {
      if (known_.erase(*gateway) > 0) removed.push_back(*gateway);
    } else if (known_.size() < capacity_ || known_.contains(*gateway)) {
      known_.insert(*gateway);
    } else {
      counters_.count("ingest.gateways.overflow");
    }
  }
}

base::Result<void> GatewayDirectory::load() {
  auto reader = log_.reader({storage::Topic::control});
  if (!reader) return std::unexpected(reader.error());
  if (const auto sought = (*reader)->seek({storage::SeekTo::Where::beginning}); !sought) {
    return std::unexpected(sought.error());
  }
  reader_ = std::move(*reader);
  known_.clear();
  std::vector<base::GatewayId> removed;
  for (;;) {
    const auto polled = reader_->poll_to_end(kPoll);
    if (!polled) return std::unexpected(polled.error());
    if (polled->records.empty()) return {};
    apply(*polled, removed);
  }
}

base::Result<std::vector<base::GatewayId>> GatewayDirectory::refresh() {
  std::vector<base::GatewayId> removed;
  if (!reader_) {
    if (const auto loaded = load(); !loaded) return std::unexpected(loaded.error());
    return removed;
  }
  for (;;) {
    const auto polled = reader_->poll(base::Duration{}, kPoll);
    if (!polled) return std::unexpected(polled.error());
    if (polled->records.empty()) return removed;
    apply(*polled, removed);
  }
}

}  // namespace lenne::ingest
