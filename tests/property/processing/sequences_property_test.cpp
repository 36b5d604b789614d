// What a writer remembers of sequences says the same as the rows, whatever it was told, however time passes, and after
// each restart.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "processing/keys.hpp"
#include "processing/sequences.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

constexpr std::uint64_t kDevices = 3;
const std::vector<std::string> kMeasures{"parking_occupied", "water_volume", "door.1"};

/// One partition's index: rows, what is remembered of them, and the time.
class Index {
 public:
  explicit Index(const WindowSettings& settings) : settings_(settings), remembered_(load()) {}

  void write(std::uint64_t dev_eui, const std::string& measure, const Window& pane) {
    v1::WindowRow row;
    row.set_known_until_us(pane.end_us());
    storage::Batch batch;
    batch.put(storage::Store::window, 0, sequence_key(dev_eui, measure, pane), row.SerializeAsString());
    state_.apply(batch);
    remembered_->note(dev_eui, measure, pane, watermark_us);
  }
  /// As the windows do it: never one that a window which is not final yet can need.
  void remove_before(std::int64_t start_us) {
    storage::Batch batch;
    std::vector<SequenceKey> ended;
    RC_ASSERT(state_
                  .scan(storage::Store::window, 0, kSequences, kSequencesEnd,
                        [&](std::string_view key, std::string_view) {
                          const auto at = parse_sequence_key(key);
                          if (at->pane.start_us < start_us) ended.push_back(*at);
                          return true;
                        })
                  .has_value());
    for (const auto& at : ended) {
      batch.erase(storage::Store::window, 0, sequence_key(at.dev_eui, at.measure, at.pane));
      remembered_->forget(at.dev_eui, at.measure, at.pane);
    }
    state_.apply(batch);
  }
  void restart() { remembered_ = load(); }

  void check(std::uint64_t dev_eui, const std::string& measure, std::int64_t from_us, std::int64_t to_us) const {
    const StoredSequences stored(state_, 0, settings_);
    for (const auto side : {Nearest::to_front, Nearest::to_back}) {
      const auto expected = stored.nearest(dev_eui, measure, from_us, to_us, side);
      const auto found = remembered_->nearest(dev_eui, measure, from_us, to_us, side);
      RC_ASSERT(expected && found);
      RC_ASSERT(expected->has_value() == found->has_value());
      if (*expected) RC_ASSERT((*expected)->start_us == (*found)->start_us);
    }
    auto expected = *stored.measures(dev_eui);
    auto found = *remembered_->measures(dev_eui);
    std::ranges::sort(expected);
    std::ranges::sort(found);
    RC_ASSERT(expected == found);
  }

  std::int64_t watermark_us = kStart;

 private:
  std::unique_ptr<RememberedSequences> load() {
    auto remembered = std::make_unique<RememberedSequences>(state_, 0, settings_);
    std::set<std::string> told;
    const auto loaded = remembered->load(
        watermark_us, [&](std::uint64_t dev_eui, std::string_view measure, const Window& pane, std::int64_t) {
          RC_ASSERT(told.insert(sequence_key(dev_eui, measure, pane)).second);
        });
    RC_ASSERT(loaded.has_value());
    return remembered;
  }

  const WindowSettings& settings_;
  MapState state_;
  std::unique_ptr<RememberedSequences> remembered_;
};

}  // namespace

TEST(RememberedSequences, SayTheSameAsTheRows) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    base::Random random(seed);
    WindowSettings settings;
    if (random.chance(0.3)) settings.windows_s = {60, 900};
    Index index(settings);
    const std::int64_t pane_us = std::int64_t{settings.pane_s()} * kSecond;
    const auto any_time = [&] {
      const auto back = random.chance(0.8) ? 20U : 1'500U;
      return index.watermark_us + pane_us * (20 - static_cast<std::int64_t>(random.below(20U + back)));
    };
    for (int i = 0; i < 600; ++i) {
      const auto dev_eui = random.below(kDevices);
      const auto& measure = kMeasures[random.below(kMeasures.size())];
      switch (random.below(8)) {
        case 0:
          index.watermark_us += pane_us * static_cast<std::int64_t>(random.below(random.chance(0.1) ? 400 : 3));
          break;
        case 1:
          if (random.chance(0.1)) index.restart();
          break;
        case 2:
          if (random.chance(0.1)) index.remove_before(index.watermark_us - 8 * 24 * kHour);
          break;
        case 3:
        case 4:
        case 5:
          index.write(dev_eui, measure, settings.pane_at(any_time()));
          break;
        default: {
          const auto from = any_time();
          index.check(dev_eui, measure, from, from + pane_us * static_cast<std::int64_t>(random.below(300)));
        }
      }
    }
  }));
}

TEST(RememberedSequences, AStartLeapsOverOldRowsAndStillFindsThem) {
  const WindowSettings settings;
  MapState state;
  storage::Batch batch;
  const Window first{kStart, 900};
  constexpr int kPanes = 1'000;
  for (int i = 0; i < kPanes; ++i) {
    v1::WindowRow row;
    row.set_known_until_us(kStart);
    const Window pane{kStart + i * first.length_us(), 900};
    for (const auto* measure : {"door", "parking_occupied"})
      batch.put(storage::Store::window, 0, sequence_key(1, measure, pane), row.SerializeAsString());
  }
  state.apply(batch);
  RememberedSequences remembered(state, 0, settings);
  int told = 0;
  const auto end_us = kStart + kPanes * first.length_us();
  ASSERT_TRUE(remembered.load(end_us, [&](std::uint64_t, std::string_view, const Window&, std::int64_t) { ++told; }));
  EXPECT_LT(told, 200);
  EXPECT_EQ((*remembered.nearest(1, "door", 0, end_us, Nearest::to_back))->start_us, end_us - first.length_us());
  EXPECT_EQ((*remembered.nearest(1, "door", 0, end_us, Nearest::to_front))->start_us, kStart);
  EXPECT_EQ((*remembered.nearest(1, "parking_occupied", 0, kStart + 1, Nearest::to_back))->start_us, kStart);
}

}  // namespace lenne::processing::test
