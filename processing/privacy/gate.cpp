#include "processing/privacy/gate.hpp"

#include <algorithm>
#include <array>

namespace lenne::processing::privacy {
namespace {

using base::Int128;

[[nodiscard]] Withheld judge_members(std::span<const Int128> amounts, const GateRules& rules) noexcept {
  Int128 total = 0;
  Int128 largest = 0;
  std::uint64_t members = 0;
  for (const auto amount : amounts) {
    const auto size = amount < 0 ? -amount : amount;
    total += size;
    largest = std::max(largest, size);
    members += size != 0 ? 1 : 0;
  }
  if (members < rules.least_members) return Withheld::too_few;
  return largest * 100 > total * rules.most_share_percent ? Withheld::dominated : Withheld::no;
}

}  // namespace

std::string_view name_of(Withheld why) noexcept {
  constexpr std::array<std::string_view, 6> kNames{"", "not_open", "too_short", "too_early", "too_few", "dominated"};
  return kNames[static_cast<std::size_t>(why)];
}

Withheld judge(v1::PrivacyClass privacy, const Occasion& occasion, std::span<const Int128> amounts,
               const GateRules& rules) noexcept {
  if (privacy == v1::PRIVACY_CLASS_OPEN) return Withheld::no;
  if (privacy != v1::PRIVACY_CLASS_HOUSEHOLD) return Withheld::not_open;
  if (occasion.end_us - occasion.start_us < rules.least_length_us) return Withheld::too_short;
  if (occasion.now_us - occasion.end_us < rules.delay_us) return Withheld::too_early;
  return judge_members(amounts, rules);
}

}  // namespace lenne::processing::privacy
