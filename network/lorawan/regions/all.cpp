#include <algorithm>

#include "network/lorawan/regions/regions.hpp"

namespace lenne::network::lorawan {
namespace {

// One line a region.
constexpr const Region* kRegions[] = {
    &kEu868,
};

}  // namespace

std::span<const Region* const> all_regions() noexcept { return kRegions; }

const Region* find_region(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kRegions), std::end(kRegions),
                                   [&](const Region* region) { return region->name == name; });
  return found == std::end(kRegions) ? nullptr : *found;
}

}  // namespace lenne::network::lorawan
