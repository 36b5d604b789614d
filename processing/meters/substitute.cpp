#include "processing/meters/substitute.hpp"

#include <algorithm>

namespace lenne::processing::meters {
namespace {

using base::Int128;

constexpr std::size_t kHours = 24;
// Weights are means in thousandths of a step. An interval has at most 2^53 steps, and an hour counts as at most 2^52,
// so products stay below 2^127.
constexpr Int128 kScale = 1000;
constexpr Int128 kMostSteps = Int128{1} << 52;

/// What ran in each hour of a day, if all 24 are measured.
using Shape = std::array<Int128, kHours>;

std::optional<Shape> shape_of(std::span<const Slice> hours, const Day& day) {
  if (day.end_us - day.start_us != kDayUs) return std::nullopt;
  Shape shape{};
  auto reached = day.start_us;
  const auto first = std::ranges::lower_bound(hours, day.start_us, {}, &Slice::start_us);
  for (auto slice = first; slice != hours.end() && slice->end_us <= day.end_us; ++slice) {
    if (slice->start_us != reached || slice->length_us() != kHourUs || slice->measured_us != kHourUs)
      return std::nullopt;
    shape[static_cast<std::size_t>((reached - day.start_us) / kHourUs)] =
        std::clamp(slice->amount, Int128{0}, kMostSteps);
    reached = slice->end_us;
  }
  return reached == day.end_us ? std::optional(shape) : std::nullopt;
}

/// Days that may be comparable.
class Usual {
 public:
  Usual(std::span<const Slice> hours, std::span<const Day> days) : days_(days) {
    for (const auto& day : days) shapes_.push_back(shape_of(hours, day));
  }

  /// What an hour of the clock has on all comparable days together, and how many these are.
  struct Sum {
    Int128 amount = 0;
    std::int64_t days = 0;
  };
  [[nodiscard]] Sum of(DayClass day_class, std::size_t clock, std::int64_t gap_start_us) const {
    Sum sum;
    for (std::size_t i = 0; i < days_.size() && days_[i].end_us <= gap_start_us; ++i) {
      if (days_[i].of != day_class || days_[i].start_us < gap_start_us - kComparableUs || !shapes_[i]) continue;
      sum.amount += (*shapes_[i])[clock];
      ++sum.days;
    }
    return sum;
  }

 private:
  std::span<const Day> days_;
  std::vector<std::optional<Shape>> shapes_;
};

std::vector<Slice> slices_of(std::span<const Hour> hours) {
  std::vector<Slice> slices;
  for (const auto& hour : hours) slices.push_back(hour.slice);
  return slices;
}

/// Places in `hours`, [first, last).
struct Gap {
  std::size_t first = 0;
  std::size_t last = 0;
};

class Profile {
 public:
  Profile(std::span<const Hour> hours, std::span<const Day> days) : hours_(hours), days_(days) {}

  /// The gap whose first whole hour is `first`.
  [[nodiscard]] Gap gap_from(std::size_t first) const {
    Gap gap{first, first + 1};
    while (follows(gap.last) && is_within(gap.last) && !hours_[gap.last].reading_at_start) ++gap.last;
    // An hour at its edge belongs to it as far as it is estimated, unless another gap has a part of it.
    if (first > 0 && follows(first) && !hours_[first].reading_at_start && is_edge(first - 1) &&
        !(first > 1 && follows(first - 1) && is_estimated(first - 2)))
      --gap.first;
    if (follows(gap.last) && !hours_[gap.last].reading_at_start && is_edge(gap.last) &&
        !(follows(gap.last + 1) && is_estimated(gap.last + 1)))
      ++gap.last;
    return gap;
  }

  /// In thousandths of a step; nothing without comparable days.
  [[nodiscard]] std::optional<Int128> weight_of(const Hour& hour, std::int64_t gap_start_us, const Usual& usual) const {
    const auto after = std::ranges::upper_bound(days_, hour.slice.start_us, {}, &Day::start_us);
    if (after == days_.begin()) return std::nullopt;
    const auto& day = *(after - 1);
    if (hour.slice.end_us > day.end_us) return std::nullopt;
    const auto clock = static_cast<std::size_t>(clock_hour(day, hour.slice.start_us));
    const auto sum = usual.of(day.of, clock, gap_start_us);
    if (sum.days == 0) return std::nullopt;
    return base::divide_rounded(sum.amount * kScale * hour.slice.estimated_us,
                                Int128{sum.days} * hour.slice.length_us());
  }

  /// All of it lies between two readings, and none at its inside.
  [[nodiscard]] bool is_within(std::size_t i) const {
    return is_estimated(i) && hours_[i].slice.estimated_us == hours_[i].slice.length_us() && !hours_[i].reading_inside;
  }

 private:
  [[nodiscard]] bool follows(std::size_t i) const {
    return i > 0 && i < hours_.size() && hours_[i].slice.start_us == hours_[i - 1].slice.end_us;
  }
  [[nodiscard]] bool is_estimated(std::size_t i) const { return hours_[i].slice.estimated_us > 0; }
  [[nodiscard]] bool is_edge(std::size_t i) const {
    return is_estimated(i) && hours_[i].slice.estimated_us < hours_[i].slice.length_us();
  }

  std::span<const Hour> hours_;
  std::span<const Day> days_;
};

/// Gives the hours of a gap their shares; false: `usual` does not say how.
bool share_out(std::span<const Hour> gap, std::span<Substitute> out, const Profile& profile, const Usual& usual,
               Method method) {
  std::vector<Int128> until;  // sums of weights
  Int128 weights = 0;
  Int128 amount = 0;
  for (const auto& hour : gap) {
    const auto weight = profile.weight_of(hour, gap.front().slice.start_us, usual);
    if (!weight) return false;
    until.push_back(weights += *weight);
    amount += hour.estimated;
  }
  if (weights == 0) return false;
  Int128 given = 0;
  for (std::size_t i = 0; i < gap.size(); ++i) {
    const auto reached = amount * until[i] / weights;
    out[i] = {reached - given, method};
    given = reached;
  }
  return true;
}

}  // namespace

int clock_hour(const Day& day, std::int64_t time_us) noexcept {
  const auto hour = (time_us - day.start_us) / kHourUs;
  const auto hours = (day.end_us - day.start_us) / kHourUs;
  const auto shift = hours == 23 && hour >= 2 ? 1 : hours == 25 && hour >= 3 ? -1 : 0;
  return static_cast<int>(std::clamp<std::int64_t>(hour + shift, 0, kHours - 1));
}

std::vector<Substitute> substitute(std::span<const Hour> hours, std::span<const Day> days,
                                   const StandardProfile& standard) {
  std::vector<Substitute> out;
  for (const auto& hour : hours) {
    out.push_back({hour.estimated, hour.slice.estimated_us > 0 ? Method::even : Method::none});
  }
  const Profile profile(hours, days);
  const auto slices = slices_of(hours);
  const Usual own(slices, days);
  const Usual others(standard.hours, standard.days);
  for (std::size_t i = 0; i < hours.size(); ++i) {
    if (!profile.is_within(i)) continue;
    const auto gap = profile.gap_from(i);
    const auto length = gap.last - gap.first;
    const auto in = hours.subspan(gap.first, length);
    const auto given = std::span(out).subspan(gap.first, length);
    if (!share_out(in, given, profile, own, Method::comparable_days))
      share_out(in, given, profile, others, Method::standard_profile);
    i = gap.last - 1;
  }
  return out;
}

}  // namespace lenne::processing::meters
