#include "api/use_case_fields.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "processing/derived/derive.hpp"

namespace lenne::api {
namespace {

constexpr std::size_t kMostRules = 32;
constexpr std::size_t kMostTextBytes = 256;
constexpr std::uint32_t kLongestClear = 7 * 86'400;
// By `stale_after`; no rule may have its name.
constexpr std::string_view kStaleAlert = "stale";

template <typename Value>
using Names = std::array<std::pair<std::string_view, Value>, 3>;

constexpr std::array<std::pair<std::string_view, v1::Comparison>, 2> kComparisons{
    {{"above", v1::COMPARISON_ABOVE}, {"below", v1::COMPARISON_BELOW}}};
constexpr Names<v1::Severity> kSeverities{
    {{"info", v1::SEVERITY_INFO}, {"warning", v1::SEVERITY_WARNING}, {"alarm", v1::SEVERITY_ALARM}}};
constexpr Names<v1::PrivacyClass> kPrivacies{{{"", v1::PRIVACY_CLASS_UNSPECIFIED},
                                              {"open", v1::PRIVACY_CLASS_OPEN},
                                              {"household", v1::PRIVACY_CLASS_HOUSEHOLD}}};

template <typename Table, typename Value>
std::string_view name_of(const Table& table, Value value) noexcept {
  for (const auto& [name, each] : table) {
    if (each == value) return name;
  }
  return {};
}

template <typename Table>
auto value_of(const Table& table, std::string_view name) {
  for (const auto& [each, value] : table) {
    if (each == name) return value;
  }
  return decltype(table.front().second){};
}

// Of those rules of which there may be one by a name.
void refuse_twice(DocumentFields& fields, std::set<std::string>& seen, std::string_view field,
                  const std::string& name) {
  if (!name.empty() && !seen.insert(name).second) fields.wrong(field, "stands twice");
}

void read_derivation(DocumentFields& fields, v1::DerivationRule& rule) {
  rule.set_measure(fields.name("measure", true));
  for (auto& each : fields.parameters("parameters")) *rule.add_parameters() = std::move(each);
  if (rule.measure().empty()) return;
  for (auto& fault : processing::derived::faults_of(rule)) fields.wrong(fault.field, std::move(fault.message));
}

void read_quality(DocumentFields& fields, v1::QualityRule& rule) {
  rule.set_measure(fields.name("measure", true));
  if (auto min = fields.decimal("min")) *rule.mutable_min() = *min;
  if (auto max = fields.decimal("max")) *rule.mutable_max() = *max;
  if (auto step = fields.decimal("step_per_minute")) {
    if (step->value() <= 0) fields.wrong("step_per_minute", "must be more than 0");
    *rule.mutable_step_per_minute() = *step;
  }
  constexpr std::uint32_t kMostFlat = 10'000;
  rule.set_flat_after(fields.number("flat_after", 0, kMostFlat));
  if (rule.flat_after() == 1) fields.wrong("flat_after", "must be at least 2");
  if (!rule.has_min() && !rule.has_max() && !rule.has_step_per_minute() && rule.flat_after() == 0)
    fields.wrong("measure", "has no rule: min, max, step_per_minute or flat_after");
}

// Windows are named as in results; what is judged of samples needs none.
bool is_window(std::string_view window) {
  return window.starts_with('P') && window.size() <= 32 && std::ranges::all_of(window, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/';
         });
}

void read_what_is_judged(DocumentFields& fields, v1::AlertRule& rule) {
  rule.set_measure(fields.name("measure", true));
  rule.set_window(fields.text("window", false, 32));
  rule.set_statistic(fields.one_of("statistic", {"mean", "min", "max", "sum", "count", "rate"}, ""));
  if (rule.window().empty()) {
    if (!rule.statistic().empty() && rule.statistic() != "rate")
      fields.wrong("statistic", "of samples there is only rate; the others need a window");
  } else if (!is_window(rule.window())) {
    fields.wrong("window", "must be named as results are: PT15M, PT1H, P1D");
  } else if (rule.statistic().empty()) {
    fields.wrong("statistic", "is required with a window");
  }
}

void read_threshold(DocumentFields& fields, v1::AlertRule& rule) {
  const auto comparison = fields.one_of("comparison", {"above", "below"}, "");
  if (comparison.empty() && !fields.has("comparison")) fields.wrong("comparison", "is required");
  rule.set_comparison(value_of(kComparisons, comparison));
  if (auto threshold = fields.decimal("threshold")) *rule.mutable_threshold() = *threshold;
  rule.set_parameter(fields.name("parameter", false));
  if (!fields.has("threshold") && rule.parameter().empty())
    fields.wrong("threshold", "is required, or a parameter by which each device says its own");
  if (auto hysteresis = fields.decimal("hysteresis")) {
    if (hysteresis->value() < 0) fields.wrong("hysteresis", "must not be negative");
    *rule.mutable_hysteresis() = *hysteresis;
  }
}

void read_alert(DocumentFields& fields, v1::AlertRule& rule) {
  rule.set_name(fields.name("name", true));
  if (rule.name() == kStaleAlert) fields.wrong("name", "is what the alert of a silent device is called");
  read_what_is_judged(fields, rule);
  read_threshold(fields, rule);
  constexpr std::uint32_t kMostConsecutive = 1'000;
  rule.set_consecutive(fields.number("consecutive", 0, kMostConsecutive));
  rule.set_clear_after_s(fields.duration_s("clear_after", kLongestClear));
  rule.set_severity(value_of(kSeverities, fields.one_of("severity", {"info", "warning", "alarm"}, "warning")));
  for (auto& text : fields.texts("text", kMostTextBytes)) *rule.add_text() = std::move(text);
}

}  // namespace

void read_use_case(DocumentFields& fields, v1::UseCase& use_case) {
  use_case.set_name(fields.name("name", true));
  use_case.set_title(fields.text("title", false));
  use_case.set_version(fields.number("version", 0, 1'000'000));
  use_case.set_privacy(value_of(kPrivacies, fields.one_of("privacy", {"open", "household"}, "")));
  use_case.set_stale_after(fields.number("stale_after", 0, 1'000));
  std::set<std::string> derived, judged, named;
  fields.each("derive", kMostRules, [&](DocumentFields& part) {
    auto& rule = *use_case.add_derive();
    read_derivation(part, rule);
    refuse_twice(part, derived, "measure", rule.measure());
  });
  fields.each("quality", kMostRules, [&](DocumentFields& part) {
    auto& rule = *use_case.add_quality();
    read_quality(part, rule);
    refuse_twice(part, judged, "measure", rule.measure());
  });
  fields.each("alerts", kMostRules, [&](DocumentFields& part) {
    auto& rule = *use_case.add_alerts();
    read_alert(part, rule);
    refuse_twice(part, named, "name", rule.name());
  });
}

std::string_view comparison_name(v1::Comparison comparison) noexcept { return name_of(kComparisons, comparison); }

std::string_view severity_name(v1::Severity severity) noexcept { return name_of(kSeverities, severity); }

std::string_view privacy_name(v1::PrivacyClass privacy) noexcept { return name_of(kPrivacies, privacy); }

}  // namespace lenne::api
