#pragma once
// When walls are damp enough for mould, from hours of mould_humidity.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {

/// From so much humidity at the surface on an hour is critical, so many such hours make a critical day, and so many of
/// those in a row a risk.
struct MouldRule {
  std::int64_t critical_micro;  ///< %, steps of 10^-6
  int hours;
  int days;
  std::uint32_t version;
  std::string_view source;
};
/// DIN 4108-2 for the humidity; the duration follows DIN-Fachbericht 4108-8, whose text was not read again.
[[nodiscard]] const MouldRule& mould_rule() noexcept;

struct MouldDay {
  int possible_hours = 0;
  int hours = 0;  ///< that have a mean covered to 75 %, or of unknown coverage
  int critical_hours = 0;
  bool risk = false;   ///< this day and those before it were critical, as many as the rule asks for
  bool valid = false;  ///< no hour that is missing, on this day or on those before it, could change `risk`
};

/// One of each of `days`, which follow each other. The first ones (rule.days - 1) have no days before them: their risk
/// is not valid unless they are not critical. `hours`: one series' results of 1 h, ascending. Any thread.
[[nodiscard]] std::vector<MouldDay> mould_days(std::span<const v1::Aggregate> hours, std::span<const LocalDay> days);

}  // namespace lenne::processing::derived
