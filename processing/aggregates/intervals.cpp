#include "processing/aggregates/intervals.hpp"

#include <optional>

#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

using base::Int128;

constexpr Int128 kHourUs = Int128{3600} * kSecondUs;
constexpr std::int64_t kWholeTenths = 10;

/// A fall is a rollover if the register was in its last tenth and is in its first one.
bool is_at_its_ends(const Entry& from, const Entry& to, std::uint64_t rollover_at) {
  const auto largest = static_cast<Int128>(rollover_at);
  const auto tenth = largest / 10;
  return from.value >= largest - tenth && from.value < largest && to.value >= 0 && to.value <= tenth;
}

/// Whether so much cannot have run through in that time: more than `tenths` tenths of what the meter can do.
bool exceeds(const FlowLimits& limits, Int128 amount, std::int64_t length_us, std::int64_t tenths) {
  if (limits.most_per_hour == 0) return false;
  return amount * kWholeTenths * kHourUs > Int128{limits.most_per_hour} * length_us * tenths;
}

bool is_exchange(const Entry& from, const Entry& to) {
  if (to.mark == v1::READING_MARK_FIRST_OF_METER || from.mark == v1::READING_MARK_LAST_OF_METER) return true;
  return from.meter != 0 && to.meter != 0 && from.meter != to.meter;
}

/// By the two readings alone.
Interval interval_of(const Reading& from, const Reading& to, std::uint64_t rollover_at) {
  Interval interval{&from.entry, &to.entry, 0, Verdict::exchange};
  if (is_exchange(from.entry, to.entry)) return interval;
  const auto amount = static_cast<Int128>(to.entry.value) - from.entry.value;
  const auto rolled = amount + static_cast<Int128>(rollover_at);
  if (amount >= 0 || to.entry.reverse || -amount <= to.limits.backflow) {
    interval.verdict = Verdict::counted;
    interval.amount = amount;
  } else if (is_at_its_ends(from.entry, to.entry, rollover_at) &&
             !exceeds(to.limits, rolled, interval.length_us(), kWholeTenths)) {
    interval.verdict = Verdict::rollover;
    interval.amount = rolled;
  } else {
    interval.verdict = Verdict::reset;
  }
  return interval;
}

/// Whether the register fell from one reading to the next by more than runs backwards unnoticed. What the meter says of
/// it decides what the fall is worth, and not whether the reading before it was a wrong one.
bool falls(const Reading& from, const Reading& to, std::uint64_t rollover_at) {
  const auto interval = interval_of(from, to, rollover_at);
  return interval.verdict == Verdict::reset ||
         (interval.verdict == Verdict::counted && -interval.amount > to.limits.backflow);
}

/// What people read off a meter when they replace it is believed.
bool is_too_fast(const Interval& interval, const FlowLimits& limits) {
  return interval.is_known() && interval.to->mark == v1::READING_MARK_NONE &&
         exceeds(limits, interval.amount, interval.length_us(), kBelievedTenths);
}

class Judge {
 public:
  Judge(std::span<const Reading> readings, std::uint64_t rollover_at)
      : readings_(readings), rollover_at_(rollover_at) {}

  [[nodiscard]] Judged run() const {
    Judged judged;
    judged.intervals.reserve(readings_.size());
    std::optional<std::size_t> from;
    std::optional<Interval> before;  // the one that ends where the next begins
    for (std::size_t i = 0; i < readings_.size(); ++i) {
      if (is_spike(i)) {
        judged.spikes.push_back(&readings_[i].entry);
        continue;
      }
      std::optional<Interval> interval;
      if (from) interval = interval_of(readings_[*from], readings_[i], rollover_at_);
      if (interval && interval->length_us() > kMaxHoldUs) interval.reset();
      if (interval && is_too_fast(*interval, readings_[i].limits) && !is_confirmed(*interval, i, before)) {
        interval->verdict = Verdict::unconfirmed;
        interval->amount = 0;
      }
      if (interval) judged.intervals.push_back(*interval);
      before = interval;
      from = i;
    }
    return judged;
  }

 private:
  /// More than can have run through, taken back by the next reading: the digits were wrong. Two in a row are none:
  /// the second one would have to rise from the first, which then is not taken back.
  [[nodiscard]] bool is_spike(std::size_t i) const {
    if (i == 0 || i + 1 >= readings_.size()) return false;
    if (readings_[i + 1].entry.time_us - readings_[i - 1].entry.time_us > kMaxHoldUs) return false;
    return is_too_fast(interval_of(readings_[i - 1], readings_[i], rollover_at_), readings_[i].limits) &&
           falls(readings_[i], readings_[i + 1], rollover_at_);
  }

  /// An interval that ends at reading i and is too fast is believed if the register stays where it is. Not if it fell
  /// just before: then it was the lower value that was wrong.
  [[nodiscard]] bool is_confirmed(const Interval& interval, std::size_t i,
                                  const std::optional<Interval>& before) const {
    if (before && before->verdict == Verdict::reset && interval.to->time_us - before->from->time_us <= kMaxHoldUs)
      return false;
    return i + 1 < readings_.size() && readings_[i + 1].entry.time_us - interval.from->time_us <= kMaxHoldUs &&
           interval_of(readings_[i], readings_[i + 1], rollover_at_).is_known() &&
           !falls(readings_[i], readings_[i + 1], rollover_at_);
  }

  std::span<const Reading> readings_;
  std::uint64_t rollover_at_;
};

}  // namespace

Judged judge(std::span<const Reading> readings, std::uint64_t rollover_at) {
  return Judge(readings, rollover_at).run();
}

}  // namespace lenne::processing::aggregates
