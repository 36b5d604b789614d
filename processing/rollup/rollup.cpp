#include "processing/rollup/rollup.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <tuple>

#include "base/distribution.hpp"
#include "processing/aggregates/gauge.hpp"
#include "processing/derived/result.hpp"
#include "processing/rules.hpp"
#include "processing/states.hpp"

namespace lenne::processing::rollup {
namespace {

using base::Int128;

/// As far as a result says something of its window. What has no nominal interval is believed.
bool is_valid(const v1::Aggregate& result) {
  if (derived::has_unknown_coverage(result)) return true;
  const auto length = static_cast<Int128>(result.end_us()) - result.start_us();
  return static_cast<Int128>(result.covered_us()) * 100 >= length * kValidPercent;
}

/// The one number that a member counts with.
std::optional<Int128> value_of(const v1::Aggregate& result) {
  if (result.has_counter()) return from_proto(result.counter().amount());
  if (!result.has_gauge() || result.gauge().count() == 0) return std::nullopt;
  const auto sum = from_proto(result.gauge().sum());
  if (result.kind() == v1::KIND_EVENT) return sum;
  return base::divide_rounded(sum, static_cast<Int128>(result.gauge().count()));
}

bool fits(Int128 value) {
  return value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max();
}

void add(v1::DurationState& into, const v1::DurationState& more) {
  into.set_count(into.count() + more.count());
  into.set_occupied_us(into.occupied_us() + more.occupied_us());
  into.set_known_us(into.known_us() + more.known_us());
  into.set_transitions_on(into.transitions_on() + more.transitions_on());
  into.set_transitions_off(into.transitions_off() + more.transitions_off());
}

/// The better of two extremes, the earlier of equal ones.
template <typename Better>
void keep(bool& any, Point& into, const Point& other, Better better) {
  if (!any || better(other.value, into.value) || (other.value == into.value && other.time_us < into.time_us))
    into = other;
  any = true;
}

/// What members of one result add up to.
class Sum {
 public:
  explicit Sum(std::int64_t start_us) : start_us_(start_us) {}

  /// A member that counts with one number.
  void add_value(Int128 value) {
    if (!fits(value)) return;
    const auto steps = static_cast<std::int64_t>(value);
    const Point point{steps, start_us_};
    aggregates::merge(members_, {1, steps, value * steps, point, point, {{base::bucket_of(steps), 1}}});
    ++used_;
  }
  void add_state(const v1::DurationState& state) {
    add(duration_, state);
    ++used_;
  }
  /// Of samples, however deep below.
  void add_extremes(const Point& lowest, const Point& highest) {
    keep(has_lowest_, lowest_, lowest, std::less<>{});
    keep(has_highest_, highest_, highest, std::greater<>{});
  }

  /// Nothing without a member that was used.
  [[nodiscard]] std::optional<Int128> value(v1::Kind kind) const {
    if (members_.count == 0) return std::nullopt;
    return kind == v1::KIND_GAUGE ? base::divide_rounded(members_.sum, static_cast<Int128>(members_.count))
                                  : members_.sum;
  }
  [[nodiscard]] std::uint32_t used() const noexcept { return used_; }
  [[nodiscard]] const v1::DurationState& duration() const noexcept { return duration_; }
  [[nodiscard]] bool has_extremes() const noexcept { return has_lowest_; }
  [[nodiscard]] const Point& lowest() const noexcept { return lowest_; }
  [[nodiscard]] const Point& highest() const noexcept { return highest_; }

  void write(v1::Kind kind, v1::Rollup& out) const {
    out.set_members_used(used_);
    if (kind == v1::KIND_STATE) {
      *out.mutable_duration() = duration_;
    } else {
      to_proto(members_, *out.mutable_members());
    }
    if (has_lowest_) to_proto(lowest_, *out.mutable_lowest());
    if (has_highest_) to_proto(highest_, *out.mutable_highest());
  }

 private:
  std::int64_t start_us_;
  std::uint32_t used_ = 0;
  GaugeState members_;
  v1::DurationState duration_;
  bool has_lowest_ = false;
  bool has_highest_ = false;
  Point lowest_;
  Point highest_;
};

/// Adds a device to a site, or a site to what it is part of.
void add_to(Sum& sum, v1::Kind kind, const Sum& member) {
  if (member.used() == 0) return;
  if (kind == v1::KIND_STATE) {
    sum.add_state(member.duration());
  } else if (const auto value = member.value(kind)) {
    sum.add_value(*value);
  }
  if (member.has_extremes()) sum.add_extremes(member.lowest(), member.highest());
}

struct Level {
  Sum sum;
  std::uint32_t total = 0;
};

/// All that a site is part of: only level and names are set.
std::vector<v1::Rollup> places_above(const std::pair<std::string, std::string>& site, const Places& places) {
  std::vector<v1::Rollup> above;
  const auto add = [&](v1::RollupLevel level) -> v1::Rollup& {
    above.emplace_back().set_level(level);
    return above.back();
  };
  if (const auto area = places.areas.find(site); area != places.areas.end()) {
    auto& place = add(v1::ROLLUP_LEVEL_AREA);
    place.set_tenant(site.first);
    place.set_area(area->second);
  }
  add(v1::ROLLUP_LEVEL_TENANT).set_tenant(site.first);
  if (const auto district = places.districts.find(site.first); district != places.districts.end())
    add(v1::ROLLUP_LEVEL_DISTRICT).set_district(district->second);
  add(v1::ROLLUP_LEVEL_REGION);
  return above;
}

/// From the smallest places to the largest.
int rank_of(v1::RollupLevel level) {
  switch (level) {
    case v1::ROLLUP_LEVEL_AREA:
      return 1;
    case v1::ROLLUP_LEVEL_TENANT:
      return 2;
    case v1::ROLLUP_LEVEL_DISTRICT:
      return 3;
    case v1::ROLLUP_LEVEL_REGION:
      return 4;
    default:
      return 0;
  }
}

}  // namespace

bool is_rolled_up(SeriesClass series, const Window& window) noexcept {
  constexpr std::uint32_t kHourS = 3600;
  if (series == SeriesClass::network || series == SeriesClass::sound || window.hop_s != 0) return false;
  return window.calendar == Calendar::day_local || (window.calendar == Calendar::none && window.length_s == kHourS);
}

std::optional<v1::RollupMember> member_of(const v1::Aggregate& result) {
  if (result.site().empty()) return std::nullopt;
  v1::RollupMember member;
  member.set_dev_eui(result.dev_eui());
  member.set_tenant(result.tenant());
  member.set_site(result.site());
  member.set_unit(result.unit());
  // By whatever rule the devices of a site have a mean.
  member.set_kind(derived::has_mean(result.kind()) ? v1::KIND_GAUGE : result.kind());
  member.set_exponent(result.exponent());
  member.set_end_us(result.end_us());
  member.set_time_zone(result.time_zone());
  if (!is_valid(result)) return member;
  if (result.has_duration()) {
    member.set_used(result.duration().known_us() > 0);
    add(*member.mutable_duration(), result.duration());
  } else if (const auto value = value_of(result); value && fits(*value)) {
    member.set_used(true);
    member.set_value(static_cast<std::int64_t>(*value));
    if (derived::has_mean(result.kind())) {
      *member.mutable_lowest() = result.gauge().min();
      *member.mutable_highest() = result.gauge().max();
    }
  }
  return member;
}

std::vector<v1::Rollup> fold(const std::string& measure, const std::string& window, std::int64_t start_us,
                             std::vector<const v1::RollupMember*> members, const Totals& totals, const Places& places) {
  if (members.empty()) return {};
  const auto definition = [](const v1::RollupMember& m) {
    return std::tuple(std::string_view(m.unit()), m.kind(), m.exponent());
  };
  const auto place = [&](const v1::RollupMember& m) {
    return std::tuple(std::string_view(m.tenant()), std::string_view(m.site()), definition(m));
  };
  std::ranges::sort(members, [&](const auto* a, const auto* b) { return place(*a) < place(*b); });
  const auto& first = *members.front();
  const auto kind = first.kind();

  std::map<std::pair<std::string, std::string>, Level> sites;
  for (const auto& [site, total] : totals) sites.try_emplace(site, Level{Sum(start_us), total});
  auto at = sites.end();  // they come site by site
  for (const auto* each : members) {
    const auto& member = *each;
    if (at == sites.end() || at->first.first != member.tenant() || at->first.second != member.site())
      at = sites.try_emplace({member.tenant(), member.site()}, Level{Sum(start_us), 0}).first;
    auto& site = at->second;
    if (!member.used() || definition(member) != definition(first)) continue;
    if (kind == v1::KIND_STATE) {
      site.sum.add_state(member.duration());
    } else {
      site.sum.add_value(member.value());
    }
    if (member.has_lowest()) site.sum.add_extremes(from_proto(member.lowest()), from_proto(member.highest()));
  }

  v1::Rollup common;
  common.set_measure(measure);
  common.set_unit(first.unit());
  common.set_kind(kind);
  common.set_exponent(first.exponent());
  common.set_start_us(start_us);
  common.set_end_us(first.end_us());
  common.set_window(window);
  common.set_time_zone(first.time_zone());
  common.set_rule_version(kRuleVersion);

  std::vector<v1::Rollup> results;
  // What sites are part of, by (level, tenant, name): in the order in which it is told.
  std::map<std::tuple<int, std::string, std::string>, std::pair<v1::Rollup, Level>> above;
  for (const auto& [name, site] : sites) {
    auto& result = results.emplace_back(common);
    result.set_level(v1::ROLLUP_LEVEL_SITE);
    result.set_tenant(name.first);
    result.set_site(name.second);
    result.set_members_total(site.total);
    site.sum.write(kind, result);
    for (auto& whole : places_above(name, places)) {
      const std::tuple key(rank_of(whole.level()), whole.tenant(), whole.area() + whole.district());
      auto& [of, level] = above.try_emplace(key, std::move(whole), Level{Sum(start_us)}).first->second;
      ++level.total;
      add_to(level.sum, kind, site.sum);
    }
  }
  for (const auto& [key, whole] : above) {
    const auto& [named, level] = whole;
    auto& result = results.emplace_back(common);
    result.MergeFrom(named);
    result.set_members_total(level.total);
    level.sum.write(kind, result);
  }
  return results;
}

void make_empty(v1::Rollup& result) {
  result.clear_members_used();
  result.clear_members_total();
  result.clear_members();
  result.clear_duration();
  result.clear_lowest();
  result.clear_highest();
}

}  // namespace lenne::processing::rollup
