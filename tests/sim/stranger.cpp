#include "stranger.hpp"

#include "dice.hpp"
#include "network/lorawan/build.hpp"

namespace lenne::sim {
namespace {

namespace lorawan = network::lorawan;

const std::vector<std::uint32_t> kChannels{868'100'000, 868'300'000, 868'500'000};

}  // namespace

void Stranger::start(base::Timestamp until) {
  until_ = until;
  if (scenario_.forged_every > base::Duration{})
    queue_.after(pause_of(random_, scenario_.forged_every), [this] { act(); });
}

void Stranger::act() {
  if (queue_.now() >= until_) return;
  queue_.after(pause_of(random_, scenario_.forged_every), [this] { act(); });
  Emission emission;
  emission.sender = 0xbad;
  emission.from = one_of(random_, scenario_.gateways).place;
  emission.from.x += 0.3;
  emission.frequency_hz = one_of(random_, kChannels);
  emission.spreading_factor = whole(random_, 7, 9);
  emission.phy = frame();
  if (!emission.phy.empty()) air_.send_up(std::move(emission));
}

base::Bytes Stranger::frame() {
  const auto kind = random_.below(4);
  if (kind == 0) return recorded();
  if (kind == 1) {  // noise, of any length
    base::Bytes noise(static_cast<std::size_t>(whole(random_, 1, 60)));
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random_.next());
    return noise;
  }
  return forged();
}

base::Bytes Stranger::forged() {
  base::crypto::Aes128 aes;
  const auto& device = one_of(random_, scenario_.devices);
  const auto key = lorawan::session_keys_1_0({{1}}, {{2}});
  if (random_.chance(0.2))
    return lorawan::build_join_request(aes, {{1}}, device.join_eui, device.eui,
                                       static_cast<std::uint16_t>(random_.next()));
  lorawan::DataSpec spec;
  spec.dev_addr.value = static_cast<std::uint32_t>(random_.next());
  if (!facts_.uplinks.empty() && random_.chance(0.8)) spec.dev_addr = one_of(random_, facts_.uplinks).dev_addr;
  spec.f_cnt = static_cast<std::uint32_t>(random_.below(1'000));
  spec.f_port = 1;
  const base::Bytes payload(static_cast<std::size_t>(whole(random_, 1, 20)), 0x55);
  spec.payload = payload;
  return lorawan::build_data(aes, lorawan::Version::v1_0, key, spec).value_or(base::Bytes{});
}

base::Bytes Stranger::recorded() {
  // Only what was sent to its end can be recorded.
  const auto sent = [&](base::Timestamp end) { return end != base::Timestamp{} && end < queue_.now(); };
  if (!facts_.joins.empty() && random_.chance(0.2)) {
    const auto& join = one_of(random_, facts_.joins);
    return sent(join.end) ? join.phy : base::Bytes{};
  }
  if (facts_.uplinks.empty()) return {};
  const auto& uplink = one_of(random_, facts_.uplinks);
  const auto& abp = scenario_.devices[uplink.device].abp;
  // Where counters may begin anew, an old frame is as good as a new one: nothing could tell it apart.
  if (!sent(uplink.first_end) || (abp && abp->resets)) return {};
  return uplink.phy;
}

}  // namespace lenne::sim
