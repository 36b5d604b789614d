#include "processing/panes.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/random.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

using storage::Store;

constexpr std::uint32_t kPaneS = 60;
constexpr std::size_t kMostBytes = 1 << 20;

Window window_of(base::Random& random, std::uint32_t length_s = kPaneS) {
  return {kStart + static_cast<std::int64_t>(random.below(8)) * 60 * kSecond, length_s};
}

std::shared_ptr<Pane> new_pane(PaneTable& table, const Window& window, std::uint64_t dev_eui) {
  auto pane = std::make_shared<Pane>();
  pane->window = window;
  pane->dev_eui = dev_eui;
  pane->tenant = "menden";
  pane->series.push_back({table.definitions().of("temperature", "Cel", v1::KIND_GAUGE, -6, 0), {}, {}, {}, 0, 0});
  return pane;
}

/// After each random change, what is found and scanned must equal a plain map: whatever stays in memory, across commits
/// and restarts, with rows of another length beside.
TEST(PaneTable, ReadsAsIfCommitted) {
  using Model = std::map<std::string, std::uint64_t>;
  base::Random random(7);
  for (const std::size_t most_bytes : {std::size_t{0}, std::size_t{2'000}, std::size_t{1} << 20}) {
    MapState committed;
    std::unique_ptr<PaneTable> table;
    const auto load = [&](std::int64_t from_us) {
      table = std::make_unique<PaneTable>(committed, 3, kPaneS);
      std::size_t shown = 0;
      ASSERT_TRUE(table->load(from_us, most_bytes, [&](Pane& pane) {
        EXPECT_EQ(pane.window.length_s, kPaneS);
        EXPECT_GE(pane.window.start_us, from_us);
        ++shown;
      }));
    };
    load(0);
    Model model;
    storage::Batch others;
    for (int i = 0; i < 6; ++i) {  // written when panes were longer
      Pane pane = *new_pane(*table, window_of(random, 120), random.below(3));
      pane.series[0].left_out = 77;
      std::string row;
      write_pane(pane, row);
      const auto key = pane_key(pane.window, pane.dev_eui);
      others.put(Store::pane, 3, key, row);
      model[key] = 77;
    }
    committed.apply(others);
    for (int round = 0; round < 3000; ++round) {
      const auto window = window_of(random, random.chance(0.05) ? 120 : kPaneS);
      const auto dev_eui = random.below(3);
      const auto key = pane_key(window, dev_eui);
      if (random.chance(0.3)) {
        if (model.erase(key) > 0) table->erase({window, dev_eui});
      } else if (window.length_s == kPaneS) {
        auto pane = table->open(window, dev_eui);
        ASSERT_TRUE(pane);
        ASSERT_EQ(*pane != nullptr, model.contains(key));
        if (*pane == nullptr) *pane = new_pane(*table, window, dev_eui);
        (*pane)->series[0].left_out += static_cast<std::uint64_t>(round);
        model[key] = (*pane)->series[0].left_out;
        table->put(std::move(*pane));
      }
      if (random.chance(0.1)) {
        storage::Batch batch;
        table->flush(batch, most_bytes);
        EXPECT_EQ(table->pending_bytes(), 0u);
        committed.apply(batch);
        if (random.chance(0.1)) load(random.chance(0.5) ? 0 : window.start_us);
      }
      const auto asked = window_of(random);
      const auto found = table->find(asked, dev_eui);
      ASSERT_TRUE(found);
      const auto expected = model.find(pane_key(asked, dev_eui));
      ASSERT_EQ(*found != nullptr, expected != model.end());
      if (*found != nullptr) {
        ASSERT_EQ((*found)->series[0].left_out, expected->second);
      }
      const auto from = random.chance(0.2) ? std::string{} : pane_key(window_of(random), random.below(3));
      const auto to = random.chance(0.2) ? pane_key_from(INT64_MAX) : pane_key(window_of(random), random.below(3));
      const auto limit = 1 + random.below(14);
      Model scanned;
      std::string last;
      ASSERT_TRUE(table->scan(from, to, [&](const PaneKey& at, const Pane& pane) {
        const auto row_key = pane_key(at.pane, at.dev_eui);
        EXPECT_LT(last, row_key);
        last = row_key;
        scanned[row_key] = pane.series[0].left_out;
        return scanned.size() < limit;
      }));
      Model wanted;
      for (auto row = model.lower_bound(from); row != model.end() && row->first < to && wanted.size() < limit; ++row)
        wanted.insert(*row);
      ASSERT_EQ(scanned, wanted);
    }
  }
}

TEST(PaneTable, WritesAChangedPaneOnce) {
  MapState committed;
  PaneTable table(committed, 3, kPaneS);
  ASSERT_TRUE(table.load(0, kMostBytes, [](Pane&) {}));
  const Window window{kStart, kPaneS};
  table.put(new_pane(table, window, 1));
  const auto bytes = table.pending_bytes();
  EXPECT_GT(bytes, 100u);
  table.put(*table.open(window, 1));
  EXPECT_EQ(table.pending_bytes(), bytes);
  storage::Batch batch;
  table.flush(batch, kMostBytes);
  EXPECT_EQ(batch.changes(), 1u);
  table.flush(batch, kMostBytes);
  EXPECT_EQ(batch.changes(), 1u) << "nothing has changed since";
}

// Devices that come move those that are there.
TEST(PaneTable, TheDeviceAskedForLastIsFoundWhoeverCame) {
  MapState committed;
  PaneTable table(committed, 0, kPaneS);
  ASSERT_TRUE(table.load(0, kMostBytes, [](Pane&) {}));
  const Window window{kStart, kPaneS};
  for (std::uint64_t dev_eui = 0; dev_eui < 1'000; ++dev_eui) {
    table.put(new_pane(table, window, dev_eui));
    const auto found = table.find(window, 0);
    ASSERT_TRUE(found && *found != nullptr) << "after " << dev_eui;
    ASSERT_EQ((*found)->dev_eui, 0U);
  }
}

TEST(PaneTable, AStateThatCannotBeReadIsAnError) {
  MapState committed;
  PaneTable table(committed, 3, kPaneS);
  committed.broken = true;
  EXPECT_EQ(table.load(0, 0, [](Pane&) {}).error().code, "log_read");
  EXPECT_EQ(table.find({kStart, kPaneS}, 1).error().code, "log_read");
  committed.broken = false;
  storage::Batch batch;
  batch.put(Store::pane, 3, pane_key({kStart, kPaneS}, 1), "no row");
  committed.apply(batch);
  EXPECT_EQ(table.load(0, 0, [](Pane&) {}).error().code, "bad_row");
  EXPECT_EQ(table.find({kStart, kPaneS}, 1).error().code, "bad_row");
  EXPECT_EQ(table.scan({}, pane_key_from(INT64_MAX), [](const PaneKey&, const Pane&) { return true; }).error().code,
            "bad_row");
}

TEST(PaneRows, ComeBackAsTheyWere) {
  Definitions definitions;
  Pane pane;
  pane.window = {kStart, 900};
  pane.dev_eui = 42;
  pane.tenant = "menden";
  pane.site = "school";
  pane.device_name = "sensor";
  pane.nominal_interval_s = 600;
  const base::Int128 wide = static_cast<base::Int128>(1) << 90;
  pane.series.push_back({definitions.of("temperature", "Cel", v1::KIND_GAUGE, -6, 0),
                         {3, -5, wide, {-7, kStart + 1}, {9, kStart}},
                         {},
                         "\3",
                         1,
                         0});
  pane.series.push_back({definitions.of("water_volume", "m3", v1::KIND_COUNTER, -3, 1000),
                         {},
                         {{kStart, 1, 2, 3, -4}, {kStart + 5, 6, 7, 8, 9, 11, v1::READING_MARK_FIRST_OF_METER, true}},
                         {},
                         0,
                         2,
                         {2500, 5}});
  pane.sources = {{kStart, 1, 2}, {kStart + 5, 6, 7}};
  std::string row;
  write_pane(pane, row);
  const auto read = parse_pane(row, pane.window, 42, definitions);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->tenant, "menden");
  EXPECT_EQ(read->site, "school");
  EXPECT_EQ(read->device_name, "sensor");
  EXPECT_EQ(read->nominal_interval_s, 600u);
  EXPECT_EQ(read->series, pane.series) << "the same definitions too";
  EXPECT_EQ(read->sources, pane.sources);
  EXPECT_FALSE(parse_pane(row, pane.window, 43, definitions)) << "another device";
  EXPECT_FALSE(parse_pane(row, {kStart + 900 * kSecond, 900}, 42, definitions)) << "another pane";
  auto odd = pane;
  odd.series[1].limits.backflow = -1;
  std::string odd_row;
  write_pane(odd, odd_row);
  EXPECT_FALSE(parse_pane(odd_row, pane.window, 42, definitions)) << "no limit is negative";
  std::swap(pane.series[0], pane.series[1]);
  write_pane(pane, row);
  EXPECT_FALSE(parse_pane(row, pane.window, 42, definitions)) << "series that are not in order";
}

}  // namespace
}  // namespace lenne::processing::test
