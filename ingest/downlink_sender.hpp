#pragma once
// Sends what the network server decided to send, if the gateway's path, timeline and duty cycle allow it, at most once,
// and says what became of it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "ingest/gateway_paths.hpp"
#include "ingest/identity.hpp"
#include "ingest/semtech_udp_codec.hpp"
#include "network/lorawan/region.hpp"
#include "storage/log.hpp"

namespace lenne::v1 {
enum TxError : int;
}

namespace lenne::ingest {

struct SenderSettings {
  std::span<const network::lorawan::Region* const> regions = network::lorawan::all_regions();  ///< whose sub-bands hold
  base::Duration answer_timeout = std::chrono::seconds{2};  ///< for the TX_ACK of a version 2 gateway
  std::size_t max_gateways = 16'384;                        ///< with a timeline
  std::size_t max_waiting = 4'096;                          ///< downlinks that wait for their TX_ACK
  std::size_t max_remembered = 65'536;                      ///< downlink ids that are not sent again
};

/// What became of a downlink: becomes a lenne.v1.TxResult.
struct TxOutcome {
  std::uint64_t downlink_id = 0;
  base::GatewayId gateway;
  base::DevEui dev_eui;
  base::DevAddr dev_addr;
  std::uint32_t f_cnt_down = 0;
  v1::TxError error{};
  std::string detail;
  std::optional<base::Timestamp> answered = std::nullopt;  ///< when its TX_ACK arrived; nothing: none did
};

/// The error that a gateway's word stands for ("TOO_LATE"); "" and "NONE" = sent. Other words: TX_ERROR_OTHER.
[[nodiscard]] v1::TxError tx_error_of(std::string_view word) noexcept;

/// Any thread may call it; `handle` one at a time.
class DownlinkSender {
 public:
  /// Gives one datagram to the network; false when it would not take it.
  using Transmit = std::function<bool(const SocketAddress& to, base::ByteView datagram)>;

  DownlinkSender(SenderSettings settings, Identity identity, storage::Log& log, const GatewayPaths& paths,
                 base::Counters& counters, Transmit transmit);
  ~DownlinkSender();

  /// Reads the airtime of the last hour back from the store. Error: of the log.
  [[nodiscard]] base::Result<void> restore(base::Timestamp now);

  /// Decides about records of topic gateway-downlink, makes the airtime ledger durable, then sends. Outcomes of those
  /// that were not sent, and of those that no answer will come for.
  [[nodiscard]] std::vector<TxOutcome> handle(std::span<const std::string_view> records, const base::Clock& clock);
  /// The outcome that a TX_ACK tells, or nothing: an unknown token, a late or repeated answer.
  [[nodiscard]] std::optional<TxOutcome> acknowledged(base::GatewayId gateway, std::uint16_t token,
                                                      const TxAckBody& answer);
  /// Outcomes of those that got no answer in time.
  [[nodiscard]] std::vector<TxOutcome> expire(base::Timestamp now);
  /// When expire() next has something to tell unless an answer comes; nothing while none waits.
  [[nodiscard]] std::optional<base::Timestamp> next_deadline() const;

  /// A frame's end by the gateway's counter: keeps its timeline in step.
  void observe(base::GatewayId gateway, std::uint32_t tmst, base::Timestamp received);
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::ingest
