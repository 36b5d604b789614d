#pragma once
// By which rules samples were judged and derived, and so which rules a result is made by.

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/measurement.pb.h"

namespace lenne::processing {

/// A use case's version, with the parameters that a device has for it.
struct AppliedRules {
  std::string use_case;
  std::uint32_t version = 0;
  std::uint32_t fingerprint = 0;  ///< a hash of what the use case says of samples, and of the device's parameters

  friend auto operator<=>(const AppliedRules&, const AppliedRules&) = default;
};

/// The different rules of some samples. Commutative: what was merged in whatever order is the same set.
class RuleSet {
 public:
  /// Beyond so many the first ones by their order are kept: whoever sees so many knows that there may be more.
  static constexpr std::size_t kMost = 8;

  RuleSet() = default;
  explicit RuleSet(AppliedRules one) : RuleSet(std::vector{std::move(one)}) {}
  /// `all` sorted, none twice, at most kMost.
  explicit RuleSet(std::vector<AppliedRules> all)
      : all_(std::make_shared<const std::vector<AppliedRules>>(std::move(all))) {}

  [[nodiscard]] std::span<const AppliedRules> all() const noexcept {
    return all_ ? std::span(*all_) : std::span<const AppliedRules>();
  }
  void merge(const RuleSet& other);
  /// Whether merging the other one changes nothing.
  [[nodiscard]] bool includes(const RuleSet& other) const;

  friend bool operator==(const RuleSet& a, const RuleSet& b) {
    return a.all_ == b.all_ || std::ranges::equal(a.all(), b.all());
  }

 private:
  std::shared_ptr<const std::vector<AppliedRules>> all_;  ///< null: none. Panes of one device share it
};

/// The rules of records. One thread.
class RecordRules {
 public:
  /// None for a device without a use case.
  [[nodiscard]] RuleSet of(const v1::Measurement& measurement);

 private:
  std::unordered_map<std::uint64_t, RuleSet> known_;  ///< by a hash, so that records of the same rules share a set
};

[[nodiscard]] AppliedRules from_proto(const v1::AppliedRules& rules);
void to_proto(const AppliedRules& rules, v1::AppliedRules& out);

}  // namespace lenne::processing
