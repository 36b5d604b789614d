#pragma once
// Hashes that are part of stored formats: they must never change.

#include <cstdint>

#include "base/bytes.hpp"

namespace lenne::base {

/// splitmix64's finaliser (Steele, Lea, Flood 2014): a fixed bijection of 64-bit numbers.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// 64-bit FNV-1a, finished by mix64: for short keys, not against an adversary.
[[nodiscard]] constexpr std::uint64_t hash64(ByteView bytes, std::uint64_t seed = 0) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const auto byte : bytes) hash = (hash ^ byte) * 0x100000001b3ULL;
  return mix64(hash);
}

}  // namespace lenne::base
