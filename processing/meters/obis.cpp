#include "processing/meters/obis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace lenne::processing::meters {
namespace {

struct Row {
  Obis code;
  std::string_view measure;
};

/// Version 1. Of several registers of a measure the first is its name.
constexpr std::array<Row, 8> kRegisters{{
    {{1, 0, 1, 8, 0}, "energy"},         // active energy, import, total
    {{1, 0, 1, 29, 0}, "energy"},        // the same as a load profile
    {{1, 0, 2, 8, 0}, "energy.export"},  // active energy, export
    {{6, 0, 1, 0, 0}, "heat_energy"},    // heat
    {{7, 0, 3, 0, 0}, "gas_volume"},     // gas, at the meter's conditions
    {{7, 1, 3, 0, 0}, "gas_volume"},     // the same, first channel
    {{8, 0, 1, 0, 0}, "water_volume"},   // cold water
    {{9, 0, 1, 0, 0}, "water_volume.warm"},
}};

}  // namespace

base::Result<Obis> parse_obis(std::string_view text) {
  const auto bad = [&] { return base::fail("bad_obis", fmt::format("'{}' is no OBIS code such as 1-0:1.8.0", text)); };
  auto rest = text;
  if (rest.ends_with("*255")) rest.remove_suffix(4);
  std::array<std::uint8_t, 5> groups{};
  constexpr std::string_view kBehind = "-:..";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto* end = rest.data() + rest.size();
    const auto [at, error] = std::from_chars(rest.data(), end, groups[i]);
    if (error != std::errc{}) return bad();
    rest.remove_prefix(static_cast<std::size_t>(at - rest.data()));
    const bool last = i + 1 == groups.size();
    if (last ? !rest.empty() : !rest.starts_with(kBehind[i])) return bad();
    if (!last) rest.remove_prefix(1);
  }
  return Obis{groups[0], groups[1], groups[2], groups[3], groups[4]};
}

std::string to_string(const Obis& code) {
  return fmt::format("{}-{}:{}.{}.{}", code.medium, code.channel, code.quantity, code.kind, code.tariff);
}

std::optional<std::string_view> measure_of(const Obis& code) {
  const auto* found = std::ranges::find(kRegisters, code, &Row::code);
  return found == kRegisters.end() ? std::nullopt : std::optional(found->measure);
}

std::optional<Obis> obis_of(std::string_view measure) {
  const auto* found = std::ranges::find(kRegisters, measure, &Row::measure);
  return found == kRegisters.end() ? std::nullopt : std::optional(found->code);
}

}  // namespace lenne::processing::meters
