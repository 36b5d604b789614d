#pragma once
// The registry of measures that are computed from the samples of one uplink: what each needs, and by which formula.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "lenne/v1/measurement.pb.h"

namespace lenne::processing::derived {

/// A named number that a formula needs beside samples: the device's own, else the rule's of its use case, else this.
struct ParameterSpec {
  std::string_view name;
  std::string_view unit;
  double min;  ///< what is outside of [min, max] is as good as none
  double max;
  std::optional<double> absent = std::nullopt;  ///< nothing: it must be given
};

/// What is read of an uplink: a sample's measure. With `or_parameter` a parameter of that name stands in for it.
struct InputSpec {
  std::string_view measure;
  bool or_parameter = false;
};

inline constexpr std::size_t kMaxInputs = 3;
inline constexpr std::size_t kMaxParameters = 2;

/// The numbers of one application, in the registry's order; those of inputs first.
using Arguments = std::array<double, kMaxInputs + kMaxParameters>;

/// One derived measure. Results are whole steps of 10^exponent `unit`, rounded half away from zero; a result that is
/// not a number is none.
struct Derivation {
  std::string_view measure;
  std::string_view unit;
  int exponent;
  v1::Kind kind;
  double min;  ///< credible range of the result, in `unit`; beyond it the sample is flagged
  double max;
  std::array<InputSpec, kMaxInputs> inputs;              ///< the first one gives the time; unused ones are empty
  std::array<ParameterSpec, kMaxParameters> parameters;  ///< unused ones are empty
  double (*formula)(const Arguments& in);
  std::string_view text;    ///< the formula as people read it
  std::string_view source;  ///< norm or paper
};

/// All, sorted by measure.
[[nodiscard]] std::span<const Derivation> derivations() noexcept;
/// Null: no such measure is derived.
[[nodiscard]] const Derivation* find_derivation(std::string_view measure) noexcept;

}  // namespace lenne::processing::derived
