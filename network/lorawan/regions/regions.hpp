#pragma once
// The region values; regions/all.cpp lists them.

#include "network/lorawan/region.hpp"

namespace lenne::network::lorawan {

extern const Region kEu868;

}  // namespace lenne::network::lorawan
