#pragma once
// Adds to an uplink's samples those that its use case derives from them.

#include <cstdint>
#include <string>
#include <vector>

#include "lenne/v1/control.pb.h"
#include "lenne/v1/measurement.pb.h"

namespace lenne::processing::derived {

/// A record with more samples than this is refused by the windows as a whole, so nothing is derived beyond it. It
/// leaves room for what the network server adds itself.
inline constexpr int kMaxSamplesWithDerived = 1000;

/// What became of the rules, to be counted. Each number counts samples that were added or not.
struct DeriveCounts {
  std::uint32_t added = 0;
  std::uint32_t unknown_measure = 0;  ///< the rule names a measure that is not derived
  std::uint32_t no_parameter = 0;     ///< one is missing, or outside of its bounds
  std::uint32_t taken = 0;            ///< the device sends that measure itself, or an earlier rule derives it
  std::uint32_t undefined = 0;        ///< the formula says nothing there (wind chill in summer)
  std::uint32_t too_many = 0;         ///< kMaxSamplesWithDerived
};

/// What is wrong with a rule as somebody writes it. `field`: "measure" or "parameters.<name>".
struct RuleFault {
  std::string field;
  std::string message;
};
/// Nothing: the measure is derived, and each parameter is one of its formula's and inside its bounds. (Those that the
/// rule leaves out may be a device's.)
[[nodiscard]] std::vector<RuleFault> faults_of(const v1::DerivationRule& rule);

/// A hash of what a use case says of samples: its rules of `derive` and `quality`. Part of the stored format.
[[nodiscard]] std::uint32_t fingerprint_of(const v1::UseCase& use_case);

/// Appends, for each rule of `use_case` in its order, one sample for each sample of the rule's first input for which
/// the other inputs are there with the same time and the same number ("temperature.2" goes with
/// "relative_humidity.2"). The derived sample has the number, the time and the time's source of the first input, the
/// flags of all its inputs, and SAMPLE_FLAG_OUT_OF_RANGE when it is not credible itself. Rules see what the device
/// sent, not each other's results. Parameters are those of `measurement`, then the rule's. A pure function; any thread.
[[nodiscard]] DeriveCounts derive(const v1::UseCase& use_case, v1::Measurement& measurement);

}  // namespace lenne::processing::derived
