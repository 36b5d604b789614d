#include "processing/window_settings.hpp"

#include <gtest/gtest.h>

#include <set>

#include "processing/keys.hpp"
#include "processing/meters/measures.hpp"

namespace lenne::processing {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(WindowSettings, NamesAreIsoDurations) {
  EXPECT_EQ(window_name({0, 60}), "PT1M");
  EXPECT_EQ(window_name({0, 900}), "PT15M");
  EXPECT_EQ(window_name({0, 3600}), "PT1H");
  EXPECT_EQ(window_name({0, 5400}), "PT1H30M");
  EXPECT_EQ(window_name({0, 30}), "PT30S");
  EXPECT_EQ(window_name({0, 86400}), "PT24H");
  EXPECT_EQ(window_name({0, 3600, Calendar::none, 600}), "PT1H/PT10M");
  EXPECT_EQ(window_name({0, 82800, Calendar::day_local}), "P1D");
  EXPECT_EQ(window_name({0, 86400, Calendar::rain_day}), "P1D-RAIN");
}

TEST(WindowSettings, AWindowIsKnownByItsName) {
  for (const Window window : {Window{900 * kSecond, 900}, Window{0, 5400}, Window{0, 30}, Window{0, 86400},
                              Window{0, 3600, Calendar::none, 600}, Window{0, 5400, Calendar::none, 90},
                              Window{7200 * kSecond, 82800, Calendar::day_local}, Window{0, 86400, Calendar::gas_day}})
    EXPECT_EQ(window_named(window_name(window), window.start_us, window.end_us()), window) << window_name(window);
  for (const auto* name : {"PT1H/", "PT1H/PT", "PT1H/10", "PT1H/PTxM", "PT1H/PT99999999999M", "P1D-MOON"})
    EXPECT_NE(window_name(window_named(name, 0, 3600 * kSecond)), name);
}

TEST(WindowSettings, ParsesLists) {
  EXPECT_EQ(*parse_windows("15m,1h"), (WindowSizes{{900, 3600}}));
  EXPECT_EQ(*parse_windows("1h,1m,15m,1h"), (WindowSizes{{60, 900, 3600}}));
  EXPECT_EQ(*parse_windows("10s"), (WindowSizes{{10}}));
  EXPECT_EQ(*parse_windows("1h,24h"), (WindowSizes{{3600, 86400}}));
  EXPECT_EQ(*parse_windows("day_local,1h"), (WindowSizes{{3600}, {Calendar::day_local}}));
  EXPECT_EQ(*parse_windows("1h/10m,1m,1h"), (WindowSizes{{60, 3600}, {}, {{3600, 600}}}));
  EXPECT_EQ(*parse_windows("gas_day,1h,rain_day,day_cet,gas_day"),
            (WindowSizes{{3600}, {Calendar::day_cet, Calendar::rain_day, Calendar::gas_day}}));
  EXPECT_EQ(*parse_windows("1h/1h"), (WindowSizes{{3600}})) << "each begins where the one before ends";
}

TEST(WindowSettings, RefusesWhatDoesNotTile) {
  for (const auto* text : {"",
                           "15",
                           "m",
                           "0m",
                           "15m,",
                           ",15m",
                           "15 m",
                           "7m",
                           "10m,15m",
                           "2h",
                           "48h",
                           "-1m",
                           "99999999999m",
                           "1h,15x",
                           "day_local",
                           "1h,day_local,",
                           "1h,day",
                           "1s,2s,3s,4s,5s,6s,8s,10s,12s",
                           "1h/10m",
                           "15m,1h/10m",
                           "5m,1h/25m",
                           "15m,1h/",
                           "15m,1h/30m,1h/15m",
                           "15m,1h/2h",
                           "1m,30m/1m",
                           "1m,2m,3m,4m,5m,6m,10m,12m,1h/20m"}) {
    const auto parsed = parse_windows(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "bad_windows") << text;
  }
}

TEST(WindowSettings, WindowsAreHalfOpenAndAlignedToUtc) {
  const std::int64_t hour = 1'792'886'400 * kSecond;
  EXPECT_EQ(window_at(hour, 900), (Window{hour, 900}));
  EXPECT_EQ(window_at(hour - 1, 900), (Window{hour - 900 * kSecond, 900}));
  EXPECT_EQ(window_at(hour + 900 * kSecond - 1, 900).end_us(), hour + 900 * kSecond);
  EXPECT_EQ(window_at(-1, 900), (Window{-900 * kSecond, 900}));
}

TEST(WindowSettings, HoppingWindowsOverlap) {
  WindowSettings settings;
  settings.windows_s = {600};
  settings.hopping = {{3600, 1200}};
  const std::int64_t hour = 1'792'886'400 * kSecond;
  const auto at = [&](std::int64_t time) {
    const auto windows = settings.windows_at(time);
    return std::vector<Window>(windows.begin() + 1, windows.end());
  };
  const auto hopping = [&](std::int64_t start_s) {
    return Window{hour + start_s * kSecond, 3600, Calendar::none, 1200};
  };
  EXPECT_EQ(at(hour), (std::vector{hopping(-2400), hopping(-1200), hopping(0)}));
  EXPECT_EQ(at(hour - 1), (std::vector{hopping(-3600), hopping(-2400), hopping(-1200)}));
  EXPECT_EQ(at(hour + 1200 * kSecond), (std::vector{hopping(-1200), hopping(0), hopping(1200)}));
  EXPECT_EQ(settings.next(hopping(0)), hopping(1200));
  EXPECT_EQ(settings.longest_us(), 3600 * kSecond);
  EXPECT_EQ(settings.latest_end_us(hour), hour + 3600 * kSecond);
}

TEST(WindowSettings, WindowsThatWouldSayNothingAreNone) {
  const Window minute{0, 60};
  const Window quarter{0, 900};
  const Window hour{0, 3600};
  const Window day{0, 86'400, Calendar::day_local};
  EXPECT_TRUE(has_windows(series_class_of("temperature"), minute));
  EXPECT_FALSE(has_windows(series_class_of("water_volume.2"), minute));
  EXPECT_TRUE(has_windows(series_class_of("water_volume"), quarter));
  EXPECT_FALSE(has_windows(series_class_of("uplinks_lost"), quarter));
  EXPECT_TRUE(has_windows(series_class_of("uplinks_lost"), hour));
  EXPECT_TRUE(has_windows(series_class_of("uplinks_lost"), day));
  for (const auto* measure : {"gateway_uplinks", "gateway_uplink_airtime", "gateway_downlinks",
                              "gateway_downlink_airtime", "gateway_foreign_frames", "gateway_foreign_airtime"}) {
    EXPECT_FALSE(has_windows(series_class_of(measure), quarter));
    EXPECT_TRUE(has_windows(series_class_of(measure), hour));
    EXPECT_TRUE(has_windows(series_class_of(measure), day));
  }
  for (const auto* measure : {"alarm", "alarm.distance", "battery_level", "battery_voltage", "battery_voltage.2",
                              "low_battery", "tamper", "tamper.a"}) {
    EXPECT_FALSE(has_windows(series_class_of(measure), minute)) << measure;
    EXPECT_FALSE(has_windows(series_class_of(measure), quarter)) << measure;
    EXPECT_TRUE(has_windows(series_class_of(measure), hour)) << measure;
    EXPECT_TRUE(has_windows(series_class_of(measure), day)) << measure;
  }
  for (const auto* measure : {"temperature.device", "alarms", "battery", "parking_occupied"})
    EXPECT_TRUE(has_windows(series_class_of(measure), quarter)) << measure;
}

TEST(WindowSettings, WhatADeviceSaysOfItselfIsNotTheNetworks) {
  EXPECT_EQ(series_class_of("alarm.leak_a"), SeriesClass::condition);
  EXPECT_EQ(series_class_of("uplinks_lost"), SeriesClass::network);
  const WindowSettings settings;
  EXPECT_EQ(settings.grace_us(SeriesClass::condition), settings.grace_us(SeriesClass::other));
  EXPECT_EQ(settings.horizon_us(SeriesClass::condition), settings.horizon_us(SeriesClass::other));
}

TEST(WindowSettings, TheShortestWindowIsNamedInsteadOfOneThatIsTooShort) {
  EXPECT_EQ(shortest_instead_of("PT15M", "low_battery"), "PT1H");
  EXPECT_EQ(shortest_instead_of("PT30M/PT10M", "alarm.leak_a"), "PT1H");
  EXPECT_EQ(shortest_instead_of("PT59M59S", "uplinks_lost"), "PT1H");
  EXPECT_EQ(shortest_instead_of("PT1M", "water_volume.2"), "PT15M");
  for (const auto* window : {"PT1H", "PT1H/PT10M", "PT24H", "P1D", "P1D-RAIN", "", "PT", "PTxM"})
    EXPECT_EQ(shortest_instead_of(window, "low_battery"), std::nullopt) << window;
  EXPECT_EQ(shortest_instead_of("PT15M", "water_volume"), std::nullopt);
  EXPECT_EQ(shortest_instead_of("PT1S", "temperature"), std::nullopt);
}

TEST(WindowSettings, ASetOfClassesTellsThemAllApart) {
  for (std::size_t i = 0; i < kSeriesClasses; ++i) {
    SeriesClasses only;
    only.insert(static_cast<SeriesClass>(i));
    for (std::size_t j = 0; j < kSeriesClasses; ++j)
      EXPECT_EQ(only.contains(static_cast<SeriesClass>(j)), i == j) << i << " " << j;
  }
  EXPECT_TRUE(classes_with({0, 3600}).contains(SeriesClass::sound));
  EXPECT_FALSE(classes_with({0, 900}).contains(SeriesClass::condition));
}

TEST(WindowSettings, ATradesDayIsForWhatItMeasures) {
  const auto has = [](std::string_view measure, Calendar calendar) {
    return has_windows(series_class_of(measure), {0, 86'400, calendar});
  };
  for (const auto* measure : {"pm2_5", "pm10", "no2", "o3", "so2", "pm10.2"}) {
    EXPECT_TRUE(has(measure, Calendar::day_cet)) << measure;
    EXPECT_FALSE(has(measure, Calendar::rain_day)) << measure;
  }
  EXPECT_TRUE(has("precipitation", Calendar::rain_day));
  EXPECT_TRUE(has("gas_volume", Calendar::gas_day));
  for (const auto calendar : {Calendar::day_cet, Calendar::rain_day, Calendar::gas_day}) {
    EXPECT_FALSE(has("temperature", calendar));
    EXPECT_FALSE(has("water_volume", calendar));
  }
  for (const auto* measure : {"pm10", "precipitation", "gas_volume", "temperature", "uplinks_lost"})
    EXPECT_TRUE(has(measure, Calendar::day_local)) << measure;
  EXPECT_TRUE(is_meter(series_class_of("gas_volume")));
}

TEST(WindowSettings, KeysOfRevisionsTellCalendarsApart) {
  std::set<std::string> keys;
  for (const auto calendar :
       {Calendar::none, Calendar::day_local, Calendar::day_cet, Calendar::rain_day, Calendar::gas_day}) {
    const Window window{7'200 * kSecond, 86'400, calendar};
    const auto key = revision_key(window, 1, "gas_volume");
    EXPECT_EQ(parse_revision_key(key), window);
    keys.insert(key);
  }
  keys.insert(revision_key({7'200 * kSecond, 86'400, Calendar::none, 3600}, 1, "gas_volume"));
  EXPECT_EQ(keys.size(), 6u);
}

TEST(WindowSettings, GraceByClass) {
  WindowSettings settings;
  EXPECT_EQ(settings.grace_us(series_class_of("temperature")), 300 * kSecond);
  EXPECT_EQ(settings.grace_us(series_class_of("temperature.2")), 300 * kSecond);
  EXPECT_EQ(settings.grace_us(series_class_of("parking_occupied")), 120 * kSecond);
  EXPECT_EQ(settings.grace_us(series_class_of("parking_occupied.2")), 120 * kSecond);
  EXPECT_EQ(settings.grace_us(series_class_of("water_volume")), 48 * 3600 * kSecond);
  EXPECT_TRUE(is_meter(series_class_of("energy.2")));
  EXPECT_FALSE(is_meter(series_class_of("energy2")));
  for (const auto stem : meters::kRegisters) EXPECT_TRUE(is_meter(series_class_of(std::string(stem) + ".2"))) << stem;
  EXPECT_FALSE(meters::is_register("energy2"));
  settings.grace = std::chrono::seconds{10};
  EXPECT_EQ(settings.grace_us(series_class_of("parking_occupied")), 10 * kSecond);
  EXPECT_EQ(settings.grace_us(series_class_of("water_volume")), 10 * kSecond);
}

TEST(WindowSettings, SpreadStaysBelowTheGraceAndAMinute) {
  WindowSettings settings;
  const Window window{0, 900};
  std::set<std::int64_t> shares;
  for (std::uint64_t eui = 0; eui < 1000; ++eui) {
    const auto share = settings.due_us(window, eui, 300 * kSecond) - window.end_us() - 300 * kSecond;
    EXPECT_GE(share, 0);
    EXPECT_LT(share, 60 * kSecond);
    EXPECT_LT(settings.due_us(window, eui, 10 * kSecond) - window.end_us() - 10 * kSecond, 10 * kSecond);
    EXPECT_LE(settings.due_us(window, eui, 300 * kSecond), window.end_us() + settings.longest_delay_us(false));
    shares.insert(share / (6 * kSecond));
  }
  EXPECT_EQ(shares.size(), 10u) << "every tenth of the minute gets its part";
  settings.spread = false;
  EXPECT_EQ(settings.due_us(window, 77, 300 * kSecond), 1200 * kSecond);
}

TEST(Keys, HaveTheirStoredForm) {
  const Window window{1'792'886'400 * kSecond, 900};
  EXPECT_EQ(aggregate_key(0x70b3d5499a3d1c02, "temperature", window),
            "70b3d5499a3d1c02/temperature/PT15M/00065e9ee4fea000");
  const auto pane = parse_pane_key(pane_key(window, 42));
  ASSERT_TRUE(pane);
  EXPECT_EQ(pane->pane, window);
  EXPECT_EQ(pane->dev_eui, 42u);
  const auto sequence = parse_sequence_key(sequence_key(42, "occupancy.2", window));
  ASSERT_TRUE(sequence);
  EXPECT_EQ(sequence->pane, window);
  EXPECT_EQ(sequence->dev_eui, 42u);
  EXPECT_EQ(sequence->measure, "occupancy.2");
  EXPECT_FALSE(parse_sequence_key(sequence_key(42, "", window)));
  EXPECT_EQ(parse_revision_key(revision_key(window, 42, "temperature")), window);
  const Window hopping{window.start_us, window.length_s, Calendar::none, 300};
  EXPECT_EQ(parse_revision_key(revision_key(hopping, 42, "temperature")), window) << "but for the hop";
  EXPECT_NE(revision_key(hopping, 42, "temperature"), revision_key(window, 42, "temperature"));
  EXPECT_FALSE(parse_pane_key("short"));
  EXPECT_FALSE(parse_sequence_key(pane_key(window, 42)));
  EXPECT_LT(pane_key({0, 900}, ~0ULL), pane_key({900 * kSecond, 900}, 0));
}

}  // namespace
}  // namespace lenne::processing
