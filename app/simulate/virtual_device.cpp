#include "app/simulate/virtual_device.hpp"

#include <algorithm>
#include <array>

#include "decode/message_json.hpp"
#include "network/lorawan/airtime.hpp"
#include "network/lorawan/region.hpp"
#include "network/lorawan/regions/regions.hpp"

namespace lenne::app::simulate {
namespace {

namespace lorawan = network::lorawan;
using namespace std::chrono_literals;

constexpr std::array<std::uint32_t, 3> kJoinChannels{868'100'000, 868'300'000, 868'500'000};
constexpr std::uint32_t kRx2Channel = 869'525'000;
constexpr int kRx2SpreadingFactor = 12;
constexpr base::Duration kWindow = 20ms;
constexpr std::size_t kJoinsPerSecond = 40;

/// Whole milliseconds: what a gateway's GPS time (tmms) can say.
base::Timestamp whole_ms(base::Timestamp t) { return std::chrono::ceil<std::chrono::milliseconds>(t); }

}  // namespace

VirtualDevice::VirtualDevice(const Region& region, std::size_t index, base::Timestamp start,
                             const decode::SchemaCatalog& catalog)
    : region_(region),
      index_(index),
      catalog_(catalog),
      random_(base::Random(region.options.seed).fork(region.devices[index].dev_eui.value).next() ^
              static_cast<std::uint64_t>(base::to_us(start))),
      links_(region, region.devices[index], region.options.seed),
      source_(region, index, start),
      // Devices are switched on one after the other: a region that joins at once jams its own downlinks.
      due_(start + base::Duration{static_cast<std::int64_t>(random_.below(
                       std::max<std::uint64_t>(5, region.devices.size() / kJoinsPerSecond) * 1'000'000))}) {}

base::Timestamp VirtualDevice::end_of(base::Timestamp start, std::size_t bytes) const {
  lorawan::DataRate rate;
  rate.spreading_factor = static_cast<std::uint8_t>(links_.spreading_factor());
  rate.bandwidth_hz = 125'000;
  return whole_ms(start + lorawan::time_on_air(rate, bytes));
}

std::optional<Transmission> VirtualDevice::act(base::Timestamp now, base::crypto::Aes128& aes) {
  return session_ ? send(now, aes) : join(now, aes);
}

Transmission VirtualDevice::join(base::Timestamp now, base::crypto::Aes128& aes) {
  const auto& device = plan();
  const auto nonce = static_cast<std::uint16_t>(random_.next());
  Transmission transmission;
  transmission.phy_payload = lorawan::build_join_request(aes, device.app_key, device.join_eui, device.dev_eui, nonce);
  transmission.frequency_hz = kJoinChannels[random_.below(kJoinChannels.size())];
  transmission.spreading_factor = links_.spreading_factor();
  transmission.end = end_of(now, transmission.phy_payload.size());
  transmission.join = true;
  waiting_ = Waiting{transmission.end, transmission.frequency_hz, nonce};
  // Another try comes after both windows and a random pause that doubles from try to try (LoRaWAN 1.0.4 section 7:
  // joins back off).
  const auto pause = std::uint64_t{15'000'000} << std::min(join_tries_++, 5);
  due_ = transmission.end + 10s + base::Duration{static_cast<std::int64_t>(random_.below(pause))};
  return transmission;
}

std::optional<Transmission> VirtualDevice::send(base::Timestamp now, base::crypto::Aes128& aes) {
  due_ = source_.next_after(now);
  auto reading = source_.read(now);
  const auto payload =
      decode::encode(catalog_, device_classes()[plan().device_class].schema, reading.f_port, reading.message);
  if (!payload) return std::nullopt;
  auto& session = *session_;
  lorawan::DataSpec spec;
  spec.dev_addr = session.dev_addr;
  spec.f_cnt = session.f_cnt;
  spec.f_port = reading.f_port;
  spec.payload = *payload;
  auto frame = lorawan::build_data(aes, lorawan::Version::v1_0, session.keys, spec);
  if (!frame) return std::nullopt;
  Transmission transmission;
  transmission.phy_payload = std::move(*frame);
  transmission.frequency_hz = session.channels[random_.below(session.channels.size())];
  transmission.spreading_factor = links_.spreading_factor();
  transmission.end = end_of(now, transmission.phy_payload.size());
  transmission.f_cnt = session.f_cnt++;
  transmission.reading = std::move(reading);
  return transmission;
}

bool VirtualDevice::hear(const Arrival& arrival, base::Timestamp now, base::crypto::Aes128& aes) {
  if (!waiting_) return false;
  const auto in_window = [&](base::Duration delay) {
    const auto expected = waiting_->uplink_end + delay;
    return arrival.start >= expected - kWindow && arrival.start <= expected + kWindow;
  };
  const bool rx1 = in_window(5s) && arrival.frequency_hz == waiting_->frequency_hz &&
                   arrival.spreading_factor == links_.spreading_factor();
  const bool rx2 =
      in_window(6s) && arrival.frequency_hz == kRx2Channel && arrival.spreading_factor == kRx2SpreadingFactor;
  if (!rx1 && !rx2) return false;
  const auto frame = lorawan::parse_frame(arrival.phy_payload);
  if (!frame || !std::holds_alternative<lorawan::EncryptedJoinAccept>(*frame)) return false;
  const auto& key = plan().app_key;
  const auto opened = lorawan::decrypt_join_accept(aes, key, std::get<lorawan::EncryptedJoinAccept>(*frame));
  if (!lorawan::join_accept_mic_valid(aes, lorawan::Version::v1_0, key, opened)) return false;

  Session session;
  session.keys =
      lorawan::derive_session_1_0(aes, key, opened.accept.join_nonce, opened.accept.net_id, waiting_->dev_nonce);
  session.dev_addr = opened.accept.dev_addr;
  session.channels.assign(kJoinChannels.begin(), kJoinChannels.end());
  if (opened.accept.cf_list) {
    if (const auto extra = lorawan::cf_list_frequencies(lorawan::kEu868, *opened.accept.cf_list)) {
      for (const auto frequency : *extra) {
        if (frequency != 0) session.channels.push_back(frequency);
      }
    }
  }
  session_ = std::move(session);
  waiting_.reset();
  // A device shows itself soon after it joined, then keeps to its interval.
  due_ = now + 1s + base::Duration{static_cast<std::int64_t>(random_.below(20'000'000))};
  return true;
}

}  // namespace lenne::app::simulate
