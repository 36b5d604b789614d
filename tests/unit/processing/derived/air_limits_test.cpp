// Limits of the air's quality by years, and humid hours of particles.
#include "processing/derived/air_limits.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "processing/derived/indicators.hpp"
#include "processing/derived/particle_humidity.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

using std::chrono::year;

constexpr std::int64_t kBegin2025 = 1'735'686'000'000'000;  // 2024-12-31T23:00:00Z
constexpr std::int64_t kAfter = kBegin2025 + 400 * kTestDayUs;

// `days` whole days of 24 hours of a mean each, from the beginning of 2025 on in CET.
std::vector<HourMean> days_of(std::initializer_list<std::pair<int, std::int64_t>> days) {
  std::vector<HourMean> hours;
  for (const auto& [count, micro] : days) {
    for (int h = 0; h < count * 24; ++h) hours.push_back({kBegin2025 + std::ssize(hours) * kHourUs, micro, true});
  }
  return hours;
}

AirCheck check(std::string_view pollutant, AirMean mean, const std::vector<HourMean>& hours,
               std::int64_t now_us = kAfter) {
  return check_year(*air_limit(pollutant, mean, year{2025}), hours, year{2025}, now_us);
}

TEST(AirLimits, AreThoseOfTheYear) {
  EXPECT_EQ(air_limit("pm10", AirMean::day, year{2026})->limit, 50);
  EXPECT_EQ(air_limit("pm10", AirMean::day, year{2026})->allowed, 35);
  EXPECT_EQ(air_limit("pm10", AirMean::day, year{2029})->limit, 50);
  EXPECT_EQ(air_limit("pm10", AirMean::day, year{2030})->limit, 45);
  EXPECT_EQ(air_limit("pm10", AirMean::day, year{2030})->allowed, 18);
  EXPECT_EQ(air_limit("pm10", AirMean::year, year{2026})->limit, 40);
  EXPECT_EQ(air_limit("pm2_5", AirMean::day, year{2026}), nullptr);
  EXPECT_EQ(air_limit("pm2_5", AirMean::day, year{2030})->limit, 25);
  EXPECT_EQ(air_limit("pm2_5", AirMean::year, year{2026})->limit, 25);
  EXPECT_EQ(air_limit("pm2_5", AirMean::year, year{2030})->limit, 10);
  EXPECT_EQ(air_limit("no2", AirMean::hour, year{2026})->limit, 200);
  EXPECT_EQ(air_limit("no2", AirMean::hour, year{2026})->allowed, 18);
  EXPECT_EQ(air_limit("no2", AirMean::year, year{2026})->limit, 40);
  EXPECT_EQ(air_limit("so2", AirMean::hour, year{2026})->limit, 350);
  EXPECT_EQ(air_limit("so2", AirMean::hour, year{2026})->allowed, 24);
  EXPECT_EQ(air_limit("so2", AirMean::day, year{2026})->limit, 125);
  EXPECT_EQ(air_limit("so2", AirMean::day, year{2026})->allowed, 3);
  EXPECT_EQ(air_limit("so2", AirMean::three_hours, year{2026})->limit, 500);
  EXPECT_EQ(air_limit("no2", AirMean::three_hours, year{2026})->limit, 400);
  EXPECT_EQ(air_limit("so2", AirMean::hour, year{2030}), nullptr);
}

TEST(AirLimits, OnlyOneOfAKindHoldsInAYear) {
  for (const auto& limit : air_limits()) {
    for (const int y : {1970, 2029, 2030, 2199}) {
      if (limit.from_year <= y && y < limit.until_year) {
        EXPECT_EQ(air_limit(limit.pollutant, limit.mean, year{y}), &limit) << limit.pollutant << " " << y;
      }
    }
  }
}

TEST(AirLimits, ThirtyFiveDaysMayExceedFifty) {
  const auto high = 50'500'000;  // rounds to 51
  const auto kept = check("pm10", AirMean::day, days_of({{35, high}, {330, 50'499'999}}));
  EXPECT_EQ(kept.exceeded.size(), 35U);
  EXPECT_EQ(kept.exceeded.front(), kBegin2025);
  EXPECT_TRUE(kept.kept);
  EXPECT_EQ(kept.counted, 365);
  EXPECT_EQ(kept.possible, 365);
  EXPECT_EQ(kept.valid, true);
  const auto beyond = check("pm10", AirMean::day, days_of({{36, high}, {329, 50 * kMicro}}));
  EXPECT_FALSE(beyond.kept);
  EXPECT_EQ(beyond.valid, true);
}

TEST(AirLimits, SulphurDioxideOfHoursAndDays) {
  auto hours = days_of({{365, 10 * kMicro}});
  for (std::size_t i = 0; i < 24; ++i) hours[i * 24].micro = 350'500'000;  // rounds to 351
  EXPECT_EQ(check("so2", AirMean::hour, hours).exceeded.size(), 24U);
  EXPECT_TRUE(check("so2", AirMean::hour, hours).kept);
  hours[5].micro = 350'499'999;
  EXPECT_TRUE(check("so2", AirMean::hour, hours).kept) << "350 is not above";
  hours[5].micro = 351 * kMicro;
  EXPECT_FALSE(check("so2", AirMean::hour, hours).kept);
  EXPECT_TRUE(check("so2", AirMean::day, days_of({{3, 126 * kMicro}, {362, 125 * kMicro}})).kept);
  EXPECT_FALSE(check("so2", AirMean::day, days_of({{4, 126 * kMicro}, {361, 10 * kMicro}})).kept);
}

TEST(AirLimits, AlertsAreOfThreeHoursInARow) {
  auto hours = days_of({{1, 10 * kMicro}});
  const auto exceeded = [&] { return check("so2", AirMean::three_hours, hours).exceeded; };
  hours[3].micro = hours[4].micro = 501 * kMicro;
  hours[5].micro = 500 * kMicro;
  hours[6].micro = 501 * kMicro;
  EXPECT_TRUE(exceeded().empty()) << "500 is not above, so two and one";
  EXPECT_EQ(check("so2", AirMean::three_hours, hours).valid, false) << "a day of a year";
  hours[5].micro = 501 * kMicro;
  EXPECT_EQ(exceeded(), std::vector{kBegin2025 + 3 * kHourUs}) << "four hours are one stretch";
  EXPECT_FALSE(check("so2", AirMean::three_hours, hours).kept);
  EXPECT_EQ(check("so2", AirMean::three_hours, hours).valid, true) << "no other hour could change it";
  hours[5].valid = false;
  EXPECT_TRUE(exceeded().empty()) << "what is missing ends a stretch";
  for (std::size_t i = 3; i < 6; ++i)
    hours[i] = {kBegin2025 + static_cast<std::int64_t>(i) * kHourUs, 401 * kMicro, true};
  EXPECT_TRUE(exceeded().empty());
  EXPECT_EQ(check("no2", AirMean::three_hours, hours).exceeded.size(), 1U);
}

TEST(AirLimits, OzonesTargetIsTheMeanOfThreeYears) {
  const auto& limit = *air_limit("o3", AirMean::highest_8h, year{2025});
  const auto of = [&](std::size_t exceeded, std::optional<bool> valid = true) {
    return AirCheck{.limit = &limit, .exceeded = std::vector<std::int64_t>(exceeded), .valid = valid};
  };
  const auto three = *ozone_over_years(std::vector{of(40), of(20), of(15)});
  EXPECT_EQ(three.years, 3);
  EXPECT_EQ(three.days, 75);
  EXPECT_EQ(three.mean_micro, 25 * kMicro);
  EXPECT_TRUE(three.kept) << "25 are allowed, though one year has 40";
  EXPECT_EQ(three.valid, true);
  const auto more = *ozone_over_years(std::vector{of(40), of(21), of(15)});
  EXPECT_FALSE(more.kept);
  EXPECT_EQ(more.mean_micro, 25'333'333);
  const auto two = *ozone_over_years(std::vector{of(40, false), of(26), of(25)});
  EXPECT_EQ(two.years, 2) << "a year with gaps says nothing";
  EXPECT_EQ(two.mean_micro, 25'500'000);
  EXPECT_FALSE(two.kept);
  EXPECT_EQ(ozone_over_years(std::vector{of(7), of(1, std::nullopt)})->valid, std::nullopt);
  EXPECT_FALSE(ozone_over_years(std::vector{of(40, false)}));
  EXPECT_FALSE(ozone_over_years({}));
}

TEST(AirLimits, TooManyDaysDecideHoweverFewAreKnown) {
  const auto early = check("pm10", AirMean::day, days_of({{36, 60 * kMicro}}));
  EXPECT_FALSE(early.kept);
  EXPECT_EQ(early.valid, true);
  EXPECT_EQ(early.counted, 36);
  EXPECT_EQ(early.possible, 365);
  EXPECT_EQ(check("pm10", AirMean::day, days_of({{35, 60 * kMicro}})).valid, false) << "a tenth of the year is known";
  const auto mean = check("pm10", AirMean::year, days_of({{36, 60 * kMicro}}));
  EXPECT_FALSE(mean.kept);
  EXPECT_EQ(mean.valid, false) << "other days could lower it";
}

TEST(AirLimits, ADayNeedsEighteenHours) {
  auto hours = days_of({{1, 60 * kMicro}});
  for (std::size_t i = 0; i < 6; ++i) hours[i].valid = false;
  EXPECT_EQ(check("pm10", AirMean::day, hours).counted, 1);
  hours[6].valid = false;
  EXPECT_EQ(check("pm10", AirMean::day, hours).counted, 0);
  EXPECT_TRUE(check("pm10", AirMean::day, hours).exceeded.empty());
}

TEST(AirLimits, ADayIsTheMeanOfItsHoursHoweverManySamplesTheyHave) {
  // 23 hours of one sample at 10, and one of 600 samples at 1,000: samples on average are above 900.
  std::vector<v1::Aggregate> results;
  for (int h = 0; h < 24; ++h)
    results.push_back(hour_of("pm10", kBegin2025 + h * kTestHourUs, h == 0 ? 100'000 : 1000));
  auto& chatty = *results.front().mutable_gauge();
  chatty.set_count(600);
  put(*chatty.mutable_sum(), base::Int128{600} * 100'000);
  const auto year_mean = check("pm10", AirMean::year, hours_of(results));
  EXPECT_EQ(year_mean.mean_micro, 51'250'000);
  EXPECT_EQ(check("pm10", AirMean::day, hours_of(results)).exceeded.size(), 1U) << "51.25 is 51";
}

TEST(AirLimits, DataCaptureIsNinePercentInTen) {
  // 8,760 hours of which 7,884 are 90 %.
  auto hours = days_of({{365, 10 * kMicro}});
  hours.resize(7884);
  EXPECT_EQ(check("no2", AirMean::hour, hours).valid, true);
  EXPECT_EQ(check("no2", AirMean::year, hours).valid, true);
  hours.pop_back();
  EXPECT_EQ(check("no2", AirMean::hour, hours).valid, false);
  EXPECT_EQ(check("no2", AirMean::year, hours).valid, false);
  EXPECT_TRUE(check("no2", AirMean::year, hours).kept);
  hours.front().valid = std::nullopt;
  hours.push_back({hours.back().start_us + kHourUs, 10 * kMicro, true});
  EXPECT_EQ(check("no2", AirMean::hour, hours).valid, std::nullopt);
}

TEST(AirLimits, TheYearIsThatOfUtcPlusOne) {
  const auto one_hour = [](std::int64_t start_us) { return std::vector<HourMean>{{start_us, 201 * kMicro, true}}; };
  EXPECT_EQ(check("no2", AirMean::hour, one_hour(kBegin2025)).exceeded.size(), 1U);
  EXPECT_EQ(check("no2", AirMean::hour, one_hour(kBegin2025 - kHourUs)).exceeded.size(), 0U);
  EXPECT_EQ(check("no2", AirMean::hour, one_hour(kBegin2025 + 8759 * kHourUs)).exceeded.size(), 1U);
  EXPECT_EQ(check("no2", AirMean::hour, one_hour(kBegin2025 + 8760 * kHourUs)).exceeded.size(), 0U);
  EXPECT_EQ(air_year_of(kBegin2025), year{2025});
  EXPECT_EQ(air_year_of(kBegin2025 - 1), year{2024});
}

TEST(AirLimits, OzoneNeedsFiveOfSixMonthsOfSummer) {
  // 90 days until the end of March, 183 of summer, 92 of winter.
  const auto all =
      check("o3", AirMean::highest_8h, days_of({{90, 60 * kMicro}, {26, 121 * kMicro}, {249, 60 * kMicro}}));
  EXPECT_EQ(all.possible, 365);
  EXPECT_EQ(all.counted, 365);
  EXPECT_EQ(all.exceeded.size(), 26U);
  EXPECT_EQ(all.exceeded.front(), kBegin2025 + 90 * kTestDayUs);
  EXPECT_FALSE(all.kept);
  EXPECT_EQ(all.valid, true);
  const auto good = check("o3", AirMean::highest_8h, days_of({{365, 120 * kMicro}}));
  EXPECT_TRUE(good.exceeded.empty()) << "120 is not above";
  EXPECT_EQ(good.valid, true);
  auto hours = days_of({{365, 60 * kMicro}});
  // A month of 30 days needs 27. April is the 91st day on, June the 152nd, December has no say.
  const auto without = [&](int first, int days, int from_december) {
    auto fewer = hours;
    fewer.erase(fewer.begin() + 334 * 24, fewer.begin() + (334 + from_december) * 24);
    fewer.erase(fewer.begin() + 151 * 24, fewer.begin() + (151 + days) * 24);
    fewer.erase(fewer.begin() + 90 * 24, fewer.begin() + (90 + first) * 24);
    return check("o3", AirMean::highest_8h, fewer).valid;
  };
  const auto in_winter = kBegin2025 + 10 * kTestDayUs;
  EXPECT_EQ(check("o3", AirMean::highest_8h, hours, in_winter).valid, true) << "summer has not begun";
  EXPECT_EQ(without(0, 0, 31), true);
  EXPECT_EQ(without(30, 3, 0), true) << "one month may be away";
  EXPECT_EQ(without(3, 4, 0), true);
  EXPECT_EQ(without(4, 4, 0), false);
}

TEST(AirLimits, AYearThatGoesOnIsJudgedByWhatIsOver) {
  const auto now = kBegin2025 + 2 * kTestDayUs + kTestHourUs / 2;
  const auto day = check("pm10", AirMean::day, days_of({{3, 10 * kMicro}}), now);
  EXPECT_EQ(day.possible, 2);
  EXPECT_EQ(day.counted, 2);
  EXPECT_EQ(day.valid, true);
  EXPECT_EQ(check("pm10", AirMean::year, days_of({{3, 10 * kMicro}}), now).counted, 48);
  const auto before = check("pm10", AirMean::day, {}, kBegin2025 - 1);
  EXPECT_EQ(before.possible, 0);
  EXPECT_EQ(before.valid, false);
}

TEST(AirLimits, HourIndicatorAndTableAgree) {
  const auto limited = [](const std::string& measure, std::int64_t mean) {
    for (const auto& indicator : indicators_of(hour_of(measure, kBegin2025, mean))) {
      if (indicator.spec->name == "hour_limit_exceeded") return std::optional(indicator.micro);
    }
    return std::optional<std::int64_t>();
  };
  EXPECT_EQ(limited("no2", 20'050), kMicro);
  EXPECT_EQ(limited("no2.2", 20'049), 0);
  EXPECT_EQ(limited("pm10", 20'050), std::nullopt);
  EXPECT_EQ(limited("so2", 35'050), kMicro);
  EXPECT_EQ(limited("so2", 35'049), 0);
}

TEST(ParticleHumidity, IsAboveEightyFivePercent) {
  const auto hours =
      humid_hours(std::vector{hour_of("relative_humidity", kHourUs, 8501), hour_of("relative_humidity", 0, 8500),
                              hour_of("relative_humidity", 2 * kHourUs, 9000, 749)});
  EXPECT_EQ(hours, (std::vector<HumidHour>{{0, false}, {kHourUs, true}})) << "42 minutes say nothing";
  const auto two =
      humid_hours(std::vector{hour_of("relative_humidity", 0, 9000), hour_of("relative_humidity", 0, 5000)});
  EXPECT_EQ(two, (std::vector<HumidHour>{{0, true}}));
  EXPECT_TRUE(is_particles("pm2_5"));
  EXPECT_FALSE(is_particles("no2"));
}

TEST(ParticleHumidity, TheShareIsOfHoursThatCount) {
  const std::vector<HourMean> hours{{0, 1, true}, {kHourUs, 1, true}, {2 * kHourUs, 1, false}, {3 * kHourUs, 1, true}};
  const std::vector<HumidHour> humidity{{-kHourUs, true}, {0, true}, {kHourUs, false}, {2 * kHourUs, true}};
  const auto share = humid_share(hours, humidity);
  EXPECT_EQ(share.humid, 1);
  EXPECT_EQ(share.known, 2);
  EXPECT_EQ(humid_share(hours, {}).known, 0);
}

}  // namespace
}  // namespace lenne::processing::derived
