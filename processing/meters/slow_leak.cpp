#include "processing/meters/slow_leak.hpp"

#include <algorithm>
#include <vector>

namespace lenne::processing::meters {
namespace {

using base::Int128;

constexpr std::size_t kLeastDays = kReferenceDays + 7;

Int128 median_of(std::vector<Int128> values) {
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  return base::divide_rounded(values[middle - 1] + values[middle], 2);  // there are fourteen
}
static_assert(kReferenceDays % 2 == 0);

}  // namespace

std::optional<Int128> least_hour(std::span<const Slice> profile, std::int64_t start_us, std::int64_t end_us) {
  std::optional<Int128> least;
  auto reached = start_us;
  for (const auto& slice : profile) {
    if (slice.start_us < start_us || slice.end_us > end_us) continue;
    if (slice.start_us != reached || slice.length_us() != kHourUs || !slice.is_sharp()) return std::nullopt;
    reached = slice.end_us;
    least = least ? std::min(*least, slice.amount) : slice.amount;
  }
  return reached == end_us ? least : std::nullopt;
}

Finding find_slow_leak(std::span<const std::optional<Int128>> least, Int128 least_per_hour) {
  std::vector<Int128> known;
  for (const auto& day : least) {
    if (day) known.push_back(*day);
  }
  if (least_per_hour <= 0 || known.size() < kLeastDays) return Finding::unknown;
  std::vector<Int128> reference(known.begin(), known.begin() + kReferenceDays);
  const auto usual = median_of(reference);
  for (auto& day : reference) day = day < usual ? usual - day : day - usual;
  const auto width = std::max(least_per_hour, base::divide_rounded(median_of(reference) * 14'826, 10'000));
  // In halves of steps, so that w / 2 is whole.
  Int128 sum = 0;
  for (auto i = kReferenceDays; i < known.size(); ++i)
    sum = std::clamp(sum + 2 * (known[i] - usual) - width, Int128{0}, 20 * width);
  return sum > 10 * width ? Finding::yes : Finding::no;
}

}  // namespace lenne::processing::meters
