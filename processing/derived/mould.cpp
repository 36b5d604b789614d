#include "processing/derived/mould.hpp"

#include "processing/derived/indicators.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {

const MouldRule& mould_rule() noexcept {
  static constexpr MouldRule kRule{80 * kMicro, 12, 5, 1, "DIN 4108-2 (80 %); DIN-Fachbericht 4108-8 (12 h on 5 days)"};
  return kRule;
}

std::vector<MouldDay> mould_days(std::span<const v1::Aggregate> hours, std::span<const LocalDay> days) {
  const auto& rule = mould_rule();
  std::vector<MouldDay> found;
  int certain = 0;           // critical days in a row, whatever is missing
  int possible = rule.days;  // as many as there may have been: nothing is known of the time before
  for (const auto& day : days) {
    MouldDay made;
    made.possible_hours = static_cast<int>((day.end_us - day.start_us) / kHourUs);
    for (const auto& hour : rows_in(hours, day.start_us, day.end_us)) {
      const auto mean = mean_micro(hour);
      if (!mean || covered(hour, kHourCoverage) == false) continue;
      ++made.hours;
      if (*mean >= rule.critical_micro) ++made.critical_hours;
    }
    certain = made.critical_hours >= rule.hours ? certain + 1 : 0;
    possible = made.critical_hours + made.possible_hours - made.hours >= rule.hours ? possible + 1 : 0;
    made.risk = certain >= rule.days;
    made.valid = made.risk == (possible >= rule.days);
    found.push_back(made);
  }
  return found;
}

}  // namespace lenne::processing::derived
