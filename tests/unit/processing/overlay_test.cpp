#include "processing/overlay.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

using storage::Store;

/// After each random change, reads through the overlay must equal reads of a plain map.
TEST(Overlay, ReadsAsIfCommitted) {
  base::Random random(7);
  MapState committed;
  Overlay overlay(committed, 3);
  std::map<std::string, std::string> model;
  const auto key = [&] { return std::string(1, static_cast<char>('a' + random.below(12))); };
  for (int round = 0; round < 3000; ++round) {
    const auto k = key();
    if (random.chance(0.3)) {
      overlay.erase(Store::pane, k);
      model.erase(k);
    } else {
      const auto value = std::to_string(round);
      overlay.put(Store::pane, k, value);
      model[k] = value;
    }
    if (random.chance(0.1)) {
      storage::Batch batch;
      overlay.flush(batch);
      committed.apply(batch);
    }
    const auto from = random.chance(0.2) ? std::string{} : key();
    const auto to = random.chance(0.2) ? std::string{} : key();
    const auto limit = 1 + random.below(14);
    std::vector<std::pair<std::string, std::string>> expected;
    for (const auto& row : model) {
      if (row.first >= from && (to.empty() || row.first < to)) expected.push_back(row);
    }
    auto backwards = expected;
    std::ranges::reverse(backwards);
    if (expected.size() > limit) expected.resize(limit);
    if (backwards.size() > limit) backwards.resize(limit);
    std::vector<std::pair<std::string, std::string>> found;
    const auto visit = [&](std::string_view at, std::string_view value) {
      found.emplace_back(at, value);
      return found.size() < limit;
    };
    ASSERT_TRUE(overlay.scan(Store::pane, 3, from, to, visit));
    ASSERT_EQ(found, expected);
    found.clear();
    ASSERT_TRUE(overlay.scan_back(Store::pane, 3, from, to, visit));
    ASSERT_EQ(found, backwards);
    const auto got = overlay.get(Store::pane, 3, k);
    ASSERT_TRUE(got);
    ASSERT_EQ(got->has_value(), model.contains(k));
    ASSERT_FALSE(overlay.get(Store::window, 3, k)->has_value()) << "another store";
    ASSERT_FALSE(overlay.get(Store::pane, 2, k)->has_value()) << "another partition";
  }
}

TEST(Overlay, SaysHowMuchItWouldWrite) {
  MapState committed;
  Overlay overlay(committed, 3);
  EXPECT_EQ(overlay.bytes(), 0u);
  overlay.put(Store::pane, "key", "value");
  EXPECT_EQ(overlay.bytes(), 8u);
  overlay.put(Store::pane, "key", "a longer value");
  EXPECT_EQ(overlay.bytes(), 17u) << "a row is written once";
  overlay.erase(Store::window, "other");
  overlay.erase(Store::pane, "key");
  EXPECT_EQ(overlay.bytes(), 8u) << "of what is erased, the key";
  storage::Batch batch;
  overlay.flush(batch);
  EXPECT_EQ(batch.bytes(), 8u);
  EXPECT_EQ(overlay.bytes(), 0u);
}

}  // namespace
}  // namespace lenne::processing::test
