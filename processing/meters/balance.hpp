#pragma once
// The balance of a zone: what runs in less what its meters count.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/int128.hpp"

namespace lenne::processing::meters {

/// What one meter of a zone counted in a stretch of time.
struct Counted {
  std::string name;
  base::Int128 amount = 0;  ///< steps, the same of all
  std::int64_t measured_us = 0;
};

struct Side {
  base::Int128 amount = 0;
  std::int64_t measured_us = 0;  ///< of all meters together
  std::size_t meters = 0;
  std::vector<std::string> not_reporting;  ///< those of which less than 95 % is measured, by name
};

struct Balance {
  Side inflow;
  Side consumption;
  /// Inflow less consumption; nothing unless of both sides at least 95 % of the meters' time is measured.
  std::optional<base::Int128> difference;
};

/// Over `length_us`. A side without meters has no coverage.
[[nodiscard]] Balance balance_of(std::span<const Counted> inflow, std::span<const Counted> consumption,
                                 std::int64_t length_us);

/// Length of the network for which a loss is looked at.
enum class Structure : std::uint8_t { rural, urban, city };
enum class Loss : std::uint8_t { low, medium, high };

/// Specific real water loss q_VR in m3 per km and h, and its class by DVGW W 400-3-B1: below 0.05, 0.07, 0.10 (rural,
/// urban, city) it is low, above 0.10, 0.15, 0.20 high. `loss_ml` over `length_us`; `network_m` > 0: length of the
/// pipes without house connections. Negative losses are low.
[[nodiscard]] Loss class_of_loss(base::Int128 loss_ml, std::int64_t network_m, std::int64_t length_us,
                                 Structure structure);

}  // namespace lenne::processing::meters
