#include "network/step.hpp"

#include <array>
#include <string>

#include "base/hash.hpp"
#include "base/time.hpp"

namespace lenne::network {

std::uint64_t session_id(base::DevEui eui, v1::Activation activation, base::DevAddr address, std::uint32_t number) {
  std::array<std::uint8_t, 17> name{};
  base::write_be(name.data(), eui.value);
  name[8] = static_cast<std::uint8_t>(activation);
  base::write_be(name.data() + 9, address.value);
  base::write_be(name.data() + 13, number);
  return base::hash64(name);
}

std::uint64_t uplink_id(base::DevEui eui, std::uint64_t session, std::uint32_t f_cnt, const lorawan::Mic& mic) {
  std::array<std::uint8_t, 24> name{};
  base::write_be(name.data(), eui.value);
  base::write_be(name.data() + 8, session);
  base::write_be(name.data() + 16, f_cnt);
  for (std::size_t i = 0; i < mic.size(); ++i) name[20 + i] = mic[i];
  return base::hash64(name);
}

const lorawan::Region* region_of(const DeviceEntry& entry) { return lorawan::find_region(entry.row.device().region()); }

EventTime event_time(const NetworkSettings& settings, const v1::Hearing& hearing) {
  if (hearing.has_gps_time_us()) {
    // Beyond some 292,000 years a microsecond count cannot be converted; such a gateway is not credible anyway.
    constexpr std::int64_t kFarthest = std::int64_t{1} << 60;
    const auto gps = hearing.gps_time_us();
    if (gps > 0 && gps < kFarthest) {
      const auto us = base::to_us(base::from_gps(base::GpsTime{gps}));
      const auto ahead = us - hearing.received_us();
      if (ahead <= settings.newest_credible.count() && -ahead <= settings.oldest_credible.count()) {
        return {us, v1::TIME_SOURCE_GATEWAY_GPS};
      }
    }
  }
  return {hearing.received_us(), v1::TIME_SOURCE_RECEIVED};
}

v1::DeviceEvent make_event(const Step& step, const DeviceEntry& entry, std::int64_t time_us, std::int64_t received_us,
                           std::uint64_t input_offset) {
  const auto& device = entry.row.device();
  v1::DeviceEvent event;
  event.set_time_us(time_us);
  event.set_received_us(received_us);
  event.set_dev_eui(device.dev_eui());
  event.set_tenant(device.tenant());
  event.set_device_name(device.name());
  event.mutable_input()->set_partition(step.state.number);
  event.mutable_input()->set_offset(input_offset);
  return event;
}

Subject subject_of(const v1::Device& device) { return {device.dev_eui(), device.name(), device.tenant()}; }

void publish_log(Step& step, const Subject& subject, const LogText& text) {
  v1::DeviceEvent event;
  event.set_time_us(step.received_us);
  event.set_received_us(step.received_us);
  event.set_dev_eui(subject.dev_eui);
  event.set_tenant(std::string(subject.tenant));
  event.set_device_name(std::string(subject.device_name));
  event.mutable_input()->set_partition(step.state.number);
  event.mutable_input()->set_offset(step.offset);
  auto& log = *event.mutable_log();
  log.set_level(text.level);
  log.set_code(std::string(text.code));
  log.set_message(std::string(text.message));
  log.set_gateway_id(text.gateway_id);
  log.set_request_id(text.request_id);
  log.set_correlation_id(std::string(text.correlation_id));
  step.state.outbox.event(event);
}

void refuse(Step& step, std::string_view code) { step.count("network.refused." + std::string(code)); }

void refuse(Step& step, DeviceEntry& entry, std::string_view code, std::string_view message, std::uint64_t gateway_id) {
  refuse(step, code);
  warn(step, entry, code, message, gateway_id);
}

void warn(Step& step, DeviceEntry& entry, std::string_view code, std::string_view message, std::uint64_t gateway_id) {
  constexpr std::int64_t kHourUs = 3'600'000'000;
  const auto hour = step.state.now_us - step.state.now_us % kHourUs;
  auto& row = entry.row;
  if (row.log_hour_us() == hour && row.log_count() >= step.services.settings.logs_per_hour)
    return step.count("network.dropped.log");
  row.set_log_count(row.log_hour_us() == hour ? row.log_count() + 1 : 1);
  row.set_log_hour_us(hour);
  step.state.devices.touch(entry);

  publish_log(step, subject_of(row.device()),
              {.level = v1::LOG_LEVEL_WARNING, .code = code, .message = message, .gateway_id = gateway_id});
}

}  // namespace lenne::network
