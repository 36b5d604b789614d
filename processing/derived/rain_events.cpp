#include "processing/derived/rain_events.hpp"

#include "base/int128.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {
namespace {

void add_quarter(RainEvent& event, const v1::Aggregate& row, std::int64_t micro) {
  event.end_us = row.end_us();
  event.micro += micro;
  ++event.quarters;
  const auto intensity =
      static_cast<std::int64_t>(base::divide_rounded(base::Int128{micro} * kHourUs, row.end_us() - row.start_us()));
  if (intensity <= event.intensity_micro) return;
  event.intensity_micro = intensity;
  event.intensity_start_us = row.start_us();
}

std::optional<bool> validity_of(const RainEvent& event, std::span<const v1::Aggregate> quarters) {
  const auto from = event.start_us - kDryUs;
  const auto to = event.end_us + kDryUs;
  std::int64_t told_us = 0;
  bool known = true;
  for (const auto& row : rows_in(quarters, from, to)) {
    const auto covers = covered(row, kSumCoverage);
    if (covers == false || !sum_micro(row)) return false;
    known = known && covers.has_value();
    told_us += row.end_us() - row.start_us();
  }
  if (told_us != to - from) return false;
  return known ? std::optional(true) : std::nullopt;
}

}  // namespace

std::vector<RainEvent> rain_events(std::span<const v1::Aggregate> quarters, std::int64_t from_us, std::int64_t to_us) {
  std::vector<RainEvent> events;
  for (const auto& row : quarters) {
    const auto micro = sum_micro(row);
    if (!micro || *micro <= 0) continue;
    if (events.empty() || row.start_us() - events.back().end_us >= kDryUs)
      events.push_back({.start_us = row.start_us(), .valid = {}});
    add_quarter(events.back(), row, *micro);
  }
  std::erase_if(events, [&](const RainEvent& event) { return event.end_us <= from_us || event.start_us >= to_us; });
  for (auto& event : events) event.valid = validity_of(event, quarters);
  return events;
}

}  // namespace lenne::processing::derived
