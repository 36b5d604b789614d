#pragma once
// Those who send without being ours: forgers, other networks' devices, replays of what was recorded, and noise.

#include "base/random.hpp"
#include "facts.hpp"
#include "radio.hpp"
#include "scenario.hpp"

namespace lenne::sim {

class Stranger {
 public:
  Stranger(EventQueue& queue, Air& air, const Scenario& scenario, base::Random random, const Facts& facts)
      : queue_(queue), air_(air), scenario_(scenario), random_(random), facts_(facts) {}

  void start(base::Timestamp until);

 private:
  void act();
  [[nodiscard]] base::Bytes frame();
  [[nodiscard]] base::Bytes forged();
  [[nodiscard]] base::Bytes recorded();

  EventQueue& queue_;
  Air& air_;
  const Scenario& scenario_;
  base::Random random_;
  const Facts& facts_;
  base::Timestamp until_{};
};

}  // namespace lenne::sim
