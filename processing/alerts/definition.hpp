#pragma once
// A use case as the alerts apply it: its rules checked once, so that a sample costs only comparisons.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.hpp"
#include "lenne/v1/control.pb.h"
#include "processing/alerts/machine.hpp"

namespace lenne::processing::alerts {

/// The rule of every use case with `stale_after`: that a device is silent. No other rule can have its name.
inline constexpr std::string_view kStaleRule = "stale";
inline constexpr std::size_t kMaxRules = 64;
inline constexpr std::size_t kMaxNameLength = 64;

struct Rule {
  enum class Of : std::uint8_t { sample, rate, result };

  v1::AlertRule source;
  std::uint64_t hash = 0;  ///< of all but its text
  Of of = Of::sample;
  std::optional<Decimal> threshold = std::nullopt;
  Decimal hysteresis = {};
  Persistence persistence = {};

  /// With the device's own value where the rule names a parameter and the device has it. Nothing: neither has one, and
  /// the rule is not for this device.
  [[nodiscard]] std::optional<Threshold> threshold_for(
      const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters) const;
};

struct Definition {
  v1::UseCase source;
  std::uint64_t hash = 0;
  std::vector<Rule> rules;           ///< sorted by name
  std::vector<std::string> results;  ///< measure/window, as in a result's key: those that a rule looks at

  [[nodiscard]] const Rule* find(std::string_view rule) const;
  /// Whether anything is to be kept of a device.
  [[nodiscard]] bool watches() const noexcept { return !rules.empty() || source.stale_after() > 0; }
  /// Under which name the newest sample of a measure is remembered: its own if a rule looks at it; without any rule all
  /// are one, with the empty name. Nothing: nobody looks at it.
  [[nodiscard]] std::optional<std::string_view> series_of(std::string_view measure) const;
  [[nodiscard]] bool has_rate(std::string_view measure) const;
};

/// What cannot be applied is left out, and counted: alerts.refused.rule.
[[nodiscard]] Definition compile(const v1::UseCase& use_case, base::Counters& counters);

}  // namespace lenne::processing::alerts
