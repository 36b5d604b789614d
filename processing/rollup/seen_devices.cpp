#include "processing/rollup/seen_devices.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace lenne::processing::rollup {

using base::Result;
using storage::Store;

namespace {

constexpr std::int64_t kDayUs = 86400 * base::kSecondUs;
constexpr std::int64_t day_of(std::int64_t time_us) { return time_us - time_us % kDayUs; }

}  // namespace

Result<void> SeenDevices::load(const Overlay& rows) {
  *this = {};
  v1::RollupSeen seen;
  return each_row(rows, std::string(kSeen), [&](std::string_view key, std::string_view value) {
    const auto at = parse_seen_key(key);
    if (!at || !seen.ParseFromArray(value.data(), static_cast<int>(value.size()))) return false;
    const auto place = places_.emplace(seen.tenant(), seen.site()).first;
    measures_[std::string(at->measure)].insert_or_assign(at->dev_eui,
                                                         Device{seen.first_us(), day_of(seen.last_us()), &*place});
    return true;
  });
}

void SeenDevices::note(const v1::Aggregate& result, Overlay& rows) {
  auto measure = measures_.find(result.measure());
  if (measure == measures_.end()) measure = measures_.try_emplace(result.measure()).first;
  const auto start = result.start_us();
  const auto day = day_of(start);
  auto [at, is_new] = measure->second.try_emplace(result.dev_eui(), Device{start, day, nullptr});
  auto& device = at->second;
  const auto is_there = [&] { return device.place->first == result.tenant() && device.place->second == result.site(); };
  if (is_new || !is_there()) {
    device = {start, day, &*places_.emplace(result.tenant(), result.site()).first};
  } else {
    if (device.first_us <= start && day <= device.last_day_us) return;
    device.first_us = std::min(device.first_us, start);
    device.last_day_us = std::max(device.last_day_us, day);
  }
  v1::RollupSeen row;
  row.set_first_us(device.first_us);
  row.set_last_us(device.last_day_us);
  row.set_tenant(device.place->first);
  row.set_site(device.place->second);
  rows.put(Store::rollup, seen_key(result.measure(), result.dev_eui()), row.SerializeAsString());
}

SeenDevices::Seen SeenDevices::in(const Group& group, const Directory& directory) const {
  const auto measure = measures_.find(group.measure);
  if (measure == measures_.end()) return {};
  struct Count {
    std::uint32_t all = 0;
    std::uint32_t open = 0;
  };
  boost::unordered_flat_map<const Place*, Count> counts;
  const auto since_us = day_of(group.start_us) - kSeenDays * kDayUs;
  for (const auto& [dev_eui, device] : measure->second) {
    if (device.first_us > group.start_us || device.last_day_us < since_us) continue;
    auto& count = counts[device.place];
    ++count.all;
    count.open += directory.privacy_of(device.place->first, dev_eui) == v1::PRIVACY_CLASS_OPEN ? 1U : 0U;
  }
  Seen seen;
  for (const auto& [place, count] : counts) {
    seen.all.emplace(*place, count.all);
    if (count.open > 0) seen.open.emplace(*place, count.open);
  }
  return seen;
}

}  // namespace lenne::processing::rollup
