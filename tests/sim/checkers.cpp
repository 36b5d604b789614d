#include "checkers.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "decode/device_decoder.hpp"
#include "network/network_processor.hpp"

namespace lenne::sim {
namespace {

constexpr std::size_t kMostFindings = 5;

/// A network processor with its decoder.
class NetworkWithDecoder final : public processing::Processor {
 public:
  NetworkWithDecoder(const Host& host, base::Counters& counters)
      : decoder_(host.catalog(), counters), network_(host.network(), host.vault(), decoder_, counters) {}
  base::Result<void> assigned(std::uint32_t partition, const storage::StateReader& state) override {
    return network_.assigned(partition, state);
  }
  void revoked(std::uint32_t partition) override { network_.revoked(partition); }
  processing::Progress step(const storage::Record& record, storage::Batch& out) override {
    return network_.step(record, out);
  }
  void flush(storage::Batch& out) override { network_.flush(out); }
  std::optional<base::Timestamp> next_due(std::uint32_t partition) const override {
    return network_.next_due(partition);
  }
  std::optional<base::Error> fault() const override { return network_.fault(); }

 private:
  decode::DeviceDecoder decoder_;
  network::NetworkProcessor network_;
};

template <typename Message>
void parse(const Recorded& record, std::vector<Parsed<Message>>& into, std::vector<std::string>& unreadable) {
  Parsed<Message> parsed{record.partition, record.offset, record.tenant, {}};
  if (!parsed.message.ParseFromString(record.value)) {
    unreadable.push_back(fmt::format("{} {}/{}", storage::info_of(record.topic).name, record.partition, record.offset));
    return;
  }
  into.push_back(std::move(parsed));
}

}  // namespace

Evidence::Evidence(const Scenario& scenario_of, const Facts& facts_of, Host& host_of,
                   const std::vector<Recorded>& records_of)
    : scenario(scenario_of), facts(facts_of), host(host_of), records(records_of) {
  for (const auto& record : records) {
    if (record.topic == storage::Topic::network_in) parse(record, inputs, unreadable);
    if (record.topic == storage::Topic::event) parse(record, events, unreadable);
    if (record.topic == storage::Topic::gateway_downlink) parse(record, downlinks, unreadable);
  }
}

const DevicePlan* Evidence::device(std::uint64_t eui) const {
  const auto found =
      std::ranges::find_if(scenario.devices, [&](const DevicePlan& plan) { return plan.eui.value == eui; });
  return found == scenario.devices.end() ? nullptr : &*found;
}

Evidence::NetworkRun Evidence::run_network(std::size_t poll, bool renew) const {
  auto counters = std::make_unique<base::Counters>();
  const auto make = [&] { return std::make_unique<NetworkWithDecoder>(host, *counters); };
  auto replayed = replay(records, {storage::Topic::network_in}, scenario.partitions, make, poll, renew);
  return {std::move(replayed), std::move(counters)};
}

void Findings::say(std::string text) {
  if (++said_ <= kMostFindings) texts_.push_back(fmt::format("{}: {}", rule_, text));
}

std::vector<std::unique_ptr<Checker>> all_checkers() {
  std::vector<std::unique_ptr<Checker>> checkers;
  add_uplink_checkers(checkers);
  add_downlink_checkers(checkers);
  add_record_checkers(checkers);
  add_purity_checkers(checkers);
  return checkers;
}

}  // namespace lenne::sim
