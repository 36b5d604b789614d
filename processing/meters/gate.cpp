#include "processing/meters/gate.hpp"

#include <algorithm>
#include <array>

namespace lenne::processing::meters {

using base::Int128;

std::string_view name_of(Withheld why) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"", "too_early", "too_few", "dominated"};
  return kNames[static_cast<std::size_t>(why)];
}

Withheld judge(std::span<const Int128> amounts, std::int64_t end_us, std::int64_t now_us,
               const GateRules& rules) noexcept {
  if (now_us - end_us < rules.delay_us) return Withheld::too_early;
  Int128 total = 0;
  Int128 largest = 0;
  std::uint32_t members = 0;
  for (const auto amount : amounts) {
    const auto size = amount < 0 ? -amount : amount;
    total += size;
    largest = std::max(largest, size);
    members += size != 0 ? 1U : 0U;
  }
  if (members < rules.least_members) return Withheld::too_few;
  return largest * 100 > total * rules.most_share_percent ? Withheld::dominated : Withheld::no;
}

}  // namespace lenne::processing::meters
