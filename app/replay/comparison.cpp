#include "app/replay/comparison.hpp"

#include <memory>

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include "app/verify/words.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/command.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "lenne/v1/quarantine.pb.h"
#include "lenne/v1/rollup.pb.h"

namespace lenne::app {
namespace {

using google::protobuf::Message;
using storage::Topic;

std::unique_ptr<Message> message_of(Topic topic) {
  switch (topic) {
    case Topic::network_in:
      return std::make_unique<v1::NetworkIn>();
    case Topic::measurement:
      return std::make_unique<v1::Measurement>();
    case Topic::control:
      return std::make_unique<v1::ControlState>();
    case Topic::keys:
      return std::make_unique<v1::Device>();
    case Topic::gateway_path:
      return std::make_unique<v1::GatewayPath>();
    case Topic::gateway_downlink:
      return std::make_unique<v1::GatewayDownlink>();
    case Topic::dead_letter:
      return std::make_unique<v1::DeadLetter>();
    case Topic::measurement_late:
      return std::make_unique<v1::LateMeasurement>();
    case Topic::event:
      return std::make_unique<v1::DeviceEvent>();
    case Topic::aggregate:
      return std::make_unique<v1::Aggregate>();
    case Topic::gateway_status:
      return std::make_unique<v1::GatewayStatus>();
    case Topic::command:
      return std::make_unique<v1::DownlinkCommand>();
    case Topic::rollup_in:
      return std::make_unique<v1::RollupInput>();
    case Topic::rollup:
      return std::make_unique<v1::Rollup>();
    case Topic::open_rollup:
      return std::make_unique<v1::OpenRollup>();
    case Topic::alert:
      return std::make_unique<v1::Alert>();
  }
  return nullptr;
}

/// The fields that differ, from what is held to what came out.
std::string fields(Topic topic, std::string_view held, std::string_view made) {
  const auto a = message_of(topic);
  const auto b = message_of(topic);
  if (!a || !a->ParseFromArray(held.data(), static_cast<int>(held.size())) ||
      !b->ParseFromArray(made.data(), static_cast<int>(made.size())))
    return "not a message";
  std::string report;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  return differencer.Compare(*a, *b) ? "the same fields in other bytes" : report;
}

}  // namespace

void Comparison::expect(int stage, const storage::Batch& batch, storage::Offset cause) {
  for (std::size_t i = 0; i < batch.appends(); ++i) {
    const auto append = batch.append_at(i);
    if (!compares(append.topic)) continue;
    expected_[{stage, append.topic, append.partition}].push_back(
        {cause, std::string(append.tenant), std::string(append.key), std::string(append.value), append.tombstone});
  }
}

void Comparison::found(int stage, const storage::Record& record) {
  if (difference_ || !compares(record.topic)) return;
  auto& queue = expected_[{stage, record.topic, record.partition}];
  if (queue.empty()) return differ(fmt::format("{}: nothing led to it", where_of(record)));
  const auto& expected = queue.front();
  if (!expected.is(record)) {
    const bool value_only =
        expected.tenant == record.tenant && expected.key == record.key && !expected.tombstone && !record.tombstone;
    return differ(fmt::format("{}: something else came of the record at offset {}: {}", where_of(record),
                              expected.cause,
                              value_only ? fields(record.topic, record.value, expected.value) : "its tenant or key"));
  }
  queue.pop_front();
  ++equal_[record.topic];
}

void Comparison::found_among_others(int stage, const storage::Record& record) {
  const auto queue = expected_.find({stage, record.topic, record.partition});
  if (queue == expected_.end() || queue->second.empty() || !queue->second.front().is(record)) return;
  queue->second.pop_front();
  ++equal_[record.topic];
}

void Comparison::finish() {
  for (const auto& [place, queue] : expected_) {
    if (queue.empty()) continue;
    const auto& [stage, topic, partition] = place;
    differ(fmt::format("{} partition {}: what came of the record at offset {} is missing", storage::info_of(topic).name,
                       partition, queue.front().cause));
  }
}

}  // namespace lenne::app
