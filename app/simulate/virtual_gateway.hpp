#pragma once
// One simulated gateway: a UDP socket that speaks the packet forwarder's protocol, with a free-running counter.

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "app/simulate/radio.hpp"
#include "app/simulate/region.hpp"
#include "app/simulate/virtual_device.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "ingest/semtech_udp_gateway.hpp"

namespace lenne::app::simulate {

/// A frame of the truth: which device sent it, under which counter.
struct FrameId {
  std::size_t device = 0;
  std::uint32_t f_cnt = 0;
  bool join = false;
};

/// Owns its socket. One thread.
class VirtualGateway {
 public:
  using OnAck = std::function<void(const FrameId&)>;
  using OnAir = std::function<void(const Arrival&)>;

  /// Error: socket (with the address). The counter starts anywhere.
  [[nodiscard]] static base::Result<VirtualGateway> open(const VirtualGatewayPlan& plan, const Address& server,
                                                         std::uint32_t counter_offset);
  ~VirtualGateway();
  VirtualGateway(VirtualGateway&&) noexcept;
  VirtualGateway& operator=(VirtualGateway&&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  /// A frame that this gateway received, as it goes to the server.
  [[nodiscard]] base::Bytes push_data(const Transmission& transmission, const Heard& heard, const FrameId& frame);
  void send(base::ByteView datagram);
  void pull();
  void report(base::Timestamp now);
  /// Reads all that waits on the socket: acknowledgements and downlinks. What it emits goes to `on_air` at once, with
  /// the time at which it will be on the air; a downlink that comes too late or collides is refused with a TX_ACK.
  void receive(base::Timestamp now, const OnAck& on_ack, const OnAir& on_air);

  [[nodiscard]] std::uint64_t downlinks() const { return downlinks_; }

 private:
  VirtualGateway(const VirtualGatewayPlan& plan, int socket, std::uint32_t counter_offset);
  [[nodiscard]] std::uint32_t counter_at(base::Timestamp t) const {
    return static_cast<std::uint32_t>(base::to_us(t)) + counter_offset_;
  }
  void emit(const ingest::ServerMessage& message, base::Timestamp now, const OnAir& on_air);

  const VirtualGatewayPlan* plan_;
  int socket_;
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
