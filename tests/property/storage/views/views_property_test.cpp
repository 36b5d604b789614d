// The views against a model that keeps everything in plain maps: whatever the order and the commits, queries say the
// same.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "tests/unit/storage/views/world.hpp"

namespace lenne::storage::views {
namespace {

const std::vector<std::string> kTenants{"a", "ab", "b"};  // one is the beginning of another
const std::vector<std::string> kMeasures{"t", "t.2", "u"};

struct Model {
  std::map<std::uint64_t, std::string> owner;  // declared devices
  std::map<std::pair<std::string, std::uint64_t>, std::map<std::string, std::pair<std::int64_t, std::int64_t>>>
      latest;                                                                                             // time, value
  std::map<std::tuple<std::string, std::int64_t, std::uint64_t, std::string>, std::uint32_t> aggregates;  // revision
};

Scope arbitrary_scope() {
  if (*rc::gen::inRange(0, 3) == 0) return Scope::everything();
  std::set<std::string, std::less<>> tenants;
  for (const auto& tenant : kTenants) {
    if (*rc::gen::arbitrary<bool>()) tenants.insert(tenant);
  }
  return Scope::of(tenants);
}

void random_step(World& world, Model& model) {
  const auto tenant = *rc::gen::elementOf(kTenants);
  const auto eui = *rc::gen::inRange<std::uint64_t>(1, 5);
  const auto measure = *rc::gen::elementOf(kMeasures);
  const auto at = kStartUs + *rc::gen::inRange<std::int64_t>(0, 8) * 900'000'000;
  switch (*rc::gen::inRange(0, 6)) {
    case 0: {
      const auto before = model.owner.find(eui);
      if (before != model.owner.end() && before->second != tenant) model.latest.erase({before->second, eui});
      model.owner[eui] = tenant;
      return world.put(device_object(tenant, eui));
    }
    case 1: {
      if (const auto before = model.owner.find(eui); before != model.owner.end()) {
        model.latest.erase({before->second, eui});
        model.owner.erase(before);
      }
      return world.remove(device_object(tenant, eui));
    }
    case 2:
    case 3: {
      const auto value = *rc::gen::inRange<std::int64_t>(-1000, 1000);
      auto& newest = model.latest[{tenant, eui}];
      const auto found = newest.find(measure);
      if (found == newest.end() || at >= found->second.first) newest[measure] = {at, value};
      return world.measure(tenant, eui, measure, value, at);
    }
    case 4: {
      const auto revision = *rc::gen::inRange<std::uint32_t>(0, 3);
      model.aggregates[{tenant, at, eui, measure}] = revision;
      world.aggregate(tenant, eui, measure, at, revision);
      return;
    }
    default:
      return world.commit();
  }
}

template <typename Read>
auto read_all(const Read& read, std::size_t limit, std::size_t scan_limit) {
  PageRequest page{.limit = limit, .cursor = {}, .scan_limit = scan_limit};
  auto all = read(page).value().items;
  all.clear();
  for (int pages = 0; pages < 10'000; ++pages) {
    auto got = read(page);
    RC_ASSERT(got.has_value());
    for (auto& item : got->items) all.push_back(std::move(item));
    page.cursor = got->next;
    if (page.cursor.empty()) return all;
  }
  RC_FAIL("paging does not end");
}

RC_GTEST_PROP(ViewsModel, SeriesAndDevices, ()) {
  World world;
  Model model;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) random_step(world, model);
  world.commit();
  const auto scope = arbitrary_scope();
  const auto limit = *rc::gen::inRange<std::size_t>(1, 5);
  const auto scan_limit = *rc::gen::inRange<std::size_t>(1, 20);

  std::set<std::pair<std::string, std::uint64_t>> devices, expected_devices;
  for (const auto& row :
       read_all([&](const auto& page) { return world.queries.devices(scope, {}, page); }, limit, scan_limit)) {
    RC_ASSERT(devices.emplace(row.tenant(), row.dev_eui()).second);
  }
  for (const auto& [eui, tenant] : model.owner) {
    if (scope.allows(tenant)) expected_devices.emplace(tenant, eui);
  }
  RC_ASSERT(devices == expected_devices);

  using Row = std::tuple<std::string, std::uint64_t, std::string, std::int64_t, std::int64_t>;
  for (const auto& measure : {std::string(), kMeasures[0], kMeasures[1]}) {
    std::set<Row> series, expected;
    for (const auto& item :
         read_all([&](const auto& page) { return world.queries.series(scope, {.measure = measure}, page); }, limit,
                  scan_limit)) {
      if (item.series.last_us() == 0) continue;
      RC_ASSERT(series
                    .emplace(item.device.tenant(), item.device.dev_eui(), item.series.measure(), item.series.last_us(),
                             item.series.value())
                    .second);
    }
    for (const auto& [eui, tenant] : model.owner) {
      const auto found = model.latest.find({tenant, eui});
      if (found == model.latest.end() || !scope.allows(tenant)) continue;
      for (const auto& [name, newest] : found->second) {
        if (measure.empty() || name == measure) expected.emplace(tenant, eui, name, newest.first, newest.second);
      }
    }
    RC_ASSERT(series == expected);
  }
}

RC_GTEST_PROP(ViewsModel, Aggregates, ()) {
  World world;
  Model model;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) random_step(world, model);
  world.commit();
  const auto scope = arbitrary_scope();
  AggregateFilter filter{};
  filter.measure = *rc::gen::elementOf(kMeasures);
  filter.window = "PT15M";
  const auto from = *rc::gen::inRange<std::int64_t>(-1, 8), to = *rc::gen::inRange<std::int64_t>(from, 9);
  filter.from = kStart + std::chrono::minutes{15} * from;
  filter.to = kStart + std::chrono::minutes{15} * to;
  if (*rc::gen::arbitrary<bool>()) filter.device = base::DevEui{*rc::gen::inRange<std::uint64_t>(1, 5)};
  if (*rc::gen::arbitrary<bool>()) filter.tenant = *rc::gen::elementOf(kTenants);

  using Row = std::tuple<std::string, std::int64_t, std::uint64_t, std::uint32_t>;
  std::vector<Row> rows, expected;
  const auto limit = *rc::gen::inRange<std::size_t>(1, 5);
  const auto scan_limit = *rc::gen::inRange<std::size_t>(1, 20);
  for (const auto& row :
       read_all([&](const auto& page) { return world.queries.aggregates(scope, filter, page); }, limit, scan_limit)) {
    rows.emplace_back(row.tenant(), row.start_us(), row.dev_eui(), row.revision());
  }
  for (const auto& [key, revision] : model.aggregates) {
    const auto& [tenant, start, eui, measure] = key;
    if (!scope.allows(tenant) || (!filter.tenant.empty() && filter.tenant != tenant) || measure != filter.measure)
      continue;
    if (start < base::to_us(filter.from) || start >= base::to_us(filter.to)) continue;
    if (filter.device && filter.device->value != eui) continue;
    expected.emplace_back(tenant, start, eui, revision);
  }
  RC_ASSERT(rows == expected);  // in this order, too
}

}  // namespace
}  // namespace lenne::storage::views
