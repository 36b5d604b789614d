#include "processing/meters/balance.hpp"

#include <algorithm>
#include <array>

namespace lenne::processing::meters {
namespace {

using base::Int128;

constexpr int kReportingPercent = 95;

bool is_measured(std::int64_t measured_us, Int128 whole_us) {
  return Int128{measured_us} * 100 >= whole_us * kReportingPercent;
}

Side side_of(std::span<const Counted> meters, std::int64_t length_us) {
  Side side;
  for (const auto& meter : meters) {
    ++side.meters;
    side.amount += meter.amount;
    side.measured_us += meter.measured_us;
    if (!is_measured(meter.measured_us, length_us)) side.not_reporting.push_back(meter.name);
  }
  std::ranges::sort(side.not_reporting);
  return side;
}

/// Hundredths of m3 per km and h; version 1 (DVGW W 400-3-B1).
struct Limits {
  int medium;
  int high;
};
constexpr std::array<Limits, 3> kLossLimits{{{5, 10}, {7, 15}, {10, 20}}};

}  // namespace

Balance balance_of(std::span<const Counted> inflow, std::span<const Counted> consumption, std::int64_t length_us) {
  Balance balance{side_of(inflow, length_us), side_of(consumption, length_us), std::nullopt};
  const auto is_whole = [&](const Side& side) {
    return side.meters > 0 && is_measured(side.measured_us, Int128{length_us} * static_cast<std::int64_t>(side.meters));
  };
  if (is_whole(balance.inflow) && is_whole(balance.consumption))
    balance.difference = balance.inflow.amount - balance.consumption.amount;
  return balance;
}

Loss class_of_loss(Int128 loss_ml, std::int64_t network_m, std::int64_t length_us, Structure structure) {
  // loss_ml / 10^6 m3 over network_m / 1000 km and length_us / 3.6 * 10^9 h, in hundredths.
  constexpr Int128 kScale = Int128{1000} * 3'600 * 100;
  const auto loss = loss_ml * kScale;
  const auto per_hundredth = Int128{network_m} * length_us;
  const auto& [medium, high] = kLossLimits[static_cast<std::size_t>(structure)];
  if (loss < per_hundredth * medium) return Loss::low;
  return loss > per_hundredth * high ? Loss::high : Loss::medium;
}

}  // namespace lenne::processing::meters
