#pragma once
// One seed = one universe: devices, gateways, air, backhauls, operators and the server, in virtual time. What happens
// is a function of the scenario alone.

#include <string>
#include <vector>

#include "base/hash.hpp"
#include "scenario.hpp"
#include "tally.hpp"

namespace lenne::sim {

struct Outcome {
  Tally tally;
  std::vector<std::string> findings;  ///< broken rules; empty = all held
  std::uint64_t fingerprint = 0;      ///< of every record: the same scenario gives the same one
  std::uint64_t writes = 0;           ///< that the server made
  std::size_t records = 0;
};

/// Lives through a scenario and judges it.
[[nodiscard]] Outcome run_universe(const Scenario& scenario);

}  // namespace lenne::sim
