#include "processing/derived/derive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/fixed_point.hpp"
#include "base/hash.hpp"
#include "processing/derived/derivations.hpp"

namespace lenne::processing::derived {
namespace {

using Parameters = google::protobuf::RepeatedPtrField<v1::Parameter>;

std::optional<double> value_in(const Parameters& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &v1::Parameter::name);
  if (found == parameters.end() || !base::is_exponent(found->value().exponent())) return std::nullopt;
  return base::to_double(found->value().value(), found->value().exponent());
}

// A device's own value goes before its use case's.
std::optional<double> given(const Parameters& own, const Parameters& rule, std::string_view name) {
  const auto value = value_in(own, name);
  return value ? value : value_in(rule, name);
}

// The number of "temperature.2" with its dot, ".2"; empty for "temperature"; nothing for other measures.
std::optional<std::string_view> number_of(std::string_view measure, std::string_view wanted) {
  if (!measure.starts_with(wanted)) return std::nullopt;
  const auto rest = measure.substr(wanted.size());
  if (!rest.empty() && rest.front() != '.') return std::nullopt;
  return rest;
}

double value_of(const v1::Sample& sample) { return base::to_double(sample.value(), sample.exponent()); }

struct Application {
  const Derivation& derivation;
  const Parameters& own;
  const Parameters& rule;
  v1::Measurement& measurement;
  int sent;  // samples that the device sent
  DeriveCounts& counts;

  const v1::Sample* partner(std::string_view measure, std::string_view number, std::int64_t time_us) const {
    for (int i = 0; i < sent; ++i) {
      const auto& sample = measurement.samples(i);
      if (sample.time_us() == time_us && number_of(sample.measure(), measure) == number) return &sample;
    }
    return nullptr;
  }

  // Whether the device sends that measure itself, or an earlier rule has derived it for that time.
  bool taken(std::string_view number, std::int64_t time_us) const {
    for (int i = 0; i < measurement.samples_size(); ++i) {
      const auto& sample = measurement.samples(i);
      if (number_of(sample.measure(), derivation.measure) == number && (i < sent || sample.time_us() == time_us))
        return true;
    }
    return false;
  }

  // False: a parameter is missing.
  bool take_parameters(Arguments& in, std::size_t at) const {
    for (const auto& spec : derivation.parameters) {
      if (spec.name.empty()) break;
      const auto value = given(own, rule, spec.name);
      const auto used = value ? value : spec.absent;
      if (!used || !(*used >= spec.min && *used <= spec.max)) return false;
      in[at++] = *used;
    }
    return true;
  }

  void apply_to(const v1::Sample& first) {
    const auto number = *number_of(first.measure(), derivation.inputs.front().measure);
    Arguments in{};
    std::uint32_t flags = v1::SAMPLE_FLAG_NONE;
    std::size_t at = 0;
    for (const auto& input : derivation.inputs) {
      if (input.measure.empty()) break;
      if (const auto* sample = at == 0 ? &first : partner(input.measure, number, first.time_us())) {
        in[at++] = value_of(*sample);
        flags |= sample->flags();
        continue;
      }
      if (!input.or_parameter) return;
      const auto value = given(own, rule, input.measure);
      if (!value) {
        ++counts.no_parameter;
        return;
      }
      in[at++] = *value;
    }
    if (taken(number, first.time_us())) {
      ++counts.taken;
    } else if (!take_parameters(in, at)) {
      ++counts.no_parameter;
    } else {
      add(first, number, flags, derivation.formula(in));
    }
  }

  void add(const v1::Sample& first, std::string_view number, std::uint32_t flags, double result) {
    const auto steps = base::to_steps(result, derivation.exponent);
    if (!steps) {
      ++counts.undefined;
      return;
    }
    if (measurement.samples_size() >= kMaxSamplesWithDerived) {
      ++counts.too_many;
      return;
    }
    if (!(result >= derivation.min && result <= derivation.max)) flags |= v1::SAMPLE_FLAG_OUT_OF_RANGE;
    const auto index = static_cast<std::uint32_t>(measurement.samples_size());
    auto& sample = *measurement.add_samples();
    sample.set_measure(std::string(derivation.measure).append(number));
    sample.set_unit(derivation.unit.data(), derivation.unit.size());
    sample.set_kind(derivation.kind);
    sample.set_value(*steps);
    sample.set_exponent(derivation.exponent);
    sample.set_time_us(first.time_us());
    sample.set_time_source(first.time_source());
    sample.set_original_time_us(first.original_time_us());
    sample.set_index(index);
    sample.set_flags(flags);
    sample.set_derived(true);
    ++counts.added;
  }
};

}  // namespace

std::vector<RuleFault> faults_of(const v1::DerivationRule& rule) {
  const auto* derivation = find_derivation(rule.measure());
  if (derivation == nullptr) return {{"measure", "is no measure that can be derived"}};
  std::vector<RuleFault> faults;
  for (const auto& parameter : rule.parameters()) {
    const auto spec = std::ranges::find(derivation->parameters, parameter.name(), &ParameterSpec::name);
    const auto input = std::ranges::find(derivation->inputs, parameter.name(), &InputSpec::measure);
    const bool stands_in = input != derivation->inputs.end() && input->or_parameter;
    if (stands_in) continue;
    const auto field = "parameters." + parameter.name();
    if (spec == derivation->parameters.end()) {
      faults.push_back({field, "is no parameter of " + rule.measure()});
    } else if (const auto value = value_in(rule.parameters(), parameter.name());
               !value || !(*value >= spec->min && *value <= spec->max)) {
      faults.push_back({field, fmt::format("must be {:g} to {:g}{}{}", spec->min, spec->max,
                                           spec->unit.empty() ? "" : " ", spec->unit)});
    }
  }
  return faults;
}

std::uint32_t fingerprint_of(const v1::UseCase& use_case) {
  std::uint64_t hash = 0;
  for (const auto& rule : use_case.derive()) hash = base::hash64(base::as_bytes(rule.SerializeAsString()), hash);
  hash = base::mix64(hash);
  for (const auto& rule : use_case.quality()) hash = base::hash64(base::as_bytes(rule.SerializeAsString()), hash);
  return static_cast<std::uint32_t>(hash);
}

DeriveCounts derive(const v1::UseCase& use_case, v1::Measurement& measurement) {
  DeriveCounts counts;
  const int sent = measurement.samples_size();
  for (const auto& rule : use_case.derive()) {
    const auto* derivation = find_derivation(rule.measure());
    if (derivation == nullptr) {
      ++counts.unknown_measure;
      continue;
    }
    Application application{*derivation, measurement.parameters(), rule.parameters(), measurement, sent, counts};
    for (int i = 0; i < sent; ++i) {
      const auto& sample = measurement.samples(i);
      if (number_of(sample.measure(), derivation->inputs.front().measure)) application.apply_to(sample);
    }
  }
  return counts;
}

}  // namespace lenne::processing::derived
