#include "network/lorawan/region.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lenne::network::lorawan {
namespace {

bool same_signal(const DataRate& a, const DataRate& b) noexcept {
  if (a.modulation != b.modulation) return false;
  switch (a.modulation) {
    case Modulation::lora:
      return a.spreading_factor == b.spreading_factor && a.bandwidth_hz == b.bandwidth_hz;
    case Modulation::fsk:
      return a.bit_rate == b.bit_rate;
    case Modulation::lr_fhss:
      return a.bandwidth_hz == b.bandwidth_hz && a.coding_rate_thirds == b.coding_rate_thirds;
  }
  return false;
}

// A decimal number that is the whole text, at most `limit`.
std::optional<std::uint32_t> number_of(std::string_view text, std::uint32_t limit) noexcept {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || value > limit || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  return value;
}

std::optional<DataRate> parse_lora(std::string_view text) noexcept {
  const auto split = text.find("BW");
  if (split == std::string_view::npos) return std::nullopt;
  const auto sf = number_of(text.substr(2, split - 2), 12);
  const auto khz = number_of(text.substr(split + 2), 500);
  if (!sf || *sf < 7 || !khz || (*khz != 125 && *khz != 250 && *khz != 500)) return std::nullopt;
  return DataRate{.spreading_factor = static_cast<std::uint8_t>(*sf), .bandwidth_hz = *khz * 1000};
}

std::optional<DataRate> parse_lr_fhss(std::string_view text, std::string_view coding_rate) noexcept {
  const auto khz = number_of(text.substr(4), 10'000);
  const bool third = coding_rate == "1/3" || coding_rate == "2/6";
  const bool two_thirds = coding_rate == "2/3" || coding_rate == "4/6";
  if (!khz || *khz == 0 || (!third && !two_thirds)) return std::nullopt;
  return DataRate{.modulation = Modulation::lr_fhss,
                  .bandwidth_hz = *khz * 1000,
                  .coding_rate_thirds = static_cast<std::uint8_t>(third ? 1 : 2)};
}

bool usable(const Region& region, std::uint32_t hz) noexcept {
  if (hz < region.min_hz || hz > region.max_hz || hz % region.frequency_step_hz != 0) return false;
  return region.sub_bands.empty() || sub_band_of(region, hz) != nullptr;
}

}  // namespace

std::string to_text(const DataRate& rate) {
  switch (rate.modulation) {
    case Modulation::lora:
      return fmt::format("SF{}BW{}", rate.spreading_factor, rate.bandwidth_hz / 1000);
    case Modulation::fsk:
      return fmt::format("FSK{}", rate.bit_rate / 1000);
    case Modulation::lr_fhss:
      return fmt::format("M0CW{}", rate.bandwidth_hz / 1000);
  }
  return {};
}

std::string_view coding_rate_text(const DataRate& rate) noexcept {
  if (rate.modulation != Modulation::lr_fhss) return {};
  return rate.coding_rate_thirds == 1 ? "1/3" : "2/3";
}

std::optional<DataRate> parse_data_rate(std::string_view text, std::string_view coding_rate) noexcept {
  if (text.starts_with("SF")) return parse_lora(text);
  if (text.starts_with("M0CW")) return parse_lr_fhss(text, coding_rate);
  if (text.starts_with("FSK")) {
    const auto kbps = number_of(text.substr(3), 1000);
    if (kbps && *kbps > 0) return DataRate{.modulation = Modulation::fsk, .bit_rate = *kbps * 1000};
  }
  return std::nullopt;
}

const DataRate* data_rate_of(const Region& region, std::uint8_t index, Direction direction) noexcept {
  if (index >= region.data_rates.size() || !region.data_rates[index]) return nullptr;
  const auto& rate = *region.data_rates[index];
  return (direction == Direction::up ? rate.uplink : rate.downlink) ? &rate : nullptr;
}

std::optional<std::uint8_t> index_of(const Region& region, const DataRate& data_rate, Direction direction) noexcept {
  for (std::uint8_t index = 0; index < region.data_rates.size(); ++index) {
    const auto* rate = data_rate_of(region, index, direction);
    if (rate != nullptr && same_signal(*rate, data_rate)) return index;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> rx1_data_rate(const Region& region, std::uint8_t uplink_data_rate,
                                          std::uint8_t rx1_dr_offset) noexcept {
  if (data_rate_of(region, uplink_data_rate, Direction::up) == nullptr || rx1_dr_offset > region.max_rx1_dr_offset)
    return std::nullopt;
  return region.rx1_data_rates[uplink_data_rate][rx1_dr_offset];
}

std::uint32_t rx1_frequency(const Region&, std::uint32_t uplink_hz) noexcept { return uplink_hz; }

std::optional<MaxPayload> max_payload(const Region& region, std::uint8_t data_rate, bool repeater) noexcept {
  const auto& table = repeater ? region.max_payload_repeater : region.max_payload;
  return data_rate < table.size() ? table[data_rate] : std::nullopt;
}

std::optional<std::int32_t> tx_power_dbm(const Region& region, std::uint8_t index) noexcept {
  if (index > region.max_tx_power_index) return std::nullopt;
  return region.max_eirp_dbm - 2 * std::int32_t{index};
}

const SubBand* sub_band_of(const Region& region, std::uint32_t hz) noexcept {
  const SubBand* chosen = nullptr;
  for (const auto& band : region.sub_bands) {
    if (hz < band.min_hz || hz > band.max_hz) continue;
    if (chosen == nullptr || band.duty_cycle_ppm < chosen->duty_cycle_ppm) chosen = &band;
  }
  return chosen;
}

const SubBand* sub_band_of(const Region& region, std::uint32_t hz, std::uint32_t bandwidth_hz) noexcept {
  const auto* band = sub_band_of(region, hz);
  if (band == nullptr) return nullptr;
  const std::uint64_t half = bandwidth_hz / 2;
  return hz >= band->min_hz + half && hz + half <= band->max_hz ? band : nullptr;
}

std::optional<std::uint8_t> channel_index(const Region& region, std::span<const Channel> extra, std::uint32_t hz,
                                          std::uint8_t data_rate) noexcept {
  std::size_t index = 0;
  for (const auto channels : {region.default_channels, extra}) {
    for (const auto& channel : channels) {
      const bool fits =
          channel.frequency_hz == hz && data_rate >= channel.min_data_rate && data_rate <= channel.max_data_rate;
      if (fits && hz != 0 && index < region.max_channels) return static_cast<std::uint8_t>(index);
      ++index;
    }
  }
  return std::nullopt;
}

std::optional<CfList> make_cf_list(const Region& region, std::span<const std::uint32_t> frequencies_hz) noexcept {
  if (frequencies_hz.size() > std::min<std::size_t>(region.cf_list_channels, 5)) return std::nullopt;
  CfList list{};
  std::size_t at = 0;
  for (const auto hz : frequencies_hz) {
    if (!usable(region, hz)) return std::nullopt;
    const auto steps = hz / region.frequency_step_hz;
    for (unsigned byte = 0; byte < 3; ++byte) list[at++] = static_cast<std::uint8_t>(steps >> (8 * byte));
  }
  return list;
}

std::optional<std::array<std::uint32_t, 5>> cf_list_frequencies(const Region& region, const CfList& cf_list) noexcept {
  if (cf_list[15] != 0) return std::nullopt;
  std::array<std::uint32_t, 5> frequencies{};
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const std::uint32_t steps =
        cf_list[3 * i] | (std::uint32_t{cf_list[3 * i + 1]} << 8) | (std::uint32_t{cf_list[3 * i + 2]} << 16);
    frequencies[i] = steps * region.frequency_step_hz;
  }
  return frequencies;
}

}  // namespace lenne::network::lorawan
