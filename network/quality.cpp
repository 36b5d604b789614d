#include "network/quality.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/decimal_order.hpp"
#include "base/fixed_point.hpp"
#include "base/time.hpp"

namespace lenne::network {
namespace {

using base::Int128;
using Memory = google::protobuf::RepeatedPtrField<v1::NetworkQuality>;

constexpr std::int64_t kMinuteUs = 60 * base::kSecondUs;

/// "temperature.2" -> "temperature"; a name without a number is its own.
[[nodiscard]] std::string_view without_number(std::string_view measure) {
  const auto dot = measure.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == measure.size()) return measure;
  const bool number = std::ranges::all_of(measure.substr(dot + 1), [](char c) { return c >= '0' && c <= '9'; });
  return number ? measure.substr(0, dot) : measure;
}

[[nodiscard]] const v1::QualityRule* find_rule(const v1::UseCase& use_case, std::string_view measure) {
  const auto find = [&](std::string_view name) {
    const auto found = std::ranges::find(use_case.quality(), name, &v1::QualityRule::measure);
    return found == use_case.quality().end() ? nullptr : &*found;
  };
  if (const auto* own = find(measure)) return own;
  const auto base = without_number(measure);
  return base == measure ? nullptr : find(base);
}

[[nodiscard]] bool remembers(const v1::QualityRule& rule) {
  return rule.has_step_per_minute() || rule.flat_after() != 0;
}

[[nodiscard]] bool is_implausible(const v1::QualityRule& rule, const v1::Sample& sample) {
  const auto beyond = [&](const v1::Decimal& bound) {
    return base::compare(sample.value(), sample.exponent(), bound.value(), bound.exponent());
  };
  return (rule.has_min() && beyond(rule.min()) < 0) || (rule.has_max() && beyond(rule.max()) > 0);
}

/// Whether a change is credible: |to - from| <= step_per_minute * minutes, with at least one minute.
[[nodiscard]] bool is_credible(const v1::QualityRule& rule, const v1::Sample& to, std::int64_t from,
                               std::int64_t from_us) {
  const auto elapsed = std::max(to.time_us() - from_us, kMinuteUs);
  const auto change = Int128{to.value()} - from;
  const auto& step = rule.step_per_minute();
  return base::compare((change < 0 ? -change : change) * kMinuteUs, to.exponent(), Int128{step.value()} * elapsed,
                       step.exponent()) <= 0;
}

/// Where a measure is remembered, sorted by name; null when there is no room.
[[nodiscard]] v1::NetworkQuality* memory_of(Memory& memory, std::string_view measure) {
  const auto place = std::ranges::lower_bound(memory, measure, {}, &v1::NetworkQuality::measure);
  if (place != memory.end() && place->measure() == measure) return &*place;
  if (memory.size() >= kQualityMeasures) return nullptr;
  const auto at = static_cast<int>(place - memory.begin());
  memory.Add()->set_measure(std::string(measure));
  for (int i = memory.size() - 1; i > at; --i) memory.SwapElements(i, i - 1);
  return memory.Mutable(at);
}

[[nodiscard]] std::uint32_t judge_change(const v1::QualityRule& rule, const v1::NetworkQuality& known,
                                         const v1::Sample& sample) {
  if (!rule.has_step_per_minute() || known.good_us() == 0) return 0;
  if (is_credible(rule, sample, known.good_value(), known.good_us())) return 0;
  if (known.step() && is_credible(rule, sample, known.last_value(), known.last_us())) return 0;
  return v1::SAMPLE_FLAG_STEP;
}

/// The flags of a sample that is newer than all before; it is remembered.
[[nodiscard]] std::uint32_t judge_newer(const v1::QualityRule& rule, v1::NetworkQuality& known,
                                        const v1::Sample& sample) {
  if (known.exponent() != sample.exponent()) {  // another schema: values cannot be compared
    v1::NetworkQuality anew;
    anew.set_measure(known.measure());
    anew.set_exponent(sample.exponent());
    known = std::move(anew);
  }
  std::uint32_t flags = is_implausible(rule, sample) ? v1::SAMPLE_FLAG_IMPLAUSIBLE : 0;
  if (flags == 0) flags |= judge_change(rule, known, sample);
  const bool step = (flags & v1::SAMPLE_FLAG_STEP) != 0;
  const bool equal = known.last_us() != 0 && known.last_value() == sample.value();
  // Beyond the limit a run need not be counted.
  const auto run = equal ? std::min(known.run() + 1, std::max(rule.flat_after(), 1U)) : 1;
  if (rule.flat_after() != 0 && run >= rule.flat_after()) flags |= v1::SAMPLE_FLAG_FLAT;
  known.set_last_value(sample.value());
  known.set_last_us(sample.time_us());
  known.set_run(run);
  known.set_step(step);
  if (flags == 0) {
    known.set_good_value(sample.value());
    known.set_good_us(sample.time_us());
  }
  return flags;
}

void count(base::Counters& counters, std::uint32_t flags, v1::Kind kind) {
  constexpr std::array<std::pair<std::uint32_t, std::string_view>, 3> kNames{
      {{v1::SAMPLE_FLAG_IMPLAUSIBLE, "implausible"}, {v1::SAMPLE_FLAG_STEP, "step"}, {v1::SAMPLE_FLAG_FLAT, "flat"}}};
  constexpr std::array<std::string_view, 6> kKinds{"unspecified", "gauge", "counter", "state", "event", "info"};
  const auto place = static_cast<std::size_t>(kind);
  for (const auto& [flag, name] : kNames) {
    if ((flags & flag) == 0) continue;
    counters.count(
        std::string("network.quality.").append(name).append(".").append(kKinds[place < kKinds.size() ? place : 0]));
  }
}

/// What the rules no longer ask for is forgotten.
bool forget_others(const v1::UseCase* use_case, Memory& memory) {
  const auto is_asked = [&](const v1::NetworkQuality& known) {
    const auto* rule = use_case == nullptr ? nullptr : find_rule(*use_case, known.measure());
    return rule != nullptr && remembers(*rule);
  };
  int kept = 0;
  for (int i = 0; i < memory.size(); ++i) {
    if (is_asked(memory.Get(i))) memory.SwapElements(kept++, i);
  }
  if (kept == memory.size()) return false;
  memory.DeleteSubrange(kept, memory.size() - kept);
  return true;
}

}  // namespace

bool judge_quality(const v1::UseCase* use_case, Memory& memory, v1::Measurement& measurement, int first,
                   base::Counters& counters) {
  bool changed = forget_others(use_case, memory);
  if (use_case == nullptr || use_case->quality().empty()) return changed;
  for (int i = first; i < measurement.samples_size(); ++i) {
    auto& sample = *measurement.mutable_samples(i);
    const auto* rule = find_rule(*use_case, sample.measure());
    if (rule == nullptr || !base::is_exponent(sample.exponent())) continue;
    v1::NetworkQuality* known = nullptr;
    if (remembers(*rule) && sample.flags() == 0 && sample.time_us() > 0) {
      known = memory_of(memory, sample.measure());
      if (known == nullptr) counters.count("network.quality.no_room");
    }
    std::uint32_t flags = 0;
    if (known != nullptr && sample.time_us() > known->last_us()) {
      flags = judge_newer(*rule, *known, sample);
      changed = true;
    } else if (is_implausible(*rule, sample)) {
      flags = v1::SAMPLE_FLAG_IMPLAUSIBLE;
    }
    sample.set_flags(sample.flags() | flags);
    count(counters, flags, sample.kind());
  }
  return changed;
}

}  // namespace lenne::network
