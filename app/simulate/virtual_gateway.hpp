#pragma once
// One simulated gateway: it speaks the packet forwarder's protocol, with a free-running counter.

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/simulate/radio.hpp"
#include "app/simulate/region.hpp"
#include "app/simulate/virtual_device.hpp"
#include "base/time.hpp"
#include "ingest/semtech_udp_gateway.hpp"

namespace lenne::app::simulate {

/// A frame of the truth: which device sent it, under which counter.
struct FrameId {
  std::size_t device = 0;
  std::uint32_t f_cnt = 0;
  bool join = false;
};

/// Makes and reads datagrams; who carries them is not its matter. One thread.
class VirtualGateway {
 public:
  using OnAck = std::function<void(const FrameId&)>;
  using OnAir = std::function<void(const Arrival&)>;

  /// The counter starts anywhere.
  VirtualGateway(const VirtualGatewayPlan& plan, std::uint32_t counter_offset);

  /// A frame that this gateway received, as it goes to the server.
  [[nodiscard]] base::Bytes push_data(const Transmission& transmission, const Heard& heard, const FrameId& frame);
  [[nodiscard]] base::Bytes pull();
  [[nodiscard]] base::Bytes report(base::Timestamp now);
  /// Reads an acknowledgement or a downlink. What it emits goes to `on_air` at once, with the time at which it will be
  /// on the air; a downlink that comes too late or collides is refused. Returns what a downlink is answered with, a
  /// TX_ACK.
  [[nodiscard]] std::optional<base::Bytes> receive(base::ByteView datagram, base::Timestamp now, const OnAck& on_ack,
                                                   const OnAir& on_air);

 private:
  [[nodiscard]] std::uint32_t counter_at(base::Timestamp t) const {
    return static_cast<std::uint32_t>(base::to_us(t)) + counter_offset_;
  }
  [[nodiscard]] base::Bytes emit(const ingest::ServerMessage& message, base::Timestamp now, const OnAir& on_air);

  const VirtualGatewayPlan* plan_;
  std::uint32_t counter_offset_;
  std::uint16_t token_ = 0;
  /// The frames of the last 65,536 datagrams by token: a PUSH_ACK names nothing else.
  std::vector<FrameId> unacknowledged_;
  std::vector<bool> waiting_;
  base::Timestamp busy_until_{};
  std::uint32_t received_ = 0;
  std::uint32_t acknowledged_ = 0;
  std::uint32_t pushed_ = 0;
  std::uint64_t downlinks_ = 0;
};

}  // namespace lenne::app::simulate
