// The balance of a zone, a month of one meter, and registers by their OBIS codes.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/int128.hpp"
#include "lenne/v1/rollup.pb.h"
#include "processing/meters/slice.hpp"
#include "tests/unit/api/waterworks.hpp"

namespace lenne::api {
namespace {

using processing::meters::kDayUs;
using processing::meters::kHourUs;

TEST(MeterApi, BalanceOfAZone) {
  Waterworks world;
  const auto day = kOctober25;
  world.put(counted(1, "P1D", day, 25 * kHourUs, 10'000'000));
  world.put(counted(2, "P1D", day, 25 * kHourUs, 4'000'000));
  world.put(counted(3, "P1D", day, 25 * kHourUs, 3'500'000));
  for (std::int64_t i = 0; i < 100; ++i)
    world.put(counted(1, "PT15M", day + i * kHourUs / 4, kHourUs / 4, i >= 12 && i < 16 ? 10'000 : 100'000));
  const std::string days = "from=2026-10-24T00:00:00Z&to=2026-10-26T00:00:00Z";
  world.wait_for("/v1/agg?measure=8-0:1.0.0&res=1d&" + days, 3);
  world.wait_for("/v1/agg?measure=water_volume&device=0000000000000001&res=15m&" + days, 100);
  EXPECT_EQ(world.get("/v1/series?measure=8-0:1.0.0").items().size(), 3U);
  const auto reply = world.get("/v1/meter/balance?zone=zone-1&inflow=0000000000000001&network_m=1000&" + days);
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const auto item = reply.json().at("items").as_array().at(0).as_object();
  EXPECT_EQ(item.at("difference"), 2.5);
  EXPECT_EQ(item.at("consumption").as_object().at("meters"), 2);
  EXPECT_EQ(item.at("loss"), "medium") << "2.5 m3 of 1 km and 25 h are 0.1 m3/(km h)";
  EXPECT_EQ(item.at("night_flow"), 0.04);
  EXPECT_EQ(item.at("night_clock_change"), true);
  EXPECT_FALSE(item.contains("net_night_flow"));
  const auto less = world.get("/v1/meter/balance?zone=zone-1&inflow=0000000000000001&night_use=0.003&" + days).items();
  ASSERT_EQ(less.size(), 1U);
  EXPECT_EQ(less[0].as_object().at("net_night_flow"), 0.034) << "40 l less 3 l of each of two houses";

  // One that is silent is named, and there is no difference then.
  auto silent = counted(3, "P1D", day, 25 * kHourUs, 3'500'000);
  silent.set_covered_us(0);
  silent.set_revision(1);
  world.put(silent);
  world.wait_until([&] {
    const auto items = world.get("/v1/meter/balance?zone=zone-1&inflow=0000000000000001&" + days).items();
    return items.size() == 1 && items[0].as_object().at("difference").is_null();
  });
  const auto again =
      world.get("/v1/meter/balance?devices=0000000000000002,0000000000000003&inflow=0000000000000001&" + days)
          .items()
          .at(0)
          .as_object();
  EXPECT_EQ(again.at("consumption").as_object().at("not_reporting").as_array().at(0), "0000000000000003");
  EXPECT_TRUE(again.at("loss").is_null());
}

TEST(MeterApi, AMonthOfAMeter) {
  Waterworks world;
  const std::int64_t september30 = kOctober25 - 25 * kDayUs;  // the local day before October
  for (std::int64_t i = 0; i < 26; ++i) {
    const auto length = i == 25 ? 25 * kHourUs : kDayUs;
    world.put(counted(2, "P1D", september30 + i * kDayUs, length, 1'000'000 * (i + 1)));
  }
  for (std::int64_t i = 0; i < 48; ++i)  // the days of 1 and 2 October: the first has an hour at rest
    world.put(counted(2, "PT1H", september30 + kDayUs + i * kHourUs, kHourUs, i == 3 ? 0 : 50'000));
  world.wait_for("/v1/agg?measure=water_volume&res=1d&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z", 26);
  world.wait_for("/v1/agg?measure=water_volume&res=1h&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z", 48);
  const auto reply = world.get("/v1/meter/report?device=0000000000000002&year=2026&month=10&burst_limit=0.04");
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const auto report = reply.json();
  EXPECT_EQ(report.at("month"), "2026-10");
  EXPECT_TRUE(report.at("heat").is_null());
  const auto meter = report.at("registers").as_array().at(0).as_object();
  EXPECT_EQ(meter.at("obis"), "8-0:1.0.0");
  EXPECT_EQ(meter.at("amount"), 350) << "2 + … + 26 m3: without the last of September";
  EXPECT_EQ(meter.at("quality"), "M");
  EXPECT_EQ(meter.at("days_missing"), 6);
  EXPECT_EQ(meter.at("first").as_object().at("value"), 5);
  const auto days = meter.at("days").as_array();
  ASSERT_EQ(days.size(), 25U);
  EXPECT_EQ(days[0].as_object().at("date"), "2026-10-01");
  EXPECT_EQ(days[24].as_object().at("date"), "2026-10-25");
  EXPECT_EQ(days[0].as_object().at("quality"), "W");
  EXPECT_EQ(days[0].as_object().at("leak"), "no");
  EXPECT_EQ(days[1].as_object().at("leak"), "yes");
  EXPECT_EQ(days[1].as_object().at("burst"), "yes");
  EXPECT_EQ(days[2].as_object().at("leak"), "unknown");
  const auto csv = world.get("/v1/meter/report?device=0000000000000002&year=2026&month=10&format=csv").body;
  EXPECT_TRUE(
      csv.starts_with("dev_eui,device,measure,obis,unit,date,start,end,amount,estimated,quality,substitute,leak,burst,"
                      "dry,reverse,unusual_flow\r\n"
                      "0000000000000002,House "
                      "2,water_volume,8-0:1.0.0,m3,2026-10-01,2026-09-30T22:00:00.000000Z,2026-10-01T22:00:00.000000Z,"
                      "2,0,W,,no,unknown,no,no,unknown\r\n"))
      << csv;
  EXPECT_EQ(std::ranges::count(csv, '\n'), 26);
}

TEST(MeterApi, ProgramsInGermanReadTheReport) {
  Waterworks world;
  world.put(counted(2, "P1D", kOctober25, 25 * kHourUs, 1'234'500));
  world.wait_for("/v1/agg?measure=water_volume&res=1d&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z", 1);
  const std::string path = "/v1/meter/report?device=0000000000000002&year=2026&month=10";
  const auto csv = world.get(path + "&format=csv-de").body;
  EXPECT_EQ(csv,
            "\xef\xbb\xbf"
            "dev_eui;device;measure;obis;unit;date;start;end;amount;estimated;quality;substitute;leak;burst;dry;"
            "reverse;unusual_flow\r\n"
            "0000000000000002;House 2;water_volume;8-0:1.0.0;m3;2026-10-25;2026-10-25T00:00:00+02:00;"
            "2026-10-26T00:00:00+01:00;1,2345;0;W;;unknown;unknown;unknown;unknown;unknown\r\n");
  EXPECT_EQ(world.get(path + "&format=csv_de").status, 400U);
}

TEST(MeterApi, ASlowLeakShowsOverWeeks) {
  Waterworks world;
  // Three weeks at rest by night, then an hour never has less than 40 l.
  for (std::int64_t day = 0; day < 25; ++day) {
    const auto start = kOctober25 - (25 - day) * kDayUs;
    world.put(counted(2, "P1D", start, kDayUs, 1'000'000));
    for (std::int64_t i = 0; i < 24; ++i)
      world.put(counted(2, "PT1H", start + i * kHourUs, kHourUs, (i == 3 ? 0 : 50'000) + (day >= 21 ? 40'000 : 0)));
  }
  world.wait_for("/v1/agg?measure=water_volume&res=1h&limit=1000&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z",
                 600);
  world.wait_for("/v1/agg?measure=water_volume&res=1d&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z", 25);
  const std::string path = "/v1/meter/report?device=0000000000000002&year=2026&month=10";
  const auto found = [&](const std::string& more) {
    return world.get(path + more).json().at("registers").as_array().at(0).as_object().at("slow_leak");
  };
  EXPECT_EQ(world.get(path).json().at("tamper"), "unknown");
  EXPECT_EQ(found("&leak_limit=0.01"), "yes");
  EXPECT_EQ(found("&leak_limit=0.05"), "no");
  EXPECT_EQ(found(""), "unknown");
}

TEST(MeterApi, HowWellASubstationCools) {
  Waterworks world;
  const auto day = kOctober25 - kDayUs;
  world.put(counted(3, "P1D", day, kDayUs, 50'000'000));
  auto heat = counted(3, "P1D", day, kDayUs, 1'163'000);
  heat.set_measure("heat_energy");
  heat.set_unit("kWh");
  heat.set_exponent(-3);
  world.put(heat);
  for (const std::int64_t hour : {0, 1}) {
    world.put(counted(3, "PT1H", day + hour * kHourUs, kHourUs, hour == 0 ? 3'000'000 : 1'000'000));
    auto warm = counted(3, "PT1H", day + hour * kHourUs, kHourUs, 0);
    warm.set_measure("temperature.return");
    warm.set_unit("Cel");
    warm.set_kind(v1::KIND_GAUGE);
    warm.mutable_gauge()->set_count(2);
    warm.mutable_gauge()->mutable_sum()->set_low(hour == 0 ? 80'000'000 : 120'000'000);
    world.put(warm);
  }
  const std::string times = "&from=2026-10-23T00:00:00Z&to=2026-10-26T00:00:00Z";
  world.wait_for("/v1/agg?measure=6-0:1.0.0&res=1d" + times, 1);
  world.wait_for("/v1/agg?measure=temperature.return&res=1h" + times, 2);
  const auto reply =
      world.get("/v1/meter/report?device=0000000000000003&year=2026&month=10&degree_days=100&nominal_power=11.63");
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const auto report = reply.json();
  const auto cools = report.at("heat").as_object();
  EXPECT_EQ(cools.at("temperature_difference"), 20);
  EXPECT_EQ(cools.at("return_temperature"), 45);
  EXPECT_EQ(cools.at("per_degree_day"), 11.63);
  EXPECT_EQ(cools.at("full_load_hours"), 100);
  EXPECT_NEAR(cools.at("specific_volume").as_double(), 42.992261, 1e-9);
}

/// A result between two readings that are too far apart: `ml` are spread evenly. A reading lies at its start, or none.
v1::Aggregate estimated(const std::string& window, std::int64_t start_us, std::int64_t length_us, std::int64_t ml,
                        bool read) {
  auto row = counted(2, window, start_us, length_us, ml);
  auto& counter = *row.mutable_counter();
  row.set_covered_us(0);
  counter.set_estimated_us(length_us);
  *counter.mutable_estimated() = counter.amount();
  if (!read) {
    counter.set_count(0);
    counter.clear_first();
    counter.clear_last();
  }
  return row;
}

/// Two weeks of hours before 25 October: 10 l, from 6 to 7 o'clock 110 l. From the 20th, a Tuesday, until noon of the
/// 21st nothing is read: 720 l.
void put_two_weeks(Waterworks& world) {
  for (std::int64_t day = 0; day < 14; ++day) {
    const auto start = kOctober25 - (14 - day) * kDayUs;
    const auto gap_hours = day == 9 ? 24 : day == 10 ? 12 : 0;
    auto whole = gap_hours > 0 ? estimated("P1D", start, kDayUs, gap_hours * 20'000, day == 9)
                               : counted(2, "P1D", start, kDayUs, 340'000);
    if (day == 10) {  // in the afternoon 120 l are measured
      whole.mutable_counter()->mutable_amount()->set_low(360'000);
      whole.mutable_counter()->set_estimated_us(kDayUs / 2);
      whole.set_covered_us(kDayUs / 2);
    }
    world.put(whole);
    for (std::int64_t i = 0; i < 24; ++i) {
      const auto at = start + i * kHourUs;
      world.put(i < gap_hours ? estimated("PT1H", at, kHourUs, 20'000, day == 9 && i == 0)
                              : counted(2, "PT1H", at, kHourUs, i == 6 ? 110'000 : 10'000));
    }
  }
  const std::string times = "&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z";
  world.wait_for("/v1/agg?measure=water_volume&res=1h&limit=1000" + times, 336);
  world.wait_for("/v1/agg?measure=water_volume&res=1d" + times, 14);
}

TEST(MeterApi, GapsHaveTheShapeOfComparableDays) {
  Waterworks world;
  put_two_weeks(world);
  const std::string month = "device=0000000000000002&year=2026&month=10";
  const auto meter = world.get("/v1/meter/report?" + month).json().at("registers").as_array().at(0).as_object();
  EXPECT_EQ(meter.at("amount"), 4.92) << "12 days of 340 l, 480 l and 360 l: as they were";
  EXPECT_EQ(meter.at("estimated"), 0.72);
  const auto days = meter.at("days").as_array();
  EXPECT_TRUE(days[8].as_object().at("substitute").is_null());
  EXPECT_EQ(days[9].as_object().at("substitute"), "comparable_days");
  EXPECT_EQ(days[9].as_object().at("quality"), "E");
  // Of 720 l the first day has 340 parts of 560, and the other one 220; evenly it would be 480 l and 240 l.
  EXPECT_EQ(days[9].as_object().at("amount"), 0.437142);
  EXPECT_EQ(days[10].as_object().at("amount"), 0.402858) << "with 120 l that are measured";
  EXPECT_EQ(days[10].as_object().at("estimated"), 0.282858);
  const auto reply = world.get("/v1/meter/profile?" + month);
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const auto profile = reply.json();
  EXPECT_EQ(profile.at("month"), "2026-10");
  const auto hours = profile.at("registers").as_array().at(0).as_object().at("hours").as_array();
  ASSERT_EQ(hours.size(), 336U);
  const auto hour = [&](std::size_t day, std::size_t clock) { return hours[day * 24 + clock].as_object(); };
  EXPECT_EQ(hour(9, 6).at("substitute"), "comparable_days");
  EXPECT_NEAR(hour(9, 6).at("amount").as_double(), 0.72 * 110 / 560, 1e-6);
  EXPECT_NEAR(hour(10, 11).at("amount").as_double(), 0.72 * 10 / 560, 1e-6);
  EXPECT_EQ(hour(10, 12).at("amount"), 0.01);
  EXPECT_EQ(hour(9, 6).at("amount"), hour(9, 6).at("estimated"));
  EXPECT_TRUE(hour(8, 6).at("substitute").is_null());
  EXPECT_EQ(hour(8, 6).at("amount"), 0.11);
  EXPECT_EQ(hour(8, 6).at("coverage"), 1);
}

TEST(MeterApi, AGapFromTheMonthBeforeHasDaysOfFourWeeksBeforeIt) {
  Waterworks world;
  const auto gap = kOctober25 - 25 * kDayUs;  // 30 September, a Wednesday, and the day after
  const auto put_day = [&](std::int64_t start, bool read, bool first = false) {
    world.put(read ? counted(2, "P1D", start, kDayUs, 24'000) : estimated("P1D", start, kDayUs, 24'000, first));
    for (std::int64_t i = 0; i < 24; ++i) {
      const auto at = start + i * kHourUs;
      world.put(read ? counted(2, "PT1H", at, kHourUs, i == 8 ? 24'000 : 0)
                     : estimated("PT1H", at, kHourUs, 1'000, first && i == 0));
    }
  };
  put_day(gap - 28 * kDayUs, true);
  put_day(gap, false, true);
  put_day(gap + kDayUs, false);
  put_day(gap + 2 * kDayUs, true);
  world.wait_for("/v1/agg?measure=water_volume&res=1h&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z", 96);
  world.wait_for("/v1/agg?measure=water_volume&res=1d&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z", 4);
  const auto profile = world.get("/v1/meter/profile?device=0000000000000002&year=2026&month=10").json();
  const auto hours = profile.at("registers").as_array().at(0).as_object().at("hours").as_array();
  ASSERT_EQ(hours.size(), 48U);
  EXPECT_EQ(hours[8].as_object().at("amount"), 0.024);
  EXPECT_EQ(hours[7].as_object().at("amount"), 0);
  EXPECT_EQ(hours[7].as_object().at("substitute"), "comparable_days");
}

/// What the sites of menden use in [start, start + length), all together.
void put_tenant(Waterworks& world, const std::string& window, std::int64_t start_us, std::int64_t length_us,
                std::uint64_t ml, std::uint32_t sites) {
  v1::Rollup rollup;
  rollup.set_level(v1::ROLLUP_LEVEL_TENANT);
  rollup.set_tenant("menden");
  rollup.set_measure("water_volume");
  rollup.set_unit("m3");
  rollup.set_kind(v1::KIND_COUNTER);
  rollup.set_exponent(-6);
  rollup.set_start_us(start_us);
  rollup.set_end_us(start_us + length_us);
  rollup.set_window(window);
  rollup.set_revision(sites);
  rollup.set_members_used(sites);
  rollup.set_members_total(sites);
  rollup.mutable_members()->set_count(sites);
  rollup.mutable_members()->mutable_sum()->set_low(ml);
  world.append(storage::Topic::rollup, "menden", window + "/" + std::to_string(start_us), rollup.SerializeAsString());
}

TEST(MeterApi, AGapOfANewMeterHasTheShapeOfAllTheTenantsMeters) {
  Waterworks world;
  const auto gap = kOctober25 - 5 * kDayUs;  // Tuesday, 20 October
  world.put(estimated("P1D", gap, kDayUs, 24'000, true));
  for (std::int64_t i = 0; i < 24; ++i) world.put(estimated("PT1H", gap + i * kHourUs, kHourUs, 1'000, i == 0));
  const auto put_monday = [&](std::uint32_t sites) {
    put_tenant(world, "P1D", gap - kDayUs, kDayUs, 4'000'000, sites);
    for (std::int64_t i = 0; i < 24; ++i)
      put_tenant(world, "PT1H", gap - kDayUs + i * kHourUs, kHourUs,
                 i == 8   ? 3'000'000
                 : i == 9 ? 1'000'000
                          : 0,
                 sites);
  };
  const auto hour = [&](std::size_t clock) {
    const auto profile = world.get("/v1/meter/profile?device=0000000000000002&year=2026&month=10").json();
    const auto registers = profile.at("registers").as_array();
    if (registers.empty()) return boost::json::object{};
    const auto hours = registers.at(0).as_object().at("hours").as_array();
    return hours.size() == 24 ? hours.at(clock).as_object() : boost::json::object{};
  };
  const std::string sums =
      "/v1/agg?group=tenant&measure=water_volume&res=1h&from=2026-10-18T00:00:00Z&to=2026-10-21T00:00:00Z";
  put_monday(4);
  world.wait_for(sums, 24);
  world.wait_until([&] { return hour(8).contains("substitute"); });
  EXPECT_EQ(hour(8).at("substitute"), "even") << "what four sites use is no standard";
  put_monday(5);
  world.wait_until([&] { return hour(8).at("substitute") == "standard_profile"; });
  world.wait_until([&] { return hour(9).at("amount") == 0.006; });
  EXPECT_EQ(hour(8).at("amount"), 0.018) << "three quarters of 24 l";
  EXPECT_EQ(hour(7).at("amount"), 0);
  EXPECT_EQ(hour(8).at("quality"), "E");
  EXPECT_EQ(hour(8).at("mscons_status"), "67");
}

TEST(MeterApi, ProgramsInGermanReadTheLoadProfile) {
  Waterworks world;
  world.put(counted(2, "P1D", kOctober25, 25 * kHourUs, 25'000));
  for (std::int64_t i = 0; i < 25; ++i) world.put(counted(2, "PT1H", kOctober25 + i * kHourUs, kHourUs, 1'500));
  const std::string times = "&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z";
  world.wait_for("/v1/agg?measure=water_volume&res=1d" + times, 1);
  world.wait_for("/v1/agg?measure=water_volume&res=1h" + times, 25);
  const std::string path = "/v1/meter/profile?device=0000000000000002&year=2026&month=10";
  const auto csv = world.get(path + "&format=csv-de").body;
  EXPECT_TRUE(
      csv.starts_with("\xef\xbb\xbf"
                      "dev_eui;device;measure;obis;unit;start;end;amount;estimated;quality;substitute;"
                      "mscons_status;interpolated;coverage;final\r\n"
                      "0000000000000002;House 2;water_volume;8-0:1.0.0;m3;2026-10-25T00:00:00+02:00;"
                      "2026-10-25T01:00:00+02:00;0,0015;0;W;;220;0;1;true\r\n"))
      << csv;
  EXPECT_EQ(std::ranges::count(csv, '\n'), 26);
  EXPECT_TRUE(csv.contains("2026-10-25T02:00:00+02:00;2026-10-25T02:00:00+01:00;")) << csv;
  EXPECT_TRUE(csv.contains("2026-10-25T02:00:00+01:00;2026-10-25T03:00:00+01:00;"));
  EXPECT_TRUE(csv.contains("2026-10-25T23:00:00+01:00;2026-10-26T00:00:00+01:00;"));
  EXPECT_TRUE(
      world.get(path + "&format=csv")
          .body.contains(",2026-10-25T00:00:00.000000Z,2026-10-25T01:00:00.000000Z,0.0015,0,W,,220,0,1,true\r\n"));
  EXPECT_EQ(world.get(path + "&format=xml").status, 400U);
  EXPECT_EQ(world.get(path + "&burst_limit=1").status, 400U);
}

TEST(MeterApi, AMonthReadsNoMoreThanItNeeds) {
  HttpSettings settings;
  settings.limits.rows = 700;
  Waterworks world(settings);
  // Five weeks of hours before November are more than an answer may need; a week of them is not.
  const auto november = kOctober25 + 25 * kHourUs + 6 * kDayUs;
  const auto put_day = [&](std::int64_t start) {
    for (std::int64_t i = 0; i < 24; ++i) world.put(counted(2, "PT1H", start + i * kHourUs, kHourUs, 0));
    world.put(counted(2, "P1D", start, kDayUs, 0));
  };
  for (std::int64_t day = 1; day <= 31; ++day) put_day(november - day * kDayUs);
  put_day(november);
  const std::string times = "&from=2026-09-01T00:00:00Z&to=2026-12-01T00:00:00Z";
  world.wait_for("/v1/agg?measure=water_volume&res=1d" + times, 32);
  world.wait_for("/v1/agg?measure=water_volume&res=1h&from=2026-10-31T23:00:00Z&to=2026-11-02T00:00:00Z", 24);
  const std::string path = "/v1/meter/report?device=0000000000000002&year=2026&month=11";
  const auto reply = world.get(path);
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const auto day = reply.json().at("registers").as_array().at(0).as_object().at("days").as_array().at(0).as_object();
  EXPECT_EQ(day.at("leak"), "no");
  EXPECT_EQ(day.at("dry"), "yes") << "the week before the month is read";
  EXPECT_EQ(world.get(path + "&leak_limit=0.01").status, 429U) << "slow leaks take four weeks before it";
}

TEST(MeterApi, WhatAConnectionIsForSaysByWhichRules) {
  Waterworks world;
  put_two_weeks(world);
  const auto day = [&](std::size_t of) {
    return world.get("/v1/meter/report?device=0000000000000002&year=2026&month=10&burst_limit=0.05")
        .json()
        .at("registers")
        .as_array()
        .at(0)
        .as_object()
        .at("days")
        .as_array()
        .at(of)
        .as_object();
  };
  EXPECT_EQ(day(8).at("leak"), "yes");
  EXPECT_EQ(day(8).at("burst"), "yes");
  EXPECT_EQ(day(8).at("dry"), "no");
  const auto is_for = [&](const std::string& purpose) {
    return world.apply(
        R"([{"kind":"Device","dev_eui":"0000000000000002","join_eui":"0000000000000000","name":"House 2","tenant":"menden","site":"zone-1","app_key":"00112233445566778899aabbccddeeff","meter_purpose":")" +
        purpose + "\"}]");
  };
  ASSERT_EQ(is_for("standpipe"), "updated");
  world.wait_until([&] { return day(8).at("burst") == "not_judged"; });
  EXPECT_EQ(day(8).at("leak"), "yes");
  EXPECT_EQ(day(8).at("dry"), "not_judged");
  ASSERT_EQ(is_for("irrigation"), "updated");
  world.wait_until([&] { return day(8).at("burst") == "no"; });
  EXPECT_TRUE(world.get("/v1/objects/device/0000000000000002").body.contains("\"meter_purpose\":\"irrigation\""));
  ASSERT_EQ(is_for("household"), "updated");
  world.wait_until([&] { return day(8).at("burst") == "yes"; });
}

TEST(MeterApi, WhatMakesNoSenseIsRefused) {
  Waterworks world;
  for (const auto* target :
       {"/v1/meter/balance", "/v1/meter/balance?zone=zone-1", "/v1/meter/balance?inflow=0000000000000001",
        "/v1/meter/balance?zone=zone-1&inflow=xy",
        "/v1/meter/balance?zone=z&devices=0000000000000002&inflow=0000000000000001",
        "/v1/meter/balance?zone=zone-1&inflow=0000000000000001&structure=village",
        "/v1/meter/balance?zone=zone-1&inflow=0000000000000001&night_use=-1",
        "/v1/meter/balance?zone=zone-1&inflow=0000000000000001&measure=1-0:99.0.0", "/v1/meter/report",
        "/v1/meter/report?device=0000000000000002&year=2026",
        "/v1/meter/report?device=0000000000000002&year=2026&month=13",
        "/v1/meter/report?device=0000000000000002&year=2026&month=1&degree_days=-1", "/v1/agg?measure=1-0:1.8"})
    EXPECT_EQ(world.get(target).status, 400U) << target;
  EXPECT_EQ(world.get("/v1/meter/report?device=00000000000000ff&year=2026&month=1").status, 404U);
  EXPECT_EQ(world.get("/v1/meter/balance?zone=zone-1&inflow=0000000000000001").items().size(), 0U);
  // Another tenant sees nothing of it.
  ASSERT_EQ(world.apply(R"([{"kind":"Tenant","name":"soest"}])"), "created");
  world.put(counted(2, "P1D", kOctober25, 25 * kHourUs, 1));
  world.wait_for("/v1/agg?measure=water_volume&res=1d&from=2026-10-24T00:00:00Z&to=2026-10-26T00:00:00Z", 1);
  const auto soest = world.token_of("soest");
  EXPECT_EQ(world.get("/v1/meter/report?device=0000000000000002&year=2026&month=10", soest).status, 404U);
  EXPECT_TRUE(world
                  .get("/v1/meter/"
                       "balance?devices=0000000000000002&inflow=0000000000000001&from=2026-10-24T00:00:00Z&to=2026-10-"
                       "26T00:00:00Z",
                       soest)
                  .items()
                  .empty());
}

}  // namespace
}  // namespace lenne::api
