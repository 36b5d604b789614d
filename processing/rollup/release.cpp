#include "processing/rollup/release.hpp"

#include <map>
#include <tuple>

#include "processing/rules.hpp"
#include "processing/states.hpp"

namespace lenne::processing::rollup {
namespace {

using base::Int128;

/// The meters of a tenant whose amounts are alike: those of the first definition.
struct Households {
  v1::RollupMember like;
  std::vector<Int128> amounts;
};

auto definition_of(const v1::RollupMember& member) { return std::tuple(member.unit(), member.exponent()); }

std::map<std::string, Households> households_of(std::span<const Contribution> contributions) {
  std::map<std::string, Households> tenants;
  for (const bool adding : {false, true}) {
    for (const auto& [privacy, each] : contributions) {
      const auto& member = *each;
      if (privacy != v1::PRIVACY_CLASS_HOUSEHOLD || member.kind() != v1::KIND_COUNTER || !member.used()) continue;
      auto& of = tenants[member.tenant()];
      const bool first = of.like.tenant().empty() || definition_of(member) < definition_of(of.like);
      if (!adding && first) of.like = member;
      if (adding && definition_of(member) == definition_of(of.like)) of.amounts.push_back(member.value());
    }
  }
  return tenants;
}

/// Sum and number alone: extremes, squares and buckets tell of single meters.
v1::OpenRollup sum_of(const Group& group, const Households& households) {
  v1::OpenRollup open;
  open.set_privacy(v1::PRIVACY_CLASS_HOUSEHOLD);
  open.set_rules_version(kGateRules.version);
  auto& result = *open.mutable_result();
  const auto& like = households.like;
  result.set_level(v1::ROLLUP_LEVEL_TENANT);
  result.set_tenant(like.tenant());
  result.set_measure(group.measure);
  result.set_unit(like.unit());
  result.set_kind(like.kind());
  result.set_exponent(like.exponent());
  result.set_start_us(group.start_us);
  result.set_end_us(like.end_us());
  result.set_window(group.window);
  result.set_time_zone(like.time_zone());
  result.set_rule_version(kRuleVersion);
  const auto count = static_cast<std::uint32_t>(households.amounts.size());
  result.set_members_used(count);
  result.set_members_total(count);
  Int128 sum = 0;
  for (const auto amount : households.amounts) sum += amount;
  result.mutable_members()->set_count(count);
  to_proto(sum, *result.mutable_members()->mutable_sum());
  return open;
}

}  // namespace

Released Released::nothing_of(v1::OpenRollup before) {
  make_empty(*before.mutable_result());
  return Released(std::move(before));
}

void Released::write(std::uint32_t revision, std::int64_t emitted_us, storage::Batch& out) {
  record_.mutable_result()->set_revision(revision);
  record_.mutable_result()->set_emitted_us(emitted_us);
  out.append(storage::Topic::open_rollup, 0, record_.result().tenant(), topic_key(record_),
             record_.SerializeAsString());
}

Releases release(const Group& group, std::span<const Contribution> contributions, const Totals& totals,
                 const Places& places, std::int64_t now_us) {
  Releases releases;
  std::vector<const v1::RollupMember*> open;
  for (const auto& each : contributions) {
    if (each.privacy == v1::PRIVACY_CLASS_OPEN) open.push_back(each.member);
  }
  for (auto& result : fold(group.measure, group.window, group.start_us, std::move(open), totals, places)) {
    v1::OpenRollup record;
    *record.mutable_result() = std::move(result);
    record.set_privacy(v1::PRIVACY_CLASS_OPEN);
    record.set_rules_version(kGateRules.version);
    releases.released.push_back(Released(std::move(record)));
  }
  if (group.window != kGateRules.window) return releases;
  for (const auto& [tenant, households] : households_of(contributions)) {
    const auto why = judge(households.amounts, households.like.end_us(), now_us);
    if (why == Withheld::no) {
      releases.released.push_back(Released(sum_of(group, households)));
    } else {
      releases.withheld.push_back(why);
    }
  }
  return releases;
}

}  // namespace lenne::processing::rollup
