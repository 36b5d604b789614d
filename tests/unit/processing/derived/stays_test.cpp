// Stays in parking bays and rooms, and places together.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "processing/derived/occupancy.hpp"
#include "processing/derived/stays.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t kStayMinute = 60'000'000;
constexpr std::int64_t kStayQuarter = 15 * kStayMinute;

// A bay that reports each change, as the windows fold it. It is free until the first of `changes` (ascending, each the
// other state), and its state is known all the time.
std::vector<v1::Aggregate> bay_windows(const std::vector<std::int64_t>& changes, int windows) {
  std::vector<v1::Aggregate> rows;
  std::size_t at = 0;
  bool occupied = false;
  for (int w = 0; w < windows; ++w) {
    auto row = result_of("parking_occupied", "PT15M", w * kStayQuarter, kStayQuarter, 0, 0, 0);
    row.set_kind(v1::KIND_STATE);
    auto& state = *row.mutable_duration();
    state.set_known_us(kStayQuarter);
    auto since = row.start_us();
    for (; at < changes.size() && changes[at] < row.end_us(); ++at) {
      if (occupied) state.set_occupied_us(state.occupied_us() + changes[at] - since);
      since = changes[at];
      occupied = !occupied;
      occupied ? state.set_transitions_on(state.transitions_on() + 1)
               : state.set_transitions_off(state.transitions_off() + 1);
      v1::SequenceEntry entry;
      entry.set_time_us(changes[at]);
      entry.set_value(occupied ? 1 : 0);
      if (state.count() == 0) *state.mutable_first() = entry;
      *state.mutable_last() = entry;
      state.set_count(state.count() + 1);
    }
    if (occupied) state.set_occupied_us(state.occupied_us() + row.end_us() - since);
    rows.push_back(std::move(row));
  }
  return rows;
}

Stays all_stays(const std::vector<v1::Aggregate>& rows) { return stays_of(rows, 0, rows.back().end_us()); }

TEST(StaysOfBays, BeginAndEnd) {
  // From minute 10 to 100; from 102 to 104, inside of a quarter hour; from 130 on.
  const auto rows =
      bay_windows({10 * kStayMinute, 100 * kStayMinute, 106 * kStayMinute, 109 * kStayMinute, 130 * kStayMinute}, 10);
  const auto stays = all_stays(rows);
  EXPECT_EQ(stays.arrivals, 3U);
  EXPECT_EQ(stays.ended,
            (std::vector<Stay>{{100 * kStayMinute, 90 * kStayMinute}, {109 * kStayMinute, 3 * kStayMinute}}));
  EXPECT_EQ(stays.unknown, 0U);
  EXPECT_EQ(stays.occupied_us, (90 + 3 + 20) * kStayMinute);
}

TEST(StaysOfBays, OneGoesAndOneComesInAQuarter) {
  const auto rows = bay_windows({5 * kStayMinute, 20 * kStayMinute, 22 * kStayMinute, 50 * kStayMinute}, 5);
  EXPECT_EQ(all_stays(rows).ended,
            (std::vector<Stay>{{20 * kStayMinute, 15 * kStayMinute}, {50 * kStayMinute, 28 * kStayMinute}}));
  // Where a heartbeat came before, the window does not say when the first one went.
  auto beat = rows;
  beat[1].mutable_duration()->mutable_first()->set_value(1);
  EXPECT_TRUE(all_stays(beat).ended.empty());
  EXPECT_EQ(all_stays(beat).unknown, 2U);
}

TEST(StaysOfBays, UnknownTimesCutThem) {
  const auto whole = bay_windows({5 * kStayMinute, 65 * kStayMinute}, 6);
  auto rows = whole;
  rows[2].mutable_duration()->set_known_us(kStayQuarter - 1);
  EXPECT_TRUE(all_stays(rows).ended.empty());
  EXPECT_EQ(all_stays(rows).unknown, 1U);
  rows = whole;
  rows.erase(rows.begin() + 2);
  EXPECT_EQ(all_stays(rows).unknown, 1U) << "a window is missing";
  EXPECT_EQ(stays_of(std::span(whole).subspan(1), 0, whole.back().end_us()).unknown, 1U) << "it began before";
  EXPECT_EQ(stays_of(whole, kStayQuarter, whole.back().end_us()).ended.size(), 1U) << "earlier windows tell";
  EXPECT_EQ(stays_of(whole, 0, 4 * kStayQuarter).ended.size(), 0U) << "it ends later";
  rows = whole;
  rows[4].mutable_duration()->set_known_us(1);
  EXPECT_EQ(all_stays(rows).unknown, 1U);
}

TEST(StaysOfBays, MeansAndShares) {
  std::vector<Stay> stays;
  for (std::int64_t i = 1; i <= 20; ++i) stays.push_back({i, (21 - i) * kStayMinute});
  EXPECT_EQ(mean_stay(stays), 10 * kStayMinute + kStayMinute / 2);
  EXPECT_EQ(stay_percentile(stays, 50), 10 * kStayMinute);
  EXPECT_EQ(stay_percentile(stays, 85), 17 * kStayMinute);
  EXPECT_EQ(longer_stays(stays, 15 * kStayMinute), 5U);
  EXPECT_FALSE(mean_stay({}));
  EXPECT_FALSE(stay_percentile({}, 85));
}

std::vector<std::int64_t> any_changes(int most) {
  std::vector<std::int64_t> changes;
  std::int64_t at = 0;
  const auto count = *rc::gen::inRange(0, most);
  for (int i = 0; i < count; ++i) changes.push_back(at += *rc::gen::inRange<std::int64_t>(1, 90) * kStayMinute / 2);
  return changes;
}
int windows_until(const std::vector<std::int64_t>& changes) {
  return changes.empty() ? 2 : static_cast<int>(changes.back() / kStayQuarter) + 2;
}

RC_GTEST_PROP(StayLaws, EachStayThatEndedIsFoundOrUnknown, ()) {
  const auto changes = any_changes(30);
  const auto stays = all_stays(bay_windows(changes, windows_until(changes)));
  std::map<std::int64_t, std::int64_t> truth;  // length by end
  for (std::size_t i = 1; i < changes.size(); i += 2) truth[changes[i]] = changes[i] - changes[i - 1];
  RC_ASSERT(stays.ended.size() + stays.unknown == truth.size());
  RC_ASSERT(stays.arrivals == (changes.size() + 1) / 2);
  for (const auto& stay : stays.ended) RC_ASSERT(truth.at(stay.end_us) == stay.length_us);
}

// Occupancy = turnover times mean stay, over the period: but for the stay that has not ended.
RC_GTEST_PROP(StayLaws, OccupancyIsTurnoverTimesMeanStay, ()) {
  auto changes = any_changes(40);
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i] += static_cast<std::int64_t>(i) * kStayQuarter;
  const auto windows = windows_until(changes);
  const auto stays = all_stays(bay_windows(changes, windows));
  RC_ASSERT(stays.unknown == 0U);  // no two changes lie in one quarter hour
  std::int64_t ended = 0;
  for (const auto& stay : stays.ended) ended += stay.length_us;
  const auto still_there = changes.size() % 2 == 1 ? windows * kStayQuarter - changes.back() : 0;
  RC_ASSERT(ended + still_there == stays.occupied_us);
  if (still_there == 0 && !stays.ended.empty()) {
    const auto period = static_cast<double>(windows * kStayQuarter);
    const auto occupancy = static_cast<double>(stays.occupied_us) / period;
    const auto identity = static_cast<double>(stays.arrivals) * static_cast<double>(*mean_stay(stays.ended)) / period;
    RC_ASSERT(std::abs(occupancy - identity) < 1e-6);
  }
}

RC_GTEST_PROP(PlaceLaws, OccupiedFreeAndUnknownAreCapacityTimesTime, ()) {
  PlaceTime all;
  PlacesTogether together;
  std::int64_t capacity_time = 0, taken = 0;
  const auto places = *rc::gen::inRange(1, 6);
  for (int p = 0; p < places; ++p) {
    const auto changes = any_changes(10);
    auto rows = bay_windows(changes, 40);
    for (auto& row : rows) {
      auto& state = *row.mutable_duration();
      if (*rc::gen::inRange(0, 4) == 0) state.set_known_us(state.occupied_us());  // its free time is unknown
      const auto time = place_time(row);
      RC_ASSERT(time.occupied_us >= 0 && time.free_us >= 0 && time.unknown_us >= 0);
      all.add(time);
      capacity_time += kStayQuarter;
      taken += state.occupied_us();
    }
    together.add_place(rows, 0, 40 * kStayQuarter);
  }
  RC_ASSERT(all.occupied_us + all.free_us + all.unknown_us == capacity_time);
  RC_ASSERT(all.occupied_us == taken);
  if (const auto peak = together.peak()) {
    RC_ASSERT(peak->occupied_us <= places * kStayQuarter);
    RC_ASSERT(peak->occupied_us * 40 >= taken);
  }
}

TEST(PlacesOfOneKind, PeakIsTheFirstOfTheHighest) {
  PlacesTogether together;
  EXPECT_FALSE(together.peak());
  together.add_place(bay_windows({15 * kStayMinute, 60 * kStayMinute}, 6), 0, 6 * kStayQuarter);
  together.add_place(bay_windows({30 * kStayMinute, 75 * kStayMinute}, 6), 0, 6 * kStayQuarter);
  EXPECT_EQ(together.peak()->start_us, 2 * kStayQuarter);
  EXPECT_EQ(together.peak()->occupied_us, 2 * kStayQuarter);
}

}  // namespace
}  // namespace lenne::processing::derived
