#pragma once
// What the virtual devices measure: plausible and deterministic, a function of device and time alone.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/simulate/region.hpp"
#include "app/simulate/script.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace lenne::app::simulate {

/// One value as the payload's resolution carries it: what the truth file holds. Decimal text is exact.
struct TrueSample {
  std::string measure;
  std::string value;                         ///< decimal
  std::optional<std::int64_t> time_us = {};  ///< its own time, where the payload says it
};

/// What a device sends at a moment: FPort, the message of its schema as JSON, and what must come out of it.
struct Reading {
  std::uint8_t f_port = 1;
  std::string message;
  std::vector<TrueSample> samples;
};

/// The state of one device's surroundings. One thread.
class Source {
 public:
  Source(const Region& region, std::size_t device, base::Timestamp start);

  /// When it wants to send next, given that it last sent at `now`: its interval, or earlier when its state changes.
  [[nodiscard]] base::Timestamp next_after(base::Timestamp now);
  [[nodiscard]] Reading read(base::Timestamp now);

 private:
  [[nodiscard]] Reading room(base::Timestamp now);
  [[nodiscard]] Reading outdoor(base::Timestamp now);
  [[nodiscard]] Reading weather(base::Timestamp now);
  [[nodiscard]] Reading particles(base::Timestamp now);
  [[nodiscard]] Reading visitors(base::Timestamp now);
  [[nodiscard]] Reading parking(base::Timestamp now);
  [[nodiscard]] Reading meter(base::Timestamp now);
  [[nodiscard]] Reading level(base::Timestamp now);
  [[nodiscard]] Reading container(base::Timestamp now);
  void count_hour();

  const Region& region_;
  const DevicePlan& plan_;
  base::Random random_;
  base::Duration interval_;
  bool occupied_ = false;
  base::Timestamp next_change_;
  std::vector<const ScriptedEvent*> events_;
  base::Timestamp read_;               ///< when it last sent
  std::uint32_t visitors_ = 0;         ///< a register of 32 bits
  std::uint32_t litres_ = 0;           ///< another one
  std::vector<std::uint32_t> hourly_;  ///< litres of the last full hours, newest last
  base::Timestamp metered_until_;
};

}  // namespace lenne::app::simulate
