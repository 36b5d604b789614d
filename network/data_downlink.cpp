#include "network/data_downlink.hpp"

#include "network/frame_counter.hpp"
#include "network/lorawan/build.hpp"
#include "network/queue.hpp"

namespace lenne::network {

std::size_t frame_size(const DeviceEntry& entry, std::size_t f_opts, bool from_queue) {
  constexpr std::size_t kEmptyFrame = 12;
  return kEmptyFrame + f_opts + (from_queue ? 1 + entry.row.queue(0).payload().size() : 0);
}

std::optional<v1::NetworkDownlink> build_data_downlink(Step& step, DeviceEntry& entry, const DataDownlink& what,
                                                       std::uint64_t input_offset) {
  const auto fail = [&](std::string_view counter) {
    step.count(counter);
    return std::nullopt;
  };
  const Candidate candidate{&entry, false};
  auto& session = candidate.session();
  const auto keys = keys_of(candidate, step.services.vault);
  if (!keys) return fail("network.downlink.no_keys");
  if (session.next_f_cnt_down() >= kFCntEnd) return fail("network.downlink.f_cnt_exhausted");

  lorawan::DataSpec spec;
  spec.direction = lorawan::Direction::down;
  spec.dev_addr = {session.dev_addr()};
  spec.ack = what.ack;
  spec.f_cnt = static_cast<std::uint32_t>(session.next_f_cnt_down());
  spec.f_opts = what.f_opts;
  spec.f_pending = entry.row.queue_size() > (what.from_queue ? 1 : 0);
  if (what.from_queue) {
    const auto& item = entry.row.queue(0);
    spec.confirmed = item.confirmed();
    spec.f_port = static_cast<std::uint8_t>(item.f_port());
    spec.payload = base::as_bytes(item.payload());
  }
  const auto phy = lorawan::build_data(step.services.aes, lorawan::Version::v1_0, **keys, spec);
  if (!phy) return fail("network.downlink.not_built");
  session.set_next_f_cnt_down(session.next_f_cnt_down() + 1);
  step.state.devices.touch(entry);

  v1::NetworkDownlink downlink;
  downlink.set_phy_payload(phy->data(), phy->size());
  downlink.set_f_cnt_down(spec.f_cnt);
  downlink.set_dev_addr(session.dev_addr());
  downlink.set_session(session.id());
  downlink.set_input_offset(input_offset);
  if (what.from_queue) carry(step, entry, spec.f_cnt);
  return downlink;
}

}  // namespace lenne::network
