#include "processing/alerts/definition.hpp"

#include <algorithm>
#include <array>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/time.hpp"

namespace lenne::processing::alerts {
namespace {

constexpr std::array<std::string_view, 5> kStatistics{"mean", "min", "max", "sum", "count"};

bool is_name(std::string_view name) { return !name.empty() && name.size() <= kMaxNameLength; }

Decimal decimal_of(const v1::Decimal& written) { return {written.value(), written.exponent()}; }

std::uint64_t hash_of(const google::protobuf::MessageLite& message) {
  return base::hash64(base::as_bytes(message.SerializeAsString()));
}

/// Nothing: a rule that says nothing, or that nobody could tell from another.
std::optional<Rule> rule_of(const v1::AlertRule& source) {
  Rule rule;
  rule.source = source;
  const auto& statistic = source.statistic();
  if (!is_name(source.name()) || source.name() == kStaleRule || !is_name(source.measure())) return std::nullopt;
  if (source.window().empty()) {
    if (!statistic.empty() && statistic != "rate") return std::nullopt;
    rule.of = statistic.empty() ? Rule::Of::sample : Rule::Of::rate;
  } else {
    if (std::ranges::find(kStatistics, statistic) == kStatistics.end()) return std::nullopt;
    rule.of = Rule::Of::result;
  }
  if (source.comparison() != v1::COMPARISON_ABOVE && source.comparison() != v1::COMPARISON_BELOW) return std::nullopt;
  if (!base::is_exponent(source.threshold().exponent()) || !base::is_exponent(source.hysteresis().exponent()) ||
      source.hysteresis().value() < 0)
    return std::nullopt;
  if (source.has_threshold()) rule.threshold = decimal_of(source.threshold());
  if (!rule.threshold && source.parameter().empty()) return std::nullopt;
  rule.hysteresis = decimal_of(source.hysteresis());
  rule.persistence = {std::max<std::uint32_t>(1, source.consecutive()),
                      std::int64_t{source.clear_after_s()} * base::kSecondUs};
  auto without_text = source;
  without_text.clear_text();
  rule.hash = hash_of(without_text);
  return rule;
}

}  // namespace

std::optional<Threshold> Rule::threshold_for(
    const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters) const {
  auto at = threshold;
  if (!source.parameter().empty()) {
    const auto own = std::ranges::find(parameters, source.parameter(), &v1::Parameter::name);
    if (own != parameters.end()) {
      if (!base::is_exponent(own->value().exponent())) return std::nullopt;
      at = decimal_of(own->value());
    }
  }
  if (!at) return std::nullopt;
  return Threshold{source.comparison(), *at, hysteresis};
}

const Rule* Definition::find(std::string_view rule) const {
  const auto found =
      std::ranges::lower_bound(rules, rule, {}, [](const Rule& r) -> std::string_view { return r.source.name(); });
  return found != rules.end() && found->source.name() == rule ? &*found : nullptr;
}

std::optional<std::string_view> Definition::series_of(std::string_view measure) const {
  if (rules.empty()) return std::string_view{};
  const auto found =
      std::ranges::find(rules, measure, [](const Rule& r) -> std::string_view { return r.source.measure(); });
  if (found == rules.end()) return std::nullopt;
  return found->source.measure();
}

bool Definition::has_rate(std::string_view measure) const {
  return std::ranges::any_of(
      rules, [&](const Rule& rule) { return rule.of == Rule::Of::rate && rule.source.measure() == measure; });
}

Definition compile(const v1::UseCase& use_case, base::Counters& counters) {
  Definition definition;
  definition.source = use_case;
  definition.hash = hash_of(use_case);
  for (const auto& source : use_case.alerts()) {
    auto rule = rule_of(source);
    if (!rule || definition.rules.size() >= kMaxRules ||
        std::ranges::any_of(definition.rules, [&](const Rule& r) { return r.source.name() == source.name(); })) {
      counters.count("alerts.refused.rule");
      continue;
    }
    if (rule->of == Rule::Of::result) definition.results.push_back(source.measure() + "/" + source.window());
    definition.rules.push_back(std::move(*rule));
  }
  std::ranges::sort(definition.rules, {}, [](const Rule& rule) -> std::string_view { return rule.source.name(); });
  return definition;
}

}  // namespace lenne::processing::alerts
