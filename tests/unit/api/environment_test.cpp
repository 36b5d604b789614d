// Climate days and the air of a place, over real sockets.
#include "tests/unit/api/world.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::api {
namespace {

using processing::derived::hour_of;
using processing::derived::kTestDayUs;
using processing::derived::kTestHourUs;
using processing::derived::rain_of;
using processing::derived::result_of;

constexpr std::int64_t k2025 = 1'735'689'600'000'000;  // 2025-01-01T00:00:00Z

void publish(World& world, const v1::Aggregate& row) {
  world.append(
      storage::Topic::aggregate, row.tenant(),
      std::to_string(row.dev_eui()) + "/" + row.measure() + "/" + row.window() + "/" + std::to_string(row.start_us()),
      row.SerializeAsString());
}

// Days are local ones of Berlin in winter, an hour before UTC's.
v1::Aggregate local_day(int number, std::int64_t min, std::int64_t mean, std::int64_t max) {
  return result_of("temperature", "P1D", k2025 + number * kTestDayUs - kTestHourUs, kTestDayUs, min, mean, max);
}

boost::json::object indicator(const boost::json::value& sums, std::string_view name) {
  for (const auto& each : sums.as_object().at("indicators").as_array()) {
    if (each.as_object().at("name").as_string() == name) return each.as_object();
  }
  return {};
}

TEST(Environment, MonthsAndYearsAreMadeOfLocalDays) {
  Hooks hooks;
  hooks.day_start = [](std::string_view, std::chrono::sys_days date) {
    return std::optional(base::Timestamp{date} - std::chrono::hours{1});
  };
  World world({}, std::move(hooks));
  world.two_towns();
  for (int d = 0; d < 60; ++d) publish(world, local_day(d, d, 1000, 2000 + d));
  const std::string device = "/v1/agg?measure=temperature&device=0000000000000001&provisional=false";
  const auto asked = [&](const std::string& more) { return world.get(device + more).items(); };
  world.wait_until([&] { return asked("&res=1d&from=2024-12-01T00:00:00Z&to=2026-01-01T00:00:00Z").size() == 60; });
  const auto months = asked("&res=month&from=2024-12-31T23:00:00Z&to=2025-06-01T00:00:00Z");
  ASSERT_EQ(months.size(), 3U) << "January, February, and a day of March";
  const auto& january = months.at(0).as_object();
  EXPECT_EQ(january.at("window"), "P1M");
  EXPECT_EQ(january.at("start"), "2024-12-31T23:00:00.000000Z");
  EXPECT_EQ(january.at("end"), "2025-01-31T23:00:00.000000Z");
  EXPECT_EQ(january.at("count"), 62);
  EXPECT_EQ(january.at("max"), 20.3);
  EXPECT_EQ(january.at("coverage"), 1);
  EXPECT_EQ(january.at("valid"), true);
  EXPECT_EQ(months.at(1).as_object().at("count"), 56);
  EXPECT_EQ(months.at(2).as_object().at("valid"), false);
  EXPECT_EQ(asked("&res=month&from=2024-12-31T23:00:01Z&to=2025-02-28T23:00:00Z").size(), 1U)
      << "those that begin in it";
  const auto years = asked("&res=year&from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z");
  ASSERT_EQ(years.size(), 1U);
  EXPECT_EQ(years.at(0).as_object().at("window"), "P1Y");
  EXPECT_EQ(years.at(0).as_object().at("count"), 120);
  EXPECT_EQ(years.at(0).as_object().at("end"), "2025-12-31T23:00:00.000000Z");
  EXPECT_EQ(world.get(device + "&res=month&from=1990-01-01T00:00:00Z").status, 400) << "more than 120";
  World without;
  EXPECT_EQ(without.get(device + "&res=month").status, 400) << "no local days";
}

TEST(Environment, MonthsOfRainAreMadeOfRainDays) {
  Hooks hooks;
  hooks.day_start = [](std::string_view window, std::chrono::sys_days date) {
    return window == "P1D-RAIN" ? std::optional(base::Timestamp{date} + std::chrono::hours{6}) : std::nullopt;
  };
  World world({}, std::move(hooks));
  world.two_towns();
  for (int d = 0; d < 60; ++d)
    publish(world, rain_of("P1D-RAIN", k2025 + d * kTestDayUs + 6 * kTestHourUs, kTestDayUs, d + 1));
  const std::string device = "/v1/agg?measure=precipitation&device=0000000000000001&provisional=false";
  const auto asked = [&](const std::string& more) { return world.get(device + more).items(); };
  world.wait_until(
      [&] { return asked("&res=rain_day&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z").size() == 60; });
  const auto months = asked("&res=rain_month&from=2025-01-01T00:00:00Z&to=2025-06-01T00:00:00Z");
  ASSERT_EQ(months.size(), 3U) << "January, February, and a day of March";
  const auto& january = months.at(0).as_object();
  EXPECT_EQ(january.at("window"), "P1M-RAIN");
  EXPECT_EQ(january.at("start"), "2025-01-01T06:00:00.000000Z");
  EXPECT_EQ(january.at("end"), "2025-02-01T06:00:00.000000Z");
  EXPECT_EQ(january.at("sum"), 4.96) << "1 to 31";
  EXPECT_EQ(january.at("coverage"), 1);
  EXPECT_EQ(months.at(1).as_object().at("sum"), 12.74);
  EXPECT_EQ(months.at(2).as_object().at("sum"), 0.6);
  EXPECT_NEAR(months.at(2).as_object().at("coverage").to_number<double>(), 1.0 / 31, 1e-9);
  const auto years = asked("&res=rain_year&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z");
  ASSERT_EQ(years.size(), 1U);
  EXPECT_EQ(years.at(0).as_object().at("window"), "P1Y-RAIN");
  EXPECT_EQ(years.at(0).as_object().at("sum"), 18.3);
  EXPECT_TRUE(asked("&res=rain_month&from=2025-01-01T06:00:01Z&to=2025-02-01T06:00:00Z").empty())
      << "none begins in it";
  const auto gas = world.get(device + "&res=gas_month&from=2025-01-01T00:00:00Z&to=2025-06-01T00:00:00Z");
  EXPECT_EQ(gas.status, 400U);
  EXPECT_NE(gas.body.find("no days P1D-GAS"), std::string::npos) << gas.body;
}

TEST(Environment, ClimateDaysOfAYear) {
  World world;
  world.two_towns();
  for (int d = 0; d < 365; ++d) {
    const bool warm = d == 200;
    publish(world, local_day(d, warm ? 2000 : -100, warm ? 2400 : 1000, warm ? 3000 : 1500));
  }
  const auto night = k2025 + 200 * kTestDayUs;
  for (int h = -6; h < 6; ++h) publish(world, hour_of("temperature", night + h * kTestHourUs, 2100));
  publish(world, local_day(365, -500, -400, -300));  // the next year's first
  const std::string target = "/v1/climate-days?device=0000000000000001&year=2025";
  world.wait_until([&] {
    const auto items = world.get("/v1/climate-days?device=0000000000000001&year=2026").items();
    return !items.empty() && items.at(0).as_object().at("days") == 1;
  });
  const auto year = world.get(target).items().at(0);
  EXPECT_EQ(year.as_object().at("window"), "P1D");
  EXPECT_EQ(year.as_object().at("expected_days"), 365);
  EXPECT_EQ(year.as_object().at("days"), 365);
  EXPECT_EQ(year.as_object().at("valid_days"), 365);
  EXPECT_EQ(indicator(year, "hot_day").at("value"), 1);
  EXPECT_EQ(indicator(year, "hot_day").at("unit"), "d");
  EXPECT_EQ(indicator(year, "hot_day").at("valid"), true);
  EXPECT_EQ(indicator(year, "frost_day").at("value"), 364);
  EXPECT_EQ(indicator(year, "ice_day").at("value"), 0) << "the cold day is of 2026";
  EXPECT_EQ(indicator(year, "tropical_night").at("value"), 1);
  EXPECT_EQ(indicator(year, "tropical_night").at("valid"), true);
  const auto& nights = year.as_object().at("tropical_nights").as_array();
  ASSERT_EQ(nights.size(), 1U);
  EXPECT_EQ(nights[0].as_object().at("date"), "2025-07-20") << "the day on which it ends";
  EXPECT_EQ(nights[0].as_object().at("valid"), true);
  EXPECT_EQ(indicator(year, "heating_degree_days_15").at("value"), 364 * 5);
  EXPECT_EQ(year.as_object().at("growth_start"), "2025-02-06");  // 31 * 5 + 6 * 7.5 = 200
  EXPECT_EQ(year.as_object().at("growth_start_valid"), true);
  const auto& months = year.as_object().at("months").as_array();
  ASSERT_EQ(months.size(), 12U);
  EXPECT_EQ(months[6].as_object().at("month"), "2025-07");
  EXPECT_EQ(months[6].as_object().at("expected_days"), 31);
  EXPECT_EQ(indicator(months[6], "hot_day").at("value"), 1);
  EXPECT_EQ(indicator(months[7], "hot_day").at("value"), 0);
  EXPECT_EQ(indicator(months[1], "frost_day").at("value"), 28);
  EXPECT_EQ(world.get("/v1/climate-days?site=school&year=2025").items().size(), 1U);
  EXPECT_EQ(world.get("/v1/climate-days?site=nowhere&year=2025").items().size(), 0U);
}

TEST(Environment, DaysOnWhichSoilNeedsWater) {
  World world;
  world.two_towns();
  for (int d = 0; d < 31; ++d)
    publish(world, result_of("soil_water_share", "P1D", k2025 + d * kTestDayUs - kTestHourUs, kTestDayUs, 2000,
                             d < 5 ? 2000 : 5000, 5000));
  const std::string target = "/v1/climate-days?site=school&year=2025&measure=soil_water_share";
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return !items.empty() && items.at(0).as_object().at("days") == 31;
  });
  const auto year = world.get(target).items().at(0);
  EXPECT_EQ(year.as_object().at("measure"), "soil_water_share");
  EXPECT_EQ(indicator(year, "irrigation_needed").at("value"), 5);
  EXPECT_TRUE(indicator(year, "tropical_night").empty());
  EXPECT_TRUE(year.as_object().at("growth_start").is_null());
  const auto january = year.as_object().at("months").as_array().at(0);
  EXPECT_EQ(indicator(january, "irrigation_needed").at("value"), 5);
  EXPECT_EQ(indicator(january, "irrigation_needed").at("valid"), true);
  EXPECT_TRUE(world.get("/v1/climate-days?site=school&year=2025").items().empty()) << "nobody measures temperature";
}

TEST(Environment, AMonthWithAGapIsNotValid) {
  World world;
  world.two_towns();
  for (int d = 0; d < 31; ++d) {
    if (d != 10) publish(world, local_day(d, -100, 1000, 1500));
  }
  const std::string target = "/v1/climate-days?device=0000000000000001&year=2025";
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return !items.empty() && items.at(0).as_object().at("days") == 30;
  });
  const auto january = world.get(target).items().at(0).as_object().at("months").as_array().at(0);
  EXPECT_EQ(january.as_object().at("valid_days"), 30);
  EXPECT_EQ(indicator(january, "frost_day").at("value"), 30);
  EXPECT_EQ(indicator(january, "frost_day").at("valid"), false);
  EXPECT_EQ(indicator(january, "tropical_night").at("valid"), false);
}

TEST(Environment, AirOfAPlace) {
  World world;
  world.two_towns();
  for (int h = 0; h < 24; ++h) {
    publish(world, hour_of("pm10", kStartUs + h * kTestHourUs, 1000 + h * 100));
    publish(world, hour_of("o3", kStartUs + h * kTestHourUs, 8000, h == 23 ? 700 : 1000));
  }
  const std::string target = "/v1/air-quality?site=school&from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z";
  const auto full = [&] {
    const auto body = world.get(target).json();
    const auto& items = body.at("items").as_array();
    return items.size() == 24 && items[23].as_object().at("pollutants").as_array().size() == 2;
  };
  world.wait_until(full);
  const auto body = world.get(target).json();
  EXPECT_EQ(body.at("tenant"), "menden");
  EXPECT_EQ(body.at("indicative"), true);
  EXPECT_EQ(body.at("version"), 2);
  EXPECT_TRUE(body.at("aot40").is_null()) << "not in November";
  const auto& hour = body.at("items").as_array()[7].as_object();
  EXPECT_EQ(hour.at("start"), "2026-11-24T07:00:00.000000Z");
  const auto& index = hour.at("index").as_object();
  EXPECT_EQ(index.at("level"), "moderate");
  EXPECT_EQ(index.at("pollutant"), "o3");
  EXPECT_EQ(index.at("incomplete"), true);
  const auto& pm10 = hour.at("pollutants").as_array()[0].as_object();
  EXPECT_EQ(pm10.at("mean"), 17);
  EXPECT_EQ(pm10.at("level"), "good");
  EXPECT_EQ(pm10.at("mean_8h"), 13.5);
  EXPECT_TRUE(pm10.at("mean_24h").is_null());
  EXPECT_TRUE(body.at("ozone_days").as_array().empty()) << "no whole day of UTC+1";
  const auto longer = world.get("/v1/air-quality?site=school&from=2026-11-23T23:00:00Z&to=2026-11-24T23:00:00Z").json();
  ASSERT_EQ(longer.at("ozone_days").as_array().size(), 1U);
  const auto& ozone = longer.at("ozone_days").as_array()[0].as_object();
  EXPECT_EQ(ozone.at("date"), "2026-11-24");
  EXPECT_EQ(ozone.at("highest_8h"), 80);
  EXPECT_EQ(ozone.at("end"), "2026-11-24T06:00:00.000000Z") << "the first with six hours";
  EXPECT_EQ(ozone.at("means"), 18);
  EXPECT_EQ(ozone.at("exceeded"), false);
  EXPECT_EQ(ozone.at("valid"), true);
  const auto& last = body.at("items").as_array()[23].as_object();
  EXPECT_EQ(last.at("pollutants").as_array()[0].as_object().at("mean_24h"), 21.5);
  EXPECT_EQ(last.at("pollutants").as_array()[1].as_object().at("valid"), false);
  EXPECT_EQ(last.at("index").as_object().at("pollutant"), "pm10") << "an hour of 42 minutes says nothing";
  const auto soest = world.get(target, world.token_of("soest")).json();
  EXPECT_TRUE(soest.at("tenant").is_null());
  EXPECT_TRUE(soest.at("items").as_array().empty());
  EXPECT_EQ(soest.at("site"), "school");
}

TEST(Environment, LimitsOfAYear) {
  World world;
  world.two_towns();
  // The first day of 2025 in UTC+1 exceeds, the second does not.
  for (int h = 0; h < 48; ++h) {
    const auto start_us = k2025 + (h - 1) * kTestHourUs;
    publish(world, hour_of("pm10", start_us, h < 24 ? 6000 : 3000));
    if (h < 36) publish(world, hour_of("relative_humidity", start_us, h < 9 ? 9000 : 5000));
  }
  const std::string target = "/v1/air-limits?site=school&year=2025";
  const auto days = [&] { return world.get(target).items(); };
  world.wait_until([&] {
    const auto items = days();
    return !items.empty() && items.at(0).as_object().at("counted") == 2 &&
           items.at(0).as_object().at("humid_share") == 0.25;
  });
  const auto body = world.get(target).json();
  EXPECT_EQ(body.at("tenant"), "menden");
  EXPECT_EQ(body.at("year"), 2025);
  EXPECT_EQ(body.at("indicative"), true);
  const auto items = days();
  ASSERT_EQ(items.size(), 2U) << "the day's and the year's";
  const auto& day = items.at(0).as_object();
  EXPECT_EQ(day.at("measure"), "pm10");
  EXPECT_EQ(day.at("mean_of"), "day");
  EXPECT_EQ(day.at("limit"), 50);
  EXPECT_EQ(day.at("allowed"), 35);
  EXPECT_EQ(day.at("exceeded"), 1);
  EXPECT_EQ(day.at("exceeded_at").as_array().at(0), "2024-12-31T23:00:00.000000Z");
  EXPECT_EQ(day.at("kept"), true);
  EXPECT_EQ(day.at("possible"), 365);
  EXPECT_EQ(day.at("valid"), false);
  EXPECT_TRUE(day.at("mean").is_null());
  const auto& year = items.at(1).as_object();
  EXPECT_EQ(year.at("mean_of"), "year");
  EXPECT_EQ(year.at("mean"), 45);
  EXPECT_EQ(year.at("kept"), false);
  EXPECT_EQ(year.at("counted"), 48);
  EXPECT_TRUE(year.at("allowed").is_null());
  const auto hours = world.get("/v1/air-quality?site=school&from=2025-01-01T07:00:00Z&to=2025-01-01T09:00:00Z").items();
  const auto humid = [&](std::size_t at) {
    return hours.at(at).as_object().at("pollutants").as_array().at(0).as_object().at("humid");
  };
  EXPECT_EQ(humid(0), true);
  EXPECT_EQ(humid(1), false);
  EXPECT_TRUE(world.get("/v1/air-limits?site=school&year=2025", world.token_of("soest")).items().empty());
  // A year of more than five devices is too much for one question.
  for (std::uint64_t d = 11; d <= 15; ++d) {
    ASSERT_EQ(world.apply(R"([{"kind":"Device","dev_eui":"00000000000000)" + std::to_string(d) +
                          R"(","join_eui":"0000000000000000","name":"D","tenant":"menden","site":"school",)"
                          R"("app_key":"00112233445566778899aabbccddeeff"}])"),
              "created");
    auto other = hour_of("pm10", k2025, 1000);
    other.set_dev_eui(d + 6 * (d / 10));  // DevEUIs are read as hexadecimal
    publish(world, other);
  }
  world.wait_until([&] { return world.get(target).status != 200; });
  EXPECT_EQ(world.get(target).json().at("error"), "too_large");
  EXPECT_EQ(world.get("/v1/air-quality?site=school&from=2025-01-01T07:00:00Z&to=2025-01-01T09:00:00Z").status, 200);
}

TEST(Environment, OzoneOverYears) {
  World world;
  world.two_towns();
  // Eight hours above 120 on each of 27 days of 2025 and 26 days of 2024: more than 25 decide, whatever is missing.
  const auto begins = k2025 - kTestHourUs;
  for (int d = 1; d <= 27; ++d) {
    for (int h = 0; h < 8; ++h) {
      publish(world, hour_of("o3", begins + d * kTestDayUs + h * kTestHourUs, 13'000));
      if (d <= 26) publish(world, hour_of("o3", begins - d * kTestDayUs + h * kTestHourUs, 13'000));
    }
  }
  const auto over = [&](const std::string& year) {
    const auto items = world.get("/v1/air-limits?site=school&year=" + year).items();
    return items.empty() ? boost::json::value() : items.at(0).as_object().at("over_years");
  };
  world.wait_until([&] {
    const auto found = over("2025");
    return found.is_object() && found.as_object().at("days") == 53;
  });
  const auto both = over("2025").as_object();
  EXPECT_EQ(both.at("years"), 2);
  EXPECT_EQ(both.at("mean"), 26.5);
  EXPECT_EQ(both.at("kept"), false);
  EXPECT_EQ(both.at("valid"), true);
  EXPECT_EQ(over("2024").as_object().at("days"), 26);
  EXPECT_EQ(over("2024").as_object().at("years"), 1);
}

TEST(Environment, WhatIsAskedForBadly) {
  World world;
  for (const auto* target : {"/v1/climate-days",
                             "/v1/climate-days?year=2026",
                             "/v1/climate-days?site=x",
                             "/v1/climate-days?site=x&year=26",
                             "/v1/climate-days?site=x&year=2026x",
                             "/v1/climate-days?site=x&year=2026&res=never",
                             "/v1/climate-days?q=1",
                             "/v1/climate-days?site=x&year=2026&measure=co2",
                             "/v1/air-quality",
                             "/v1/air-quality?site=x&from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z",
                             "/v1/air-quality?site=x&from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z",
                             "/v1/air-quality?site=x&q=1",
                             "/v1/air-limits?year=2026",
                             "/v1/air-limits?site=x",
                             "/v1/air-limits?site=x&year=1969",
                             "/v1/air-limits?site=x&year=2026&q=1",
                             "/v1/rain",
                             "/v1/rain?site=x&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z",
                             "/v1/rain?site=x&q=1",
                             "/v1/rain-events",
                             "/v1/rain-events?site=x&from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z",
                             "/v1/wind",
                             "/v1/wind?site=x&res=never",
                             "/v1/wind?site=x&q=1",
                             "/v1/heat-island",
                             "/v1/heat-island?site=x",
                             "/v1/heat-island?site=x&reference=x",
                             "/v1/heat-island?site=x&reference=a,,b",
                             "/v1/heat-island?site=x&reference=a,b,c,d,e,f,g,h,i,j,k"}) {
    EXPECT_EQ(world.get(target).status, 400U) << target;
  }
}

TEST(Environment, SlidingRain) {
  World world;
  world.two_towns();
  for (int h = -71; h < 3; ++h)
    publish(world, rain_of("PT1H", kStartUs + h * kTestHourUs, kTestHourUs, h == 0 ? 1600 : h == 1 ? 1000 : 0));
  const std::string target = "/v1/rain?site=school&from=2026-11-24T00:00:00Z&to=2026-11-24T03:00:00Z";
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return items.size() == 1 &&
           items.at(0).as_object().at("hours").as_array().at(2).as_object().at("sums").as_array().size() == 6;
  });
  const auto station = world.get(target).items().at(0);
  const auto& hours = station.as_object().at("hours").as_array();
  ASSERT_EQ(hours.size(), 3U);
  EXPECT_EQ(hours[0].as_object().at("end"), "2026-11-24T01:00:00.000000Z");
  const auto sum = [&](std::size_t hour, std::size_t i) {
    return hours[hour].as_object().at("sums").as_array().at(i).as_object();
  };
  EXPECT_EQ(sum(0, 0).at("sum"), 16);
  EXPECT_EQ(sum(0, 0).at("level"), "marked");
  EXPECT_EQ(sum(0, 0).at("valid"), true);
  EXPECT_EQ(sum(1, 0).at("sum"), 10);
  EXPECT_EQ(sum(1, 0).at("level"), "none");
  EXPECT_EQ(sum(1, 1).at("hours"), 6);
  EXPECT_EQ(sum(1, 1).at("sum"), 26);
  EXPECT_EQ(sum(0, 5).at("valid"), true) << "72 hours are there";
  EXPECT_EQ(world
                .get("/v1/rain?device=0000000000000001&from=2026-11-24T00:00:00Z&to=2026-11-24T01:00:00Z",
                     world.token_of("soest"))
                .items()
                .size(),
            0U);
}

TEST(Environment, RainEvents) {
  World world;
  world.two_towns();
  constexpr std::int64_t kQuarterUs = kTestHourUs / 4;
  for (int q = -24; q < 40; ++q)
    publish(world, rain_of("PT15M", kStartUs + q * kQuarterUs, kQuarterUs, q == 4 ? 250 : q == 6 ? 100 : 0));
  const std::string target = "/v1/rain-events?site=school&from=2026-11-24T00:00:00Z&to=2026-11-24T03:00:00Z";
  world.wait_until([&] {
    const auto items = world.get(target).items();
    if (items.size() != 1) return false;
    const auto& events = items.at(0).as_object().at("events").as_array();
    return !events.empty() && events[0].as_object().at("valid") == true;
  });
  const auto events = world.get(target).items().at(0).as_object().at("events").as_array();
  ASSERT_EQ(events.size(), 1U);
  const auto& event = events[0].as_object();
  EXPECT_EQ(event.at("start"), "2026-11-24T01:00:00.000000Z");
  EXPECT_EQ(event.at("end"), "2026-11-24T01:45:00.000000Z");
  EXPECT_EQ(event.at("sum"), 3.5);
  EXPECT_EQ(event.at("duration_h"), 0.75);
  EXPECT_EQ(event.at("rain_h"), 0.5);
  EXPECT_EQ(event.at("intensity"), 10);
  EXPECT_EQ(event.at("intensity_start"), "2026-11-24T01:00:00.000000Z");
  EXPECT_TRUE(world.get(target, world.token_of("soest")).items().empty());
}

TEST(Environment, WindByItsMeanVector) {
  World world;
  world.two_towns();
  for (int h = 0; h < 2; ++h) {
    const auto start = kStartUs + h * kTestHourUs;
    publish(world, result_of("wind_speed", "PT1H", start, kTestHourUs, 300, 500, 700));
    publish(world, hour_of("eastward_wind", start, h == 0 ? 300 : 10));
    publish(world, hour_of("northward_wind", start, h == 0 ? -400 : 10));
  }
  publish(world, result_of("wind_speed.gust", "PT1H", kStartUs, kTestHourUs, 400, 600, 1250));
  const std::string target = "/v1/wind?site=school&from=2026-11-24T00:00:00Z&to=2026-11-24T03:00:00Z";
  world.wait_until([&] {
    const auto items = world.get(target).items();
    if (items.size() != 1) return false;
    const auto& all = items.at(0).as_object().at("windows").as_array();
    return all.size() == 2 && !all[0].as_object().at("gust").is_null();
  });
  const auto item = world.get(target).items().at(0).as_object();
  EXPECT_EQ(item.at("window"), "PT1H");
  const auto& first = item.at("windows").as_array()[0].as_object();
  EXPECT_EQ(first.at("mean"), 5);
  EXPECT_EQ(first.at("direction"), 323.130102) << "it blows towards the south-east";
  EXPECT_EQ(first.at("vector_speed"), 5);
  EXPECT_EQ(first.at("steadiness"), 1);
  EXPECT_EQ(first.at("highest"), 7);
  EXPECT_EQ(first.at("gust"), 12.5);
  EXPECT_EQ(first.at("valid"), true);
  const auto& second = item.at("windows").as_array()[1].as_object();
  EXPECT_TRUE(second.at("direction").is_null()) << "from everywhere";
  EXPECT_TRUE(second.at("gust").is_null());
  EXPECT_TRUE(second.at("gust_time").is_null());
  EXPECT_TRUE(world.get(target, world.token_of("soest")).items().empty());
}

TEST(Environment, HeatIsland) {
  World world;
  world.two_towns();
  ASSERT_EQ(world.apply(R"([
    {"kind":"Site","name":"school","tenant":"menden","location":{"latitude":51.44,"longitude":7.79,"altitude_m":150}},
    {"kind":"Site","name":"meadow","tenant":"menden","location":{"latitude":51.4,"longitude":7.7,"altitude_m":250}},
    {"kind":"Device","dev_eui":"0000000000000003","join_eui":"0000000000000000","name":"M","tenant":"menden","site":"meadow","app_key":"00112233445566778899aabbccddeeff"}])"),
            "updated, created, created");
  // The local day of 25 November begins at 23 UTC; its night lasts from 21 to 05 UTC.
  publish(world, result_of("temperature", "P1D", kStartUs + 23 * kTestHourUs, kTestDayUs, 0, 0, 0));
  for (int h = 20; h < 30; ++h) {
    publish(world, hour_of("temperature", kStartUs + h * kTestHourUs, h == 20 || h == 29 ? 9000 : 500));
    auto reference = hour_of("temperature", kStartUs + h * kTestHourUs, 300);
    reference.set_dev_eui(3);
    publish(world, reference);
  }
  const std::string target =
      "/v1/heat-island?site=school&reference=meadow&from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z";
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return items.size() == 1 && items.at(0).as_object().at("hours") == 8;
  });
  const auto body = world.get(target).json();
  EXPECT_EQ(body.at("references").as_array()[0].as_object().at("height_difference"), -100);
  const auto& night = body.at("items").as_array()[0].as_object();
  EXPECT_EQ(night.at("date"), "2026-11-25");
  EXPECT_EQ(night.at("start"), "2026-11-24T21:00:00.000000Z");
  EXPECT_EQ(night.at("end"), "2026-11-25T05:00:00.000000Z");
  EXPECT_EQ(night.at("difference"), 1.35) << "2 K, of which 0.65 K are the height's";
  EXPECT_EQ(night.at("valid"), true);
}

TEST(Environment, APlaceOfTwoTenantsNeedsAName) {
  World world;
  world.two_towns();
  ASSERT_EQ(world.apply(R"([{"kind":"Site","name":"school","tenant":"soest"},
    {"kind":"Device","dev_eui":"0000000000000003","join_eui":"0000000000000000","name":"S","tenant":"soest","site":"school","app_key":"00112233445566778899aabbccddeeff"}])"),
            "created, created");
  publish(world, hour_of("pm10", kStartUs, 1000));
  auto other = hour_of("pm10", kStartUs, 1000);
  other.set_tenant("soest");
  other.set_dev_eui(3);
  publish(world, other);
  const std::string target = "/v1/air-quality?site=school&from=2026-11-24T00:00:00Z&to=2026-11-24T02:00:00Z";
  world.wait_until([&] { return world.get(target).status == 400; });
  EXPECT_EQ(world.get(target + "&tenant=soest").json().at("items").as_array().size(), 1U);
}

}  // namespace
}  // namespace lenne::api
