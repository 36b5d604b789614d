// A gateway's timeline across the wrap of its counter, and its duty cycle over a rolling hour.

#include "ingest/gateway_timeline.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace lenne::ingest {
namespace {

using namespace std::chrono_literals;
using rc::gen::inRange;

const network::lorawan::SubBand& band() {
  static const auto* const found = sub_band_of(network::lorawan::all_regions(), 869'525'000, 125'000);
  return *found;
}
constexpr base::Timestamp kStart = base::from_us(1'790'000'000'000'000);

struct Sent {
  std::int64_t start;  // unwrapped
  std::int64_t airtime;
};

RC_GTEST_PROP(GatewayTimelineProperty, NoTwoEmissionsOverlapWhereverTheCounterWraps, ()) {
  GatewayTimeline timeline;
  const auto origin = *rc::gen::element<std::uint32_t>(0, 0x7ffffff0, 0x80000000, 0xfffffff0, 0xffff0000);
  std::vector<Sent> taken;
  for (int i = 0; i < 40; ++i) {
    const Sent one{*inRange<std::int64_t>(-3'000'000, 3'000'000), *inRange<std::int64_t>(1'000, 400'000)};
    const bool overlaps = std::any_of(taken.begin(), taken.end(), [&](const Sent& other) {
      return one.start < other.start + other.airtime + kEmissionGuard.count() &&
             other.start < one.start + one.airtime + kEmissionGuard.count();
    });
    const auto tmst = static_cast<std::uint32_t>(origin + static_cast<std::uint64_t>(one.start));
    const auto reserved = timeline.reserve({tmst, base::Duration{one.airtime}, &band()}, kStart);
    RC_ASSERT(reserved.has_value() == !overlaps);
    if (reserved) {
      if (*inRange(0, 5) == 0) {
        timeline.release(*reserved);  // refused by the gateway: its place is free again
      } else {
        taken.push_back(one);
      }
    } else {
      RC_ASSERT(reserved.error() == Conflict::collision);
    }
  }
}

RC_GTEST_PROP(GatewayTimelineProperty, NoHourHoldsMoreThanTheDutyCycle, ()) {
  GatewayTimeline timeline;
  std::vector<std::pair<base::Timestamp, std::int64_t>> sent;
  auto now = kStart;
  for (int i = 0; i < 300; ++i) {
    now += base::Duration{*inRange<std::int64_t>(0, 120'000'000)};
    const base::Duration airtime{*inRange<std::int64_t>(100'000, 3'000'000)};
    if (timeline.reserve({std::nullopt, airtime, &band()}, now)) sent.emplace_back(now, airtime.count());
    std::int64_t used = 0;
    for (const auto& [at, us] : sent) used += at > now - 1h ? us : 0;
    RC_ASSERT(used <= static_cast<std::int64_t>(band().airtime_us_per_hour()));
  }
  RC_ASSERT(!sent.empty());
}

RC_GTEST_PROP(GatewayTimelineProperty, TheLedgerComesBackFromItsBytes, ()) {
  AirtimeLedger ledger;
  for (int i = 0; i < 30; ++i) {
    ledger.add(*rc::gen::element<std::uint32_t>(868'000'000, 869'400'000),
               base::Duration{*inRange<std::int64_t>(1, 1'000'000)}, kStart + std::chrono::minutes{*inRange(0, 100)});
  }
  AirtimeLedger other;
  RC_ASSERT(other.decode(ledger.encode()));
  RC_ASSERT(other == ledger);
}

TEST(GatewayTimeline, TheBudgetOfAMinuteComesBackAfterTheHour) {
  GatewayTimeline timeline;
  const base::Duration all{static_cast<std::int64_t>(band().airtime_us_per_hour())};
  ASSERT_TRUE(timeline.reserve({std::nullopt, all, &band()}, kStart));
  EXPECT_EQ(timeline.reserve({std::nullopt, 1us, &band()}, kStart + 60min).error(), Conflict::duty_cycle);
  EXPECT_TRUE(timeline.reserve({std::nullopt, 1us, &band()}, kStart + 63min));
}

TEST(GatewayTimeline, SubBandsHaveBudgetsOfTheirOwn) {
  const auto regions = network::lorawan::all_regions();
  const auto* const other = sub_band_of(regions, 868'100'000, 125'000);
  ASSERT_NE(other, nullptr);
  GatewayTimeline timeline;
  ASSERT_TRUE(timeline.reserve(
      {std::nullopt, base::Duration{static_cast<std::int64_t>(band().airtime_us_per_hour())}, &band()}, kStart));
  EXPECT_FALSE(timeline.reserve({std::nullopt, 1us, &band()}, kStart));
  EXPECT_TRUE(timeline.reserve({std::nullopt, 1us, other}, kStart));
  EXPECT_EQ(sub_band_of(regions, 868'650'000, 125'000), nullptr);
  EXPECT_EQ(timeline.reserve({std::nullopt, 1us, nullptr}, kStart).error(), Conflict::frequency);
}

TEST(GatewayTimeline, AnImmediateEmissionKnowsTheCounterFromWhatWasHeard) {
  GatewayTimeline timeline;
  timeline.observe(0xffffff00, kStart);
  EXPECT_EQ(timeline.counter_at(kStart + 1s), 0xffffff00u + 1'000'000u);
  ASSERT_TRUE(timeline.reserve({0xffffff00u + 1'000'000u, 50ms, &band()}, kStart));
  EXPECT_EQ(timeline.reserve({std::nullopt, 50ms, &band()}, kStart + 1s + 10ms).error(), Conflict::collision);
  EXPECT_TRUE(timeline.reserve({std::nullopt, 50ms, &band()}, kStart + 2s));
}

TEST(GatewayTimeline, ACounterThatBeganAnewFreesThePlan) {
  GatewayTimeline timeline;
  timeline.observe(500'000'000, kStart);
  ASSERT_TRUE(timeline.reserve({501'000'000, 50ms, &band()}, kStart));
  timeline.observe(499'000'000, kStart + 2s);  // a late copy: 3 s behind, says nothing
  EXPECT_FALSE(timeline.reserve({501'000'000, 50ms, &band()}, kStart + 2s));
  timeline.observe(1'000'000, kStart + 2s);
  EXPECT_TRUE(timeline.reserve({501'000'000, 50ms, &band()}, kStart + 2s));
  EXPECT_EQ(timeline.counter_at(kStart + 3s), 2'000'000u);
}

TEST(GatewayTimeline, ReservationsAreBoundedAndEnd) {
  GatewayTimeline timeline;
  for (std::uint32_t i = 0; i < kMaxReservations; ++i) {
    ASSERT_TRUE(timeline.reserve({i * 100'000, 1ms, &band()}, kStart));
  }
  EXPECT_EQ(timeline.reserve({50'000, 1ms, &band()}, kStart).error(), Conflict::collision);
  EXPECT_TRUE(timeline.reserve({50'000, 1ms, &band()}, kStart + 61s));
  EXPECT_EQ(timeline.reservations(), 1u);
  EXPECT_FALSE(timeline.idle(kStart + 61s));
  EXPECT_TRUE(timeline.idle(kStart + 3h));
}

TEST(GatewayTimeline, ADamagedLedgerIsNone) {
  AirtimeLedger ledger;
  EXPECT_FALSE(ledger.decode("\xff\xff\xff"));
  EXPECT_TRUE(ledger.decode(""));
  EXPECT_TRUE(ledger.empty());
}

}  // namespace
}  // namespace lenne::ingest
