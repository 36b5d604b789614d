#pragma once
// A gateway with Semtech's packet forwarder: its own counter, one radio for both directions, and its ways of failing.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "backhaul.hpp"
#include "base/random.hpp"
#include "facts.hpp"
#include "ingest/semtech_udp_gateway.hpp"
#include "ingest/socket_address.hpp"
#include "radio.hpp"

namespace lenne::sim {

class Gateway final : public UplinkListener {
 public:
  /// A datagram reaches the server from this address.
  using ToServer = std::function<void(const ingest::SocketAddress& from, base::ByteView datagram)>;

  Gateway(EventQueue& queue, Air& air, const GatewayPlan& plan, std::size_t number, base::Random random, Facts& facts,
          Tally& tally, ToServer to_server);

  void start();

  /// The server sent something to the address that this gateway has, or had.
  [[nodiscard]] bool owns(const ingest::SocketAddress& address) const;
  void from_server(const ingest::SocketAddress& to, base::Bytes datagram);

  // UplinkListener
  [[nodiscard]] Place place() const override { return plan_.place; }
  [[nodiscard]] std::uint64_t radio_name() const override { return plan_.id.value; }
  [[nodiscard]] bool is_on() const override { return on_; }
  [[nodiscard]] bool sent_between(base::Timestamp from, base::Timestamp to) const override;
  void hear(const Emission& emission, const Heard& heard) override;

  [[nodiscard]] const GatewayPlan& plan() const noexcept { return plan_; }
  [[nodiscard]] std::uint32_t boot() const noexcept { return boot_; }
  [[nodiscard]] base::Timestamp booted() const noexcept { return booted_; }

 private:
  struct Span {
    base::Timestamp start;
    base::Timestamp end;
  };

  [[nodiscard]] std::uint32_t counter_at(base::Timestamp t) const;
  /// When the counter reads this, seen from now: at most half a turn away.
  [[nodiscard]] base::Timestamp time_of(std::uint32_t tmst) const;
  void send(base::Bytes datagram);
  void flush();
  void pull();
  void report();
  void restart();
  void boot_up();
  void move();
  void take(const base::Bytes& datagram);
  void take_response(const ingest::ServerMessage& message);
  [[nodiscard]] std::string_view judge(const ingest::ServerMessage& message, const Span& span);
  void note_refusal(const ingest::ServerMessage& message);
  void emit(const ingest::ServerMessage& message, const Span& span);

  EventQueue& queue_;
  Air& air_;
  const GatewayPlan& plan_;
  const std::size_t number_;
  base::Random random_;
  Facts& facts_;
  Tally& tally_;
  ToServer to_server_;
  ingest::SocketAddress address_;
  Backhaul up_;
  Backhaul down_;
  bool on_ = true;
  std::uint32_t boot_ = 0;
  base::Timestamp booted_{};
  std::uint32_t first_tmst_;
  std::uint16_t token_ = 0;
  std::vector<ingest::RxFrame> waiting_;                      ///< to be forwarded in one datagram
  std::vector<std::size_t> waiting_facts_;                    ///< their places in Facts::forwarded
  std::map<std::uint16_t, std::vector<std::size_t>> pushed_;  ///< by token, without a PUSH_ACK
  std::deque<Span> planned_;                                  ///< emissions, past ones for a while
};

}  // namespace lenne::sim
