// Local days by the clock, holidays, opening hours.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/time.hpp"
#include "processing/derived/holidays.hpp"
#include "processing/derived/opening_hours.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

using namespace std::chrono;

LocalDay berlin_day(sys_days date, int start_offset_h, int length_h) {
  const auto start = base::to_us(base::Timestamp{date} - hours{start_offset_h});
  return {date, start, start + length_h * kTestHourUs};
}
const LocalDay kWinterDay = berlin_day(2026y / January / 20, 1, 24);
const LocalDay kSpringDay = berlin_day(2026y / March / 29, 1, 23);
const LocalDay kAutumnDay = berlin_day(2026y / October / 25, 2, 25);

std::int64_t utc(sys_days date, int hour) { return base::to_us(base::Timestamp{date} + hours{hour}); }

TEST(LocalDays, ClocksThatAreChanged) {
  EXPECT_EQ(clock_us(kWinterDay, 0), kWinterDay.start_us);
  EXPECT_EQ(clock_us(kWinterDay, 8 * 60), utc(2026y / January / 20, 7));
  EXPECT_EQ(clock_us(kWinterDay, 24 * 60), kWinterDay.end_us);
  EXPECT_EQ(clock_us(kSpringDay, 60), utc(2026y / March / 29, 0));
  EXPECT_EQ(clock_us(kSpringDay, 2 * 60 + 30), utc(2026y / March / 29, 1)) << "skipped: 3 o'clock";
  EXPECT_EQ(clock_us(kSpringDay, 3 * 60), utc(2026y / March / 29, 1));
  EXPECT_EQ(clock_us(kSpringDay, 6 * 60), utc(2026y / March / 29, 4));
  EXPECT_EQ(clock_us(kSpringDay, 24 * 60), kSpringDay.end_us);
  EXPECT_EQ(clock_us(kAutumnDay, 2 * 60), utc(2026y / October / 25, 0)) << "the first of two";
  EXPECT_EQ(clock_us(kAutumnDay, 3 * 60), utc(2026y / October / 25, 2));
  EXPECT_EQ(clock_us(kAutumnDay, 22 * 60), utc(2026y / October / 25, 21));
  EXPECT_EQ(clock_us(kAutumnDay, 24 * 60), kAutumnDay.end_us);
}

TEST(Holidays, EasterSundays) {
  EXPECT_EQ(easter(1961y), sys_days{1961y / April / 2});
  EXPECT_EQ(easter(2000y), sys_days{2000y / April / 23});
  EXPECT_EQ(easter(2024y), sys_days{2024y / March / 31});
  EXPECT_EQ(easter(2025y), sys_days{2025y / April / 20});
  EXPECT_EQ(easter(2026y), sys_days{2026y / April / 5});
  EXPECT_EQ(easter(2027y), sys_days{2027y / March / 28});
  EXPECT_EQ(easter(2038y), sys_days{2038y / April / 25}) << "as late as it can be";
  EXPECT_EQ(easter(2285y), sys_days{2285y / March / 22}) << "as early as it can be";
}

TEST(Holidays, ElevenAYear) {
  EXPECT_EQ(holiday(2026y / January / 1), "Neujahr");
  EXPECT_EQ(holiday(2026y / April / 3), "Karfreitag");
  EXPECT_EQ(holiday(2026y / April / 6), "Ostermontag");
  EXPECT_EQ(holiday(2026y / May / 14), "Christi Himmelfahrt");
  EXPECT_EQ(holiday(2026y / May / 25), "Pfingstmontag");
  EXPECT_EQ(holiday(2026y / June / 4), "Fronleichnam");
  EXPECT_EQ(holiday(2026y / November / 1), "Allerheiligen");
  EXPECT_EQ(holiday(2026y / October / 31), "");
  EXPECT_EQ(holiday(2026y / January / 6), "") << "no holiday in this state";
  for (auto year = 2020y; year < 2040y; ++year) {
    int count = 0;
    for (sys_days date = year / January / 1; date < sys_days{(year + years{1}) / January / 1}; date += days{1}) {
      if (!holiday(date).empty()) ++count;
    }
    // In 2008 Ascension Day was 1 May; in these years no two fall on one day.
    EXPECT_EQ(count, 11) << static_cast<int>(year);
  }
  EXPECT_TRUE(is_working_day(2026y / April / 7));
  EXPECT_FALSE(is_working_day(2026y / April / 6));
  EXPECT_FALSE(is_working_day(2026y / April / 11)) << "a Saturday";
}

RC_GTEST_PROP(HolidayLaws, EasterIsASundayOfSpring, ()) {
  const year of{*rc::gen::inRange(1583, 4000)};
  const auto sunday = easter(of);
  RC_ASSERT(weekday{sunday} == Sunday);
  RC_ASSERT(sunday >= sys_days{of / March / 22});
  RC_ASSERT(sunday <= sys_days{of / April / 25});
}

v1::Device with_parameter(v1::Device device, const std::string& name, std::int64_t value, int exponent = 0) {
  auto& parameter = *device.add_parameters();
  parameter.set_name(name);
  parameter.mutable_value()->set_value(value);
  parameter.mutable_value()->set_exponent(exponent);
  return device;
}

TEST(Opening, HoursOfDevices) {
  const auto usual = opening_hours_of({}).value();
  EXPECT_EQ(usual.from_minute, 480);
  EXPECT_EQ(usual.to_minute, 960);
  EXPECT_EQ(open_on(usual, kWinterDay)->from_us, utc(2026y / January / 20, 7));
  EXPECT_EQ(open_on(usual, kWinterDay)->to_us, utc(2026y / January / 20, 15));
  EXPECT_FALSE(open_on(usual, kSpringDay)) << "a Sunday";
  EXPECT_FALSE(open_on(usual, berlin_day(2026y / April / 6, 2, 24))) << "Easter Monday";
  auto device = with_parameter(with_parameter({}, "open_from", 75, -1), "open_to", 13);
  const auto early = opening_hours_of(device).value();
  EXPECT_EQ(early.from_minute, 450);
  EXPECT_EQ(early.to_minute, 780);
  device = with_parameter(with_parameter(device, "open_days", 7), "open_holidays", 1);
  EXPECT_TRUE(open_on(opening_hours_of(device).value(), kSpringDay));
  EXPECT_TRUE(open_on(opening_hours_of(device).value(), berlin_day(2026y / April / 6, 2, 24)));
  EXPECT_EQ(open_on(opening_hours_of(device).value(), kSpringDay)->from_us, utc(2026y / March / 29, 5) + 1'800'000'000);
}

TEST(Opening, WhatIsSaidBadly) {
  for (const auto& device :
       {with_parameter({}, "open_from", 25), with_parameter({}, "open_to", -1), with_parameter({}, "open_days", 4),
        with_parameter({}, "open_days", 55, -1), with_parameter({}, "open_holidays", 2),
        with_parameter({}, "open_to", 8), with_parameter({}, "open_from", INT64_MAX, 18)}) {
    const auto hours = opening_hours_of(device);
    ASSERT_FALSE(hours) << device.DebugString();
    EXPECT_EQ(hours.error().code, "bad_parameter");
    EXPECT_NE(hours.error().message.find(device.parameters(0).name()), std::string::npos) << hours.error().message;
  }
}

}  // namespace
}  // namespace lenne::processing::derived
