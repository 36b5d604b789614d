#include "network/adr.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace lenne::network {
namespace {

constexpr std::int32_t kStepTenths = 30;

// Semtech's recommended algorithm: rows by loss below 5, 10, 30 % and above; columns by NbTrans now (1, 2, 3).
constexpr std::array<std::array<std::uint32_t, 3>, 4> kRepetitions{{{1, 1, 2}, {1, 2, 3}, {2, 3, 3}, {3, 3, 3}}};

[[nodiscard]] std::uint32_t repetitions(std::uint32_t now, std::span<const std::uint32_t> f_cnt_steps) {
  // The first step leads to the history, not through it.
  const auto inside = f_cnt_steps.subspan(1);
  const auto sent = std::accumulate(inside.begin(), inside.end(), std::uint64_t{0});
  const auto lost = sent - std::min<std::uint64_t>(sent, inside.size());
  const auto permille = sent == 0 ? 0 : lost * 1'000 / sent;
  const std::size_t row = permille < 50 ? 0 : permille < 100 ? 1 : permille < 300 ? 2 : 3;
  return kRepetitions[row][std::clamp<std::uint32_t>(now, 1, 3) - 1];
}

}  // namespace

std::int32_t required_snr_tenths(std::uint32_t spreading_factor) noexcept {
  if (spreading_factor < 7 || spreading_factor > 12) return 0;
  return -75 - 25 * (static_cast<std::int32_t>(spreading_factor) - 7);
}

RadioPlan adapt(const lorawan::Region& region, const RadioPlan& now, const PowerRange& powers,
                const LinkHistory& history, std::int32_t margin_db) {
  const auto* rate = lorawan::data_rate_of(
      region, static_cast<std::uint8_t>(std::min<std::uint32_t>(now.data_rate, 255)), lorawan::Direction::up);
  if (rate == nullptr || rate->modulation != lorawan::Modulation::lora || history.snr_tenths_db.size() < kAdrHistory ||
      history.f_cnt_steps.size() != history.snr_tenths_db.size())
    return now;
  auto plan = now;
  plan.tx_power = std::clamp(plan.tx_power, powers.strongest, powers.weakest);
  const auto best = *std::ranges::max_element(history.snr_tenths_db);
  const auto spare = best - required_snr_tenths(rate->spreading_factor) - margin_db * 10;
  // Towards minus infinity: half a step too little is a step too little.
  auto steps = spare >= 0 ? spare / kStepTenths : -((-spare + kStepTenths - 1) / kStepTenths);
  for (; steps > 0 && plan.data_rate < region.max_adr_data_rate; --steps) ++plan.data_rate;
  for (; steps > 0 && plan.tx_power < powers.weakest; --steps) ++plan.tx_power;
  for (; steps < 0 && plan.tx_power > powers.strongest; ++steps) --plan.tx_power;
  plan.nb_trans = repetitions(now.nb_trans, history.f_cnt_steps);
  return plan;
}

}  // namespace lenne::network
