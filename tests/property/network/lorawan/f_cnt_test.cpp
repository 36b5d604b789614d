#include "network/lorawan/f_cnt.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace lenne::network::lorawan {
namespace {

constexpr std::uint32_t kLargest = 0xffffffff;

std::uint16_t low(std::uint32_t f_cnt) { return static_cast<std::uint16_t>(f_cnt); }

TEST(FCnt, every_gap_below_65536_is_bridged) {
  for (const std::uint32_t last :
       {0U, 1U, 65534U, 65535U, 65536U, 0x1ffffU, 0x7fffffffU, kLargest - 65535U, 0x0000fff0U}) {
    for (std::uint32_t gap = 0; gap < 65536; ++gap) {
      const auto inferred = infer_f_cnt(last, low(last + gap));
      ASSERT_TRUE(inferred) << last << "+" << gap;
      ASSERT_EQ(*inferred, last + gap);
    }
  }
}

TEST(FCnt, rollover) {
  EXPECT_EQ(infer_f_cnt(65535, 0), 65536U);
  EXPECT_EQ(infer_f_cnt(65535, 65535), 65535U);
  // 40,000 frames lost close to the rollover are a gap, not a reset.
  EXPECT_EQ(infer_f_cnt(65000, low(105000)), 105000U);
  EXPECT_EQ(judge_f_cnt(65000, 105000, std::nullopt), FCntVerdict::fresh);
}

TEST(FCnt, first_frame_has_no_upper_bits) {
  EXPECT_EQ(infer_f_cnt(std::nullopt, 0), 0U);
  EXPECT_EQ(infer_f_cnt(std::nullopt, 65535), 65535U);
  EXPECT_EQ(judge_f_cnt(std::nullopt, 65535, kMaxFCntGap), FCntVerdict::fresh);
}

TEST(FCnt, ends_at_the_largest_number) {
  EXPECT_EQ(infer_f_cnt(kLargest - 1, 0xffff), kLargest);
  EXPECT_EQ(infer_f_cnt(kLargest, 0xffff), kLargest);
  EXPECT_FALSE(infer_f_cnt(kLargest, 0));
  EXPECT_FALSE(infer_f_cnt(kLargest, 0xfffe));
  EXPECT_FALSE(infer_f_cnt(kLargest - 1, 0));
}

TEST(FCnt, gap_limit_is_the_old_versions_alone) {
  EXPECT_EQ(judge_f_cnt(100, 100 + kMaxFCntGap, kMaxFCntGap), FCntVerdict::fresh);
  EXPECT_EQ(judge_f_cnt(100, 101 + kMaxFCntGap, kMaxFCntGap), FCntVerdict::gap_too_large);
  EXPECT_EQ(judge_f_cnt(100, 101 + kMaxFCntGap, std::nullopt), FCntVerdict::fresh);
  EXPECT_EQ(judge_f_cnt(100, 100, kMaxFCntGap), FCntVerdict::repeat);
  EXPECT_EQ(judge_f_cnt(100, 99, kMaxFCntGap), FCntVerdict::replay);
}

TEST(FCnt, laws) {
  EXPECT_TRUE(rc::check([](std::uint32_t last, std::uint16_t on_air) {
    if (const auto ahead = infer_f_cnt(last, on_air)) {
      RC_ASSERT(*ahead >= last);
      RC_ASSERT(*ahead - last < 65536);
      RC_ASSERT(low(*ahead) == on_air);
      RC_ASSERT(judge_f_cnt(last, *ahead, std::nullopt) == (*ahead == last ? FCntVerdict::repeat : FCntVerdict::fresh));
    } else {
      RC_ASSERT(last > kLargest - 65536);
    }
    if (const auto behind = f_cnt_before(last, on_air)) {
      RC_ASSERT(*behind < last);
      RC_ASSERT(last - *behind <= 65536);
      RC_ASSERT(low(*behind) == on_air);
      RC_ASSERT(judge_f_cnt(last, *behind, std::nullopt) == FCntVerdict::replay);
    } else {
      RC_ASSERT(last <= on_air);
    }
  }));
  EXPECT_FALSE(f_cnt_before(std::nullopt, 5));
  EXPECT_FALSE(f_cnt_before(5, 5));
  EXPECT_EQ(f_cnt_before(65541, 5), 5U);
}

}  // namespace
}  // namespace lenne::network::lorawan
