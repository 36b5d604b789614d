#include "app/simulate/truth.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/ids.hpp"

namespace lenne::app::simulate {

base::Result<Truth> Truth::open(const std::filesystem::path& file) {
  Truth truth;
  if (file.empty()) return truth;
  truth.file_.reset(std::fopen(file.c_str(), "we"));
  if (!truth.file_) return base::fail("truth_file", fmt::format("{}: {}", file.string(), std::strerror(errno)));
  std::setvbuf(truth.file_.get(), nullptr, _IOLBF, 1 << 16);
  return truth;
}

void Truth::event(const ScriptedEvent& event, std::span<const base::DevEui> devices) {
  if (!file_) return;
  std::string euis;
  for (const auto& eui : devices) euis += fmt::format("{}\"{}\"", euis.empty() ? "" : ",", base::to_hex(eui));
  fmt::print(
      file_.get(),
      "{{\"type\":\"event\",\"name\":\"{}\",\"effect\":\"{}\",\"town\":\"{}\",\"from_us\":{},\"full_from_us\":{},"
      "\"full_until_us\":{},\"until_us\":{},\"amount\":{},\"devices\":[{}]}}\n",
      event.name, event.effect_name, event.town, base::to_us(event.from), base::to_us(event.full_from),
      base::to_us(event.full_until), base::to_us(event.until), event.amount, euis);
}

void Truth::uplink(const DevicePlan& device, const Transmission& transmission, std::size_t gateways) {
  if (!file_ || !transmission.reading) return;
  std::string samples;
  for (const auto& sample : transmission.reading->samples) {
    samples += fmt::format("{}{{\"measure\":\"{}\",\"value\":{}{}}}", samples.empty() ? "" : ",", sample.measure,
                           sample.value, sample.time_us ? fmt::format(",\"time_us\":{}", *sample.time_us) : "");
  }
  fmt::print(
      file_.get(),
      "{{\"type\":\"uplink\",\"dev_eui\":\"{}\",\"f_cnt\":{},\"time_us\":{},\"gateways\":{},\"samples\":[{}]}}\n",
      base::to_hex(device.dev_eui), transmission.f_cnt, base::to_us(transmission.end), gateways, samples);
}

void Truth::heard(base::GatewayId gateway, const DevicePlan& device, std::uint64_t transmission, const OnAir& frame,
                  base::Timestamp arrives) {
  if (file_)
    fmt::print(file_.get(),
               "{{\"type\":\"heard\",\"gateway\":\"{}\",\"dev_eui\":\"{}\",\"transmission\":{},\"size\":{},\"sf\":{},"
               "\"time_us\":{}}}\n",
               base::to_hex(gateway), base::to_hex(device.dev_eui), transmission, frame.size, frame.spreading_factor,
               base::to_us(arrives));
}

void Truth::sent(base::GatewayId gateway, const OnAir& frame, base::Timestamp taken) {
  if (file_)
    fmt::print(file_.get(), "{{\"type\":\"sent\",\"gateway\":\"{}\",\"size\":{},\"sf\":{},\"time_us\":{}}}\n",
               base::to_hex(gateway), frame.size, frame.spreading_factor, base::to_us(taken));
}

void Truth::acknowledged(const DevicePlan& device, std::uint32_t f_cnt) {
  if (file_)
    fmt::print(file_.get(), "{{\"type\":\"ack\",\"dev_eui\":\"{}\",\"f_cnt\":{}}}\n", base::to_hex(device.dev_eui),
               f_cnt);
}

}  // namespace lenne::app::simulate
