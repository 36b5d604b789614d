#include "decode/samples.hpp"

#include <cmath>

#include "base/fixed_point.hpp"
#include "base/int128.hpp"

namespace lenne::decode {
namespace {

Steps bounded(const SampleSpec& spec, std::int64_t steps) { return {steps, steps >= spec.min && steps <= spec.max}; }

}  // namespace

Steps to_steps(const SampleSpec& spec, const RawSample& sample) {
  if (sample.whole) {
    const base::Int128 exact = base::divide_rounded(base::Int128{sample.integer()} * spec.numerator, spec.denominator);
    if (exact > base::kMaxSteps) return {base::kMaxSteps, false};
    if (exact < -base::kMaxSteps) return {-base::kMaxSteps, false};
    return bounded(spec, static_cast<std::int64_t>(exact));
  }
  if (std::isnan(sample.real())) return {0, false};
  const double scaled = sample.real() * static_cast<double>(spec.numerator) / static_cast<double>(spec.denominator);
  if (!(std::fabs(scaled) <= static_cast<double>(base::kMaxSteps))) {
    return {std::signbit(scaled) ? -base::kMaxSteps : base::kMaxSteps, false};
  }
  return bounded(spec, std::llround(scaled));
}

}  // namespace lenne::decode
