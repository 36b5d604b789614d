#include "processing/applied_rules.hpp"

#include <algorithm>
#include <iterator>

#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace lenne::processing {
namespace {

/// Records of one partition have few: a use case's devices share them, but for parameters of their own.
constexpr std::size_t kMostKnown = 1024;

/// Of the use case and the device's parameters. Part of the stored format.
std::uint32_t fingerprint_of(const v1::Measurement& measurement) {
  std::uint64_t hash = measurement.use_case_fingerprint();
  for (const auto& parameter : measurement.parameters()) {
    hash = base::hash64(base::as_bytes(parameter.name()), hash);
    hash = base::mix64(hash ^ static_cast<std::uint64_t>(parameter.value().value()));
    hash = base::mix64(hash ^ static_cast<std::uint32_t>(parameter.value().exponent()));
  }
  return static_cast<std::uint32_t>(hash);
}

}  // namespace

bool RuleSet::includes(const RuleSet& other) const {
  return other.all_ == all_ || std::ranges::includes(all(), other.all());
}

void RuleSet::merge(const RuleSet& other) {
  if (includes(other)) return;
  if (all_ == nullptr) {
    all_ = other.all_;
    return;
  }
  std::vector<AppliedRules> both;
  std::ranges::set_union(*all_, *other.all_, std::back_inserter(both));
  if (both.size() > kMost) both.resize(kMost);
  all_ = std::make_shared<const std::vector<AppliedRules>>(std::move(both));
}

RuleSet RecordRules::of(const v1::Measurement& measurement) {
  if (measurement.use_case().empty()) return {};
  const auto fingerprint = fingerprint_of(measurement);
  const auto version = measurement.use_case_version();
  const auto hash = base::hash64(base::as_bytes(measurement.use_case()), std::uint64_t{version} << 32 | fingerprint);
  const auto found = known_.find(hash);
  if (found != known_.end()) {
    const auto& rules = found->second.all().front();
    if (rules.use_case == measurement.use_case() && rules.version == version && rules.fingerprint == fingerprint)
      return found->second;
  }
  if (known_.size() >= kMostKnown) known_.clear();
  return known_.insert_or_assign(hash, RuleSet({measurement.use_case(), version, fingerprint})).first->second;
}

AppliedRules from_proto(const v1::AppliedRules& rules) {
  return {rules.use_case(), rules.version(), rules.fingerprint()};
}

void to_proto(const AppliedRules& rules, v1::AppliedRules& out) {
  out.set_use_case(rules.use_case);
  out.set_version(rules.version);
  out.set_fingerprint(rules.fingerprint);
}

}  // namespace lenne::processing
