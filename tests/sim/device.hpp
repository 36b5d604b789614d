#pragma once
// An end device: when it sends, when it listens, when it tries again. Its receiver is open only in its windows, or, in
// class C, with the parameters of RX2 whenever it does not send.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "device_mac.hpp"
#include "facts.hpp"
#include "radio.hpp"

namespace lenne::sim {

class Device final : public DownlinkListener {
 public:
  Device(EventQueue& queue, Air& air, const DevicePlan& plan, std::size_t number, int spreading_factor,
         base::Random random, Facts& facts, Tally& tally);

  /// Sends until then; afterwards it only ends what it has begun.
  void start(base::Timestamp until);

  // DownlinkListener
  [[nodiscard]] Place place() const override { return plan_.place; }
  [[nodiscard]] std::uint64_t radio_name() const override { return plan_.eui.value; }
  [[nodiscard]] bool begin(const Emission& emission) override;
  void end(const Emission& emission, bool clean) override;

  [[nodiscard]] const DevicePlan& plan() const noexcept { return plan_; }

 private:
  /// One frame on its way, with its repetitions.
  struct Transaction {
    base::Bytes phy;
    bool join = false;
    bool confirmed = false;
    std::size_t fact = 0;  ///< its place in Facts
    int left = 0;          ///< transmissions
    bool answered = false;
    bool link_check = false;
    bool device_time = false;
    base::Timestamp last_end{};
  };
  struct Window {
    base::Timestamp start;
    std::uint32_t frequency_hz = 0;
    int spreading_factor = 0;
  };

  void wake();
  void restart();
  void join();
  void send_uplink();
  void transmit();
  void open_windows(base::Timestamp end, std::uint32_t frequency_hz, int spreading_factor);
  void conclude(std::uint64_t transaction);
  void finish();
  void accepted(const Opened& opened, const Emission& emission, int window);
  void joined(int window);
  void check_answers(const Opened& opened);
  [[nodiscard]] int window_of(const Emission& emission) const;
  [[nodiscard]] int spreading() const;
  [[nodiscard]] base::Bytes payload();
  void note_keys();
  void problem(std::string text) { facts_.problems.push_back(plan_.name + ": " + std::move(text)); }

  EventQueue& queue_;
  Air& air_;
  const DevicePlan& plan_;
  const std::size_t number_;
  const int spreading_factor_;
  base::Random random_;
  Facts& facts_;
  Tally& tally_;
  DeviceMac mac_;
  base::Timestamp until_{};
  std::optional<Transaction> transaction_;
  std::uint64_t transactions_ = 0;
  base::Timestamp sending_until_{};
  std::optional<std::uint64_t> receiving_;  ///< the emission that it stays on
  base::Timestamp receiving_until_{};
  std::array<std::optional<Window>, 2> windows_;
  std::vector<std::uint16_t> used_nonces_;
  std::uint16_t next_nonce_ = 0;
  std::uint32_t made_ = 0;
  bool must_answer_ = false;
  base::Timestamp ack_until_{};
};

}  // namespace lenne::sim
