#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "base/fixed_point.hpp"
#include "network/control.hpp"

// What is wrong with a use case. What its rules are called and mean is the business of those who follow them; here is
// what all of them may rely on: bounds, numbers that can be scaled, lists in order.

namespace lenne::network {
namespace {

// Every partition keeps every use case.
constexpr std::size_t kUseCaseBytes = 32'768;
constexpr std::size_t kUseCaseName = 63;
constexpr int kRules = 32;
constexpr int kParameters = 32;

[[nodiscard]] bool is_number(const v1::Decimal& number) {
  return base::is_exponent(number.exponent()) && number.value() >= -base::kMaxSteps &&
         number.value() <= base::kMaxSteps;
}

[[nodiscard]] base::Result<void> check_rule_name(std::string_view field, std::string_view name) {
  if (!name.empty() && name.size() <= kUseCaseName) return {};
  return base::fail("use_case", std::string(field) + " has 1 to 63 bytes");
}

[[nodiscard]] base::Result<void> check_number(std::string_view field, bool there, const v1::Decimal& number) {
  if (!there || is_number(number)) return {};
  return base::fail("use_case", std::string(field) + " is a number of at most 2^52 steps of 10^-18 to 10^18");
}

[[nodiscard]] base::Result<void> check_rule(const v1::DerivationRule& rule) {
  if (auto good = check_rule_name("derive.measure", rule.measure()); !good) return good;
  return check_parameters(rule.parameters());
}

[[nodiscard]] base::Result<void> check_rule(const v1::QualityRule& rule) {
  if (auto good = check_rule_name("quality.measure", rule.measure()); !good) return good;
  if (auto good = check_number("quality.min", rule.has_min(), rule.min()); !good) return good;
  if (auto good = check_number("quality.max", rule.has_max(), rule.max()); !good) return good;
  return check_number("quality.step_per_minute", rule.has_step_per_minute(), rule.step_per_minute());
}

[[nodiscard]] base::Result<void> check_rule(const v1::AlertRule& rule) {
  if (auto good = check_rule_name("alerts.name", rule.name()); !good) return good;
  if (auto good = check_rule_name("alerts.measure", rule.measure()); !good) return good;
  if (auto good = check_number("alerts.threshold", rule.has_threshold(), rule.threshold()); !good) return good;
  if (auto good = check_number("alerts.hysteresis", rule.has_hysteresis(), rule.hysteresis()); !good) return good;
  if (rule.comparison() != v1::COMPARISON_ABOVE && rule.comparison() != v1::COMPARISON_BELOW)
    return base::fail("use_case", "alerts.comparison is above or below");
  return {};
}

template <typename Rules>
[[nodiscard]] base::Result<void> check_rules(std::string_view field, const Rules& rules) {
  if (rules.size() > kRules)
    return base::fail("use_case", std::string(field) + " has at most " + std::to_string(kRules) + " rules");
  for (const auto& rule : rules) {
    if (auto good = check_rule(rule); !good) return good;
  }
  return {};
}

}  // namespace

base::Result<void> check_parameters(const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters) {
  const bool ordered = std::ranges::adjacent_find(parameters, [](const auto& a, const auto& b) {
                         return a.name() >= b.name();
                       }) == parameters.end();
  const bool good = std::ranges::all_of(parameters, [](const auto& each) {
    return !each.name().empty() && each.name().size() <= kUseCaseName && is_number(each.value());
  });
  if (ordered && good && parameters.size() <= kParameters) return {};
  return base::fail("parameters", "at most 32 numbers, each name once and in order");
}

base::Result<void> check_use_case(const v1::UseCase& use_case) {
  if (auto good = check_rule_name("name", use_case.name()); !good) return good;
  if (use_case.ByteSizeLong() > kUseCaseBytes)
    return base::fail("use_case", "a use case has at most " + std::to_string(kUseCaseBytes) + " bytes");
  if (auto good = check_rules("derive", use_case.derive()); !good) return good;
  if (auto good = check_rules("quality", use_case.quality()); !good) return good;
  return check_rules("alerts", use_case.alerts());
}

}  // namespace lenne::network
