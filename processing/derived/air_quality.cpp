#include "processing/derived/air_quality.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/int128.hpp"
#include "base/time.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {
namespace {

// Several devices' means of one hour.
struct Together {
  base::Int128 sum = 0;
  std::int64_t count = 0;
  bool known = true;

  void add(std::int64_t micro, bool is_known) {
    sum += micro;
    ++count;
    known = known && is_known;
  }
  [[nodiscard]] std::int64_t mean() const { return static_cast<std::int64_t>(base::divide_rounded(sum, count)); }
};

struct Hour {
  Together usable, invalid;
};

// Whether ozone of an hour counts for AOT40. Its hours are in CET the whole year.
bool counts_for_aot40(std::int64_t start_us) {
  using namespace std::chrono;
  const auto cet = base::from_us(start_us) + hours{1};
  const auto day = floor<days>(cet);
  const auto month = year_month_day{day}.month();
  const auto hour = floor<hours>(cet - day);
  return month >= May && month <= July && hour >= hours{8} && hour < hours{20};
}

}  // namespace

std::vector<HourMean> hours_of(std::span<const v1::Aggregate> results) {
  std::map<std::int64_t, Hour> hours;
  for (const auto& result : results) {
    const auto mean = mean_micro(result);
    if (!mean) continue;
    const auto valid = covered(result, kHourCoverage);
    auto& hour = hours[result.start_us()];
    (valid == false ? hour.invalid : hour.usable).add(*mean, valid.has_value());
  }
  std::vector<HourMean> found;
  for (const auto& [start_us, hour] : hours) {
    if (hour.usable.count > 0) {
      found.push_back({start_us, hour.usable.mean(), hour.usable.known ? std::optional(true) : std::nullopt});
    } else {
      found.push_back({start_us, hour.invalid.mean(), false});
    }
  }
  return found;
}

std::optional<SubIndex> sub_index(std::string_view pollutant, std::int64_t micro) {
  const auto* table = air_quality_levels(pollutant);
  if (table == nullptr) return std::nullopt;
  const auto place = table->level_of(micro);
  return SubIndex{place, table->levels[place].name};
}

std::optional<AirQualityIndex> air_quality_index(const std::array<std::optional<HourMean>, kPollutants.size()>& hours) {
  std::optional<AirQualityIndex> index;
  bool incomplete = false;
  for (std::size_t i = 0; i < kPollutants.size(); ++i) {
    if (!hours[i] || hours[i]->valid == false) {
      incomplete = true;
      continue;
    }
    const auto sub = sub_index(kPollutants[i], hours[i]->micro);
    if (sub && (!index || sub->place > index->worst.place)) index = AirQualityIndex{*sub, kPollutants[i]};
  }
  if (index) index->incomplete = incomplete;
  return index;
}

std::optional<RunningMean> running_mean(std::span<const HourMean> hours, std::int64_t end_us, int length_h) {
  const auto from = std::ranges::lower_bound(hours, end_us - length_h * kHourUs, {}, &HourMean::start_us);
  Together together;
  for (const auto& hour : std::span(from, hours.end())) {
    if (hour.start_us + kHourUs > end_us) break;
    if (hour.valid != false) together.add(hour.micro, hour.valid.has_value());
  }
  if (together.count * 4 < std::int64_t{length_h} * 3) return std::nullopt;
  return RunningMean{together.mean(), static_cast<int>(together.count),
                     together.known ? std::optional(true) : std::nullopt};
}

std::optional<Aot40> aot40(std::span<const HourMean> hours, std::int64_t from_us, std::int64_t to_us) {
  constexpr std::int64_t kThreshold = 80 * kMicro;
  Aot40 result;
  for (auto at = from_us; at < to_us; at += kHourUs) result.possible_hours += counts_for_aot40(at) ? 1 : 0;
  if (result.possible_hours == 0) return std::nullopt;
  for (const auto& hour : hours) {
    if (hour.start_us < from_us || hour.start_us >= to_us || hour.valid == false) continue;
    if (!counts_for_aot40(hour.start_us)) continue;
    ++result.hours;
    result.micro += std::max<std::int64_t>(0, hour.micro - kThreshold);
  }
  result.valid = result.hours * 10 >= result.possible_hours * 9;
  return result;
}

}  // namespace lenne::processing::derived
