#include "app/command_processor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/slot.hpp"
#include "lenne/v1/command.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "lenne/v1/quarantine.pb.h"
#include "storage/kafka/framing.hpp"

namespace lenne::app {
namespace {

constexpr std::size_t kMostCorrelation = 64;
/// Of a record in dead-letter, bytes: a command is smaller.
constexpr std::size_t kMostQuarantined = 4'096;

/// A command, or why it is none.
base::Result<v1::DownlinkCommand> command_of(std::string_view value, std::int32_t schema_id) {
  const auto framed = storage::kafka::unframed(value);
  if (!framed) return base::fail("not_framed", "");
  if (framed->schema_id != schema_id || framed->index != v1::DownlinkCommand::descriptor()->index())
    return base::fail("unknown_schema", "");
  v1::DownlinkCommand command;
  if (!command.ParseFromArray(framed->message.data(), static_cast<int>(framed->message.size())) ||
      command.dev_eui() == 0)
    return base::fail("not_a_command", "");
  if (command.correlation_id().size() > kMostCorrelation) return base::fail("correlation_id", "");
  return command;
}

}  // namespace

processing::Progress CommandProcessor::step(const storage::Record& record, storage::Batch& out) {
  const auto now = log_clock_.now();
  auto command = command_of(record.value, settings_.schema_id);
  if (command && now - record.appended > storage::age_of(storage::info_of(record.topic).retention))
    command = base::fail("too_old", "");
  if (!command) {
    refuse(record, command.error().code, out);
    return processing::Progress::done;
  }
  v1::NetworkIn in;
  in.set_received_us(base::to_us(std::min(record.appended, now)));
  auto& request = *in.mutable_downlink();
  request.set_dev_eui(command->dev_eui());
  request.set_tenant(std::string(record.tenant));
  request.set_f_port(command->f_port());
  request.set_payload(std::move(*command->mutable_payload()));
  request.set_confirmed(command->confirmed());
  // Its writer is told the offset by the broker.
  request.set_correlation_id(command->correlation_id().empty() ? fmt::to_string(record.offset)
                                                               : command->correlation_id());
  const auto slot = base::slot_of(base::DevEui{request.dev_eui()});
  const char key = static_cast<char>(slot);
  out.append(storage::Topic::network_in, base::partition_of(slot, settings_.network_partitions), {}, {&key, 1},
             in.SerializeAsString());
  counters_.count("commands.accepted");
  return processing::Progress::done;
}

void CommandProcessor::refuse(const storage::Record& record, std::string_view reason, storage::Batch& out) {
  counters_.count(fmt::format("commands.refused.{}", reason));
  v1::DeadLetter letter;
  letter.set_reason(std::string(reason));
  letter.set_topic(fmt::format("t.{}.{}", record.tenant, storage::info_of(record.topic).name));
  letter.set_offset(record.offset);
  letter.set_record(std::string(record.value.substr(0, kMostQuarantined)));
  if (record.value.size() > kMostQuarantined)
    letter.set_detail(fmt::format("cut: it had {} bytes", record.value.size()));
  out.append(storage::Topic::dead_letter, 0, {}, {}, letter.SerializeAsString());
}

}  // namespace lenne::app
