// Laws of the privacy gate.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "processing/privacy/gate.hpp"

namespace lenne::processing::privacy {
namespace {

using base::Int128;

Withheld judge_day(const std::vector<Int128>& amounts) {
  constexpr std::int64_t kDay = 86'400 * base::kSecondUs;
  return judge(v1::PRIVACY_CLASS_HOUSEHOLD, {0, kDay, 2 * kDay}, amounts);
}

std::vector<Int128> arbitrary_amounts() {
  const auto amounts = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-3, 40));
  return {amounts.begin(), amounts.end()};
}

RC_GTEST_PROP(PrivacyGateProperty, TheOrderOfMembersSaysNothing, ()) {
  auto amounts = arbitrary_amounts();
  const auto before = judge_day(amounts);
  std::ranges::sort(amounts);
  RC_ASSERT(judge_day(amounts) == before);
}

RC_GTEST_PROP(PrivacyGateProperty, MembersWithoutAnAmountChangeNothing, (std::uint8_t count)) {
  auto amounts = arbitrary_amounts();
  const auto before = judge_day(amounts);
  amounts.insert(amounts.end(), count, Int128{0});
  RC_ASSERT(judge_day(amounts) == before);
}

RC_GTEST_PROP(PrivacyGateProperty, TheUnitChangesNothing, ()) {
  auto amounts = arbitrary_amounts();
  const auto before = judge_day(amounts);
  for (auto& amount : amounts) amount *= 1'000'000'000'000;
  RC_ASSERT(judge_day(amounts) == before);
}

// There are ten at least, and no one is more than the rest together.
RC_GTEST_PROP(PrivacyGateProperty, NobodyShowsInWhatIsPublished, ()) {
  auto amounts = arbitrary_amounts();
  for (int i = 0; i < 8; ++i) amounts.push_back(*rc::gen::inRange(1, 40));
  if (judge_day(amounts) != Withheld::no) return;
  Int128 total = 0;
  for (auto& amount : amounts) total += amount = amount < 0 ? -amount : amount;
  RC_ASSERT(std::ranges::count_if(amounts, [](Int128 amount) { return amount > 0; }) >= 10);
  for (const auto amount : amounts) RC_ASSERT(amount <= total - amount);
}

}  // namespace
}  // namespace lenne::processing::privacy
