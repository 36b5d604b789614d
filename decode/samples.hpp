#pragma once
// Measured values as whole numbers of steps.

#include <cstdint>

#include "decode/decoder.hpp"
#include "decode/plan.hpp"

namespace lenne::decode {

/// A value in steps of the quantity's resolution, rounded half away from zero.
struct Steps {
  std::int64_t value = 0;
  bool credible = true;  // false: outside the quantity's range, beyond 2^52 steps (then cut to that), or not a number
};

[[nodiscard]] Steps to_steps(const SampleSpec& spec, const RawSample& sample);

}  // namespace lenne::decode
