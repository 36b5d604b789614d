// Laws of roll-ups: in whatever order members come, and however often they are corrected, the results that were told
// last are those of computing once from the members that stand in the end.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/processing/rollups_support.hpp"

namespace lenne::processing::rollup {
namespace {

using test::kHour;
using test::kStart;

constexpr std::uint64_t kDevices = 8;

/// Who a device is follows from its number: three tenants, two of them in one district, sites in areas or in none.
std::string tenant_of_device(std::uint64_t device) { return std::vector{"arnsberg", "menden", "olpe"}[device % 3]; }
std::string site_of_device(std::uint64_t device) { return "site-" + std::to_string(device % 4); }
Places declared_places() {
  Places places{{}, {{"arnsberg", "north"}, {"menden", "north"}}};
  for (std::uint64_t device = 0; device < kDevices; ++device) {
    if (device % 2 == 0) places.areas[{tenant_of_device(device), site_of_device(device)}] = "old-town";
  }
  return places;
}

v1::Aggregate arbitrary_result(std::uint64_t device, int hour) {
  auto result = test::hour_of(device, tenant_of_device(device), site_of_device(device), *rc::gen::inRange(-50, 300),
                              kStart + hour * kHour);
  if (*rc::gen::inRange(0, 4) == 0) result.set_covered_us(kHour / 2);
  return result;
}

/// What stands under each key in the end, where there is something in it; how often it was told, when, and of how many
/// it could be is left out: the total, and so the places without a result, are those of the moment of telling.
using Told = std::map<std::string, std::string>;
void tell(Told& told, v1::Rollup result) {
  result.clear_revision();
  result.clear_emitted_us();
  result.clear_members_total();
  const auto key = topic_key(result);
  if (result.members_used() == 0) {
    told.erase(key);
  } else {
    told[key] = result.SerializeAsString();
  }
}

Told computed_once(const std::map<std::pair<int, std::uint64_t>, v1::Aggregate>& final_members) {
  std::map<int, std::vector<v1::RollupMember>> hours;
  for (const auto& [of, result] : final_members) hours[of.first].push_back(member_of(result).value());
  Told told;
  for (const auto& [hour, members] : hours) {
    for (auto& result : test::fold_all("temperature", "PT1H", kStart + hour * kHour, members, {}, declared_places()))
      tell(told, std::move(result));
  }
  return told;
}

RC_GTEST_PROP(RollupProperty, AnyOrderAndAnyRevisionsGiveWhatTheFinalMembersGive, ()) {
  test::Rollups rollups(*rc::gen::element(std::size_t{200}, kPortionBytes), test::plain_settings(),
                        *rc::gen::element<std::size_t>(0, 5, 1000));
  for (const auto& [tenant, district] : declared_places().districts) rollups.tenant(tenant, district);
  for (const auto& [site, area] : declared_places().areas) rollups.site(site.first, site.second, area);
  std::map<std::pair<int, std::uint64_t>, v1::Aggregate> final_members;
  std::vector<v1::Aggregate> coming;
  const auto more = *rc::gen::inRange(0, 40);
  for (int i = 0; i < more; ++i)
    coming.push_back(arbitrary_result(*rc::gen::inRange(std::uint64_t{0}, kDevices), *rc::gen::inRange(0, 3)));
  std::vector<std::size_t> order(coming.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[*rc::gen::inRange(std::size_t{0}, i)]);

  Told told;
  const auto note = [&](std::vector<v1::Rollup> results) {
    for (auto& each : results) tell(told, std::move(each));
  };
  std::int64_t now = kStart;
  for (const auto i : order) {
    const auto& result = coming[i];
    final_members[{static_cast<int>((result.start_us() - kStart) / kHour), result.dev_eui()}] = result;
    note(rollups.take(result));
    if (*rc::gen::inRange(0, 3) > 0) continue;
    now += *rc::gen::inRange(0, 90) * test::kMinute;
    note(rollups.until(now));
    rollups.commit();
    if (*rc::gen::inRange(0, 2) > 0) rollups.restart();
  }
  note(rollups.until(std::max(now, kStart + 4 * kHour) + kHour));
  RC_ASSERT(told == computed_once(final_members));
}

}  // namespace
}  // namespace lenne::processing::rollup
