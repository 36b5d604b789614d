#include "processing/derived/co2_presence.hpp"

#include "processing/derived/indicators.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/parameters.hpp"

namespace lenne::processing::derived {

base::Result<std::optional<std::int64_t>> presence_limit_of(const v1::Device& device) {
  constexpr int kOutdoorPpm = 430;
  auto asked = whole_parameter(device, "presence_by_co2", 0, 0, 1);
  if (!asked) return std::unexpected(asked.error());
  auto outdoor = whole_parameter(device, "outdoor_co2", kOutdoorPpm, 300, 1000);
  if (!outdoor) return std::unexpected(outdoor.error());
  if (*asked == 0) return std::optional<std::int64_t>();
  return std::optional((*outdoor + kPresencePpm) * kMicro);
}

std::vector<v1::Aggregate> presence_by_co2(std::span<const v1::Aggregate> quarters, std::int64_t limit_micro) {
  std::vector<v1::Aggregate> states;
  for (const auto& row : quarters) {
    const auto mean = mean_micro(row);
    if (!mean || covered(row, kQuarterCoverage) == false) continue;
    auto& state = states.emplace_back(row);
    const auto length_us = row.end_us() - row.start_us();
    state.set_kind(v1::KIND_STATE);
    auto& duration = *state.mutable_duration();
    duration.set_known_us(length_us);
    duration.set_occupied_us(*mean >= limit_micro ? length_us : 0);
  }
  return states;
}

}  // namespace lenne::processing::derived
