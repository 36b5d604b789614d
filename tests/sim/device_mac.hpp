#pragma once
// The MAC layer of an end device after LoRaWAN 1.0.0 to 1.0.4: keys, counters, commands. Written against the
// specification, with its own view of what it may expect; it knows nothing of the network server. No time in here.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/crypto/aes128.hpp"
#include "network/lorawan/build.hpp"
#include "network/lorawan/crypto.hpp"
#include "network/lorawan/mac_command.hpp"
#include "scenario.hpp"

namespace lenne::sim {

/// What the device listens with.
struct RxParameters {
  std::uint32_t rx1_delay_s = 1;
  std::uint32_t rx1_dr_offset = 0;
  std::uint32_t rx2_data_rate = 0;
  std::uint32_t rx2_hz = 869'525'000;
};

/// A frame of its own before it is sent.
struct MadeUplink {
  base::Bytes phy;
  base::DevAddr dev_addr;
  std::uint32_t f_cnt = 0;
  std::optional<std::uint8_t> f_port;
  base::Bytes payload;
  bool confirmed = false;
};

/// What a received frame turned out to be.
struct Opened {
  enum class What : std::uint8_t {
    not_mine,     ///< another address, or not under this device's key
    join_accept,  ///< for the pending join-request; the new session is in use
    data,
    bad_mic,   ///< this device's address, and no counter fits
    replayed,  ///< a counter that was used
  } what = What::not_mine;
  std::uint32_t f_cnt = 0;
  bool ack = false;
  bool confirmed = false;
  std::optional<std::uint8_t> f_port;
  base::Bytes payload;
  std::optional<network::lorawan::LinkCheckAns> link_check;
  std::optional<network::lorawan::DeviceTimeAns> device_time;
};

class DeviceMac {
 public:
  explicit DeviceMac(const DevicePlan& plan);

  [[nodiscard]] bool has_session() const noexcept { return session_.has_value(); }
  [[nodiscard]] base::DevAddr address() const { return session_->address; }
  [[nodiscard]] const RxParameters& rx() const noexcept { return rx_; }
  [[nodiscard]] const std::vector<std::uint32_t>& channels() const noexcept { return channels_; }
  [[nodiscard]] std::uint32_t life() const noexcept { return life_; }
  [[nodiscard]] int nb_trans() const noexcept { return nb_trans_; }
  /// A data rate that the network ordered.
  [[nodiscard]] std::optional<int> ordered_spreading() const noexcept { return ordered_spreading_; }
  /// By how much less than full power it was ordered to send, dB.
  [[nodiscard]] int less_power() const noexcept { return less_power_; }
  /// The time in which an ACK may be given is over.
  void forget_ack() noexcept { owes_ack_ = false; }

  /// A join-request, which then waits for its accept.
  [[nodiscard]] base::Bytes join_request(std::uint16_t dev_nonce);
  void give_up_join() noexcept { pending_nonce_.reset(); }

  /// The next frame: uses up a counter, carries the ACK and the answers that are owed. `requests` are commands of its
  /// own. Empty payload without port: an empty frame.
  [[nodiscard]] MadeUplink uplink(std::optional<std::uint8_t> f_port, base::Bytes payload, bool confirmed,
                                  const base::Bytes& requests);

  /// A frame that its receiver caught.
  [[nodiscard]] Opened open(base::ByteView phy);

  /// A power cut: OTAA devices lose their session; ABP devices keep their counters, or lose them if that is their kind.
  void restart();

  /// Keys that came into being since the last call.
  [[nodiscard]] std::vector<base::crypto::Key128> take_new_keys() { return std::exchange(new_keys_, {}); }
  /// What the network did wrong, by the specification.
  [[nodiscard]] std::vector<std::string> take_problems() { return std::exchange(problems_, {}); }

 private:
  struct Session {
    base::DevAddr address;
    network::lorawan::SessionKeys keys;
    std::uint32_t next_up = 0;
    std::optional<std::uint32_t> last_down;
  };
  [[nodiscard]] Opened open_join_accept(const network::lorawan::EncryptedJoinAccept& frame);
  [[nodiscard]] Opened open_data(const network::lorawan::DataFrame& frame);
  void read_commands(base::ByteView bytes, Opened& opened);
  template <typename Answer>
  void answer(const Answer& command, bool until_heard);
  void reset_parameters();
  void problem(std::string text) { problems_.push_back(plan_.name + ": " + std::move(text)); }

  const DevicePlan& plan_;
  base::crypto::Aes128 aes_;
  std::optional<Session> session_;
  std::optional<std::uint16_t> pending_nonce_;
  std::optional<std::uint32_t> last_join_nonce_;
  RxParameters rx_;
  std::vector<std::uint32_t> channels_;
  int nb_trans_ = 1;
  std::optional<int> ordered_spreading_;
  int less_power_ = 0;
  bool owes_ack_ = false;
  base::Bytes answers_;         ///< for the next frame only
  base::Bytes sticky_answers_;  ///< in each frame until a downlink comes (1.0.3, 5.4, 5.7, 5.10)
  std::uint32_t life_ = 0;
  std::vector<base::crypto::Key128> new_keys_;
  std::vector<std::string> problems_;
};

}  // namespace lenne::sim
