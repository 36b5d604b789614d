#include "storage/kafka/restore_progress.hpp"

#include <gtest/gtest.h>

namespace lenne::storage::kafka {
namespace {

using std::chrono::seconds;

TEST(RestoreProgress, RestByTheMeanRate) {
  RestoreProgress progress;
  EXPECT_EQ(progress.eta_s(), 0u);
  progress.note(0, 10'000, seconds{100});
  EXPECT_EQ(progress.eta_s(), 0u) << "no rate is known yet";
  progress.note(2'000, 8'000, seconds{102});
  EXPECT_EQ(progress.eta_s(), 9u) << "1,000 a second, and a part of a second";
  progress.note(0, 8'000, seconds{104});
  EXPECT_EQ(progress.eta_s(), 17u) << "it waits for the broker";
  progress.note(1'000, 20'000, seconds{106});
  EXPECT_EQ(progress.eta_s(), 41u) << "more partitions were given";
  progress.note(20'000, 0, seconds{110});
  EXPECT_EQ(progress.eta_s(), 0u);
  progress.note(5, 100, seconds{200});
  EXPECT_EQ(progress.eta_s(), 0u) << "another time, another rate";
}

}  // namespace
}  // namespace lenne::storage::kafka
