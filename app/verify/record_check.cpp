#include "app/verify/record_check.hpp"

#include <array>

#include <fmt/format.h>

#include "app/verify/words.hpp"
#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "lenne/v1/quarantine.pb.h"
#include "processing/alerts/keys.hpp"
#include "processing/keys.hpp"
#include "processing/rollup/rollup_rows.hpp"
#include "storage/views/keys.hpp"

namespace lenne::app {
namespace {

using storage::Topic;

std::string number_key(std::uint64_t number) {
  std::array<std::uint8_t, 8> bytes{};
  base::write_be(bytes.data(), number);
  return std::string(base::as_text(bytes));
}

std::string key_of(const v1::Aggregate& aggregate) {
  const auto window = processing::window_named(aggregate.window(), aggregate.start_us(), aggregate.end_us());
  return processing::aggregate_key(aggregate.dev_eui(), aggregate.measure(), window);
}

}  // namespace

void RecordCheck::take(const storage::Record& record) {
  if (!record.tombstone) check(record);
}

void RecordCheck::take_last_value(const storage::Record& record) { check(record); }

void RecordCheck::unreadable(const storage::Record& record) {
  unreadable_.try_emplace({std::string(storage::info_of(record.topic).name), record.offset}, where_of(record));
}

void RecordCheck::finish() {
  for (const auto& [at, where] : unreadable_) faults_.add(where, "is no message of its topic");
}

void RecordCheck::check(const storage::Record& record) {
  const auto parses = [&](auto& message) {
    if (parse(message, record.value)) return true;
    unreadable(record);
    return false;
  };
  const auto same = [&](std::string_view what, std::string_view is, std::string_view of_message) {
    if (is != of_message) faults_.add(where_of(record), fmt::format("its {} is not that of its message", what));
  };
  switch (record.topic) {
    case Topic::network_in: {
      v1::NetworkIn in;
      if (parses(in) && in.body_case() == v1::NetworkIn::BODY_NOT_SET) unreadable(record);
      return;
    }
    case Topic::measurement: {
      v1::Measurement measurement;
      if (parses(measurement)) same("tenant", record.tenant, measurement.tenant());
      return;
    }
    case Topic::control: {
      v1::ControlState state;
      if (!parses(state)) return;
      same("key", record.key, storage::views::control_key_of(state.object()));
      const auto& device = state.object().device();
      if (!device.wrapped_root_keys().empty() || !device.wrapped_session_keys().empty())
        faults_.add(where_of(record), "tells a device's keys");
      return;
    }
    case Topic::keys: {
      v1::Device device;
      if (parses(device)) keys_.device(where_of(record), device, false);
      return;
    }
    case Topic::gateway_path: {
      v1::GatewayPath path;
      if (parses(path)) same("key", record.key, base::to_hex(base::GatewayId{path.gateway_id()}));
      return;
    }
    case Topic::gateway_status: {
      v1::GatewayStatus status;
      if (parses(status)) same("key", record.key, base::to_hex(base::GatewayId{status.gateway_id()}));
      return;
    }
    case Topic::gateway_downlink: {
      v1::GatewayDownlink downlink;
      if (parses(downlink)) same("key", record.key, base::to_hex(base::GatewayId{downlink.gateway_id()}));
      return;
    }
    case Topic::command:
      return unreadable(record);  // tenants write topics of a cluster only
    case Topic::dead_letter: {
      v1::DeadLetter letter;
      // What could not be used and was put aside is accounted for.
      if (parses(letter)) unreadable_.erase({letter.topic(), letter.offset()});
      return;
    }
    case Topic::measurement_late: {
      v1::LateMeasurement late;
      if (parses(late)) same("key", record.key, number_key(late.measurement().dev_eui()));
      return;
    }
    case Topic::event: {
      v1::DeviceEvent event;
      if (!parses(event)) return;
      same("tenant", record.tenant, event.tenant());
      same("key", record.key, number_key(event.dev_eui()));
      return;
    }
    case Topic::aggregate: {
      v1::Aggregate aggregate;
      if (!parses(aggregate)) return;
      same("tenant", record.tenant, aggregate.tenant());
      same("key", record.key, key_of(aggregate));
      return;
    }
    case Topic::rollup_in: {
      v1::RollupInput input;
      if (parses(input) && input.has_member()) same("key", record.key, number_key(input.member().dev_eui()));
      return;
    }
    case Topic::rollup: {
      v1::Rollup rollup;
      if (!parses(rollup)) return;
      same("tenant", record.tenant, rollup.tenant());
      same("key", record.key, processing::rollup::topic_key(rollup));
      return;
    }
    case Topic::open_rollup: {
      v1::OpenRollup open;
      if (!parses(open)) return;
      same("tenant", record.tenant, open.result().tenant());
      same("key", record.key, processing::rollup::topic_key(open));
      return;
    }
    case Topic::alert: {
      v1::Alert alert;
      if (!parses(alert)) return;
      same("tenant", record.tenant, alert.tenant());
      same("key", record.key, processing::alerts::alert_key(alert.dev_eui(), alert.rule()));
      return;
    }
  }
}

}  // namespace lenne::app
