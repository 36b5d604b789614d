#pragma once
// A deterministic generator whose sequence is part of the contract: one seed, one universe, on every machine.

#include <cstdint>

#include "base/hash.hpp"
#include "base/int128.hpp"

namespace lenne::base {

/// splitmix64 (Steele, Lea, Flood 2014). Not for keys. One thread.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) noexcept : state_(seed) {}

  constexpr std::uint64_t next() noexcept {
    const auto value = mix64(state_);
    state_ += 0x9e3779b97f4a7c15ULL;
    return value;
  }
  /// Uniform in [0, bound); 0 for bound 0. The bias is below bound / 2^64.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept {
    return static_cast<std::uint64_t>((static_cast<UInt128>(next()) * bound) >> 64);
  }
  /// Uniform in [0, 1) with 53 bits.
  constexpr double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  constexpr bool chance(double probability) noexcept { return unit() < probability; }
  /// A generator of its own for a named part, so that adding draws in one part leaves the others as they were.
  [[nodiscard]] constexpr Random fork(std::uint64_t name) const noexcept { return Random{mix64(state_ ^ mix64(name))}; }

 private:
  std::uint64_t state_;
};

}  // namespace lenne::base
