// The law of sums that are told beside each other: by no subtraction is there one of too few, or of one large meter.
#include "processing/meters/parts.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <vector>

namespace lenne::processing::meters {
namespace {

using base::Int128;
using Amounts = std::vector<Int128>;

constexpr GateRules kSmall{1, 3, 50, "P1D", 0};

bool passes(const Amounts& amounts) { return judge(amounts, 0, 0, kSmall) == Withheld::no; }

TEST(Parts, WhatIsLeftIsASumOfManyToo) {
  EXPECT_TRUE(rc::check([] {
    const auto raw = *rc::gen::container<std::vector<std::vector<std::int8_t>>>(
        rc::gen::container<std::vector<std::int8_t>>(rc::gen::inRange<std::int8_t>(-2, 10)));
    std::vector<Amounts> parts;
    for (const auto& part : raw) parts.emplace_back(part.begin(), part.end());
    const auto told = told_together(parts, 0, 0, kSmall);
    RC_ASSERT(told.size() == parts.size());
    Amounts rest;
    bool all_pass = true;
    bool any = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      all_pass = all_pass && (parts[i].empty() || passes(parts[i]));
      any = any || told[i];
      if (told[i]) {
        RC_ASSERT(passes(parts[i]));
      } else {
        rest.insert(rest.end(), parts[i].begin(), parts[i].end());
      }
    }
    if (any) RC_ASSERT(rest.empty() || passes(rest));
    if (all_pass) RC_ASSERT(rest.empty());
    RC_ASSERT(told_together(parts, 0, -1, kSmall) == std::vector<bool>(parts.size(), false));
  }));
}

TEST(Parts, TheSmallestThatPassesIsKeptBack) {
  const Amounts many{1, 1, 1, 1}, some{1, 1, 1}, one{1};
  const auto told = [](const std::vector<Amounts>& parts) { return told_together(parts, 0, 0, kSmall); };
  EXPECT_EQ(told({many, some}), (std::vector<bool>{true, true}));
  EXPECT_EQ(told({many, some, one}), (std::vector<bool>{true, false, false}));
  EXPECT_EQ(told({many, one}), (std::vector<bool>{false, false}));
  EXPECT_EQ(told({many, {0}}), (std::vector<bool>{false, false})) << "that one stands still is something, too";
  EXPECT_EQ(told({many, {}}), (std::vector<bool>{true, false}));
  EXPECT_EQ(told({}), std::vector<bool>{});
}

}  // namespace
}  // namespace lenne::processing::meters
