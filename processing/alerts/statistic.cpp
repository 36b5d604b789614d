#include "processing/alerts/statistic.hpp"

#include <cstdlib>

#include "processing/derived/result.hpp"

namespace lenne::processing::alerts {
namespace {

using base::Int128;
using Partial = Statistic::Partial;

Int128 wide(const v1::Int128& x) { return base::int128_of(x.high(), x.low()); }

std::optional<Statistic> of_gauge(const v1::Aggregate& result, std::string_view name) {
  const auto& gauge = result.gauge();
  const auto exponent = result.exponent();
  if (name == "count") return Statistic{{derived::samples_of(result), 0}, Partial::both};
  if (gauge.count() == 0) return std::nullopt;
  if (name == "mean")
    return Statistic{{base::divide_rounded(wide(gauge.sum()), static_cast<Int128>(gauge.count())), exponent}};
  if (name == "min") return Statistic{{gauge.min().value(), exponent}, Partial::below};
  if (name == "max") return Statistic{{gauge.max().value(), exponent}, Partial::above};
  if (name == "sum" && result.kind() != v1::KIND_HELD) {
    const bool adds_up = result.kind() == v1::KIND_EVENT && gauge.min().value() >= 0;
    return Statistic{{wide(gauge.sum()), exponent}, adds_up ? Partial::above : Partial::nothing};
  }
  return std::nullopt;
}

std::optional<Statistic> any_of(const v1::Aggregate& result, std::string_view name) {
  switch (result.state_case()) {
    case v1::Aggregate::kGauge:
      return of_gauge(result, name);
    case v1::Aggregate::kCounter:
      if (name == "sum") return Statistic{{wide(result.counter().amount()), result.exponent()}, Partial::above};
      if (name == "count") return Statistic{{result.counter().count(), 0}, Partial::both};
      return std::nullopt;
    case v1::Aggregate::kDuration:
      if (name == "count") return Statistic{{result.duration().count(), 0}, Partial::both};
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Statistic> statistic_of(const v1::Aggregate& result, std::string_view name) {
  auto found = any_of(result, name);
  if (found && (found->value.steps > INT64_MAX || found->value.steps < -Int128{INT64_MAX})) return std::nullopt;
  return found;
}

bool is_complete(const v1::Aggregate& result) noexcept {
  if (derived::has_unknown_coverage(result)) return true;
  const auto length = Int128{result.end_us()} - result.start_us();
  return Int128{result.covered_us()} * 4 >= length * 3;
}

}  // namespace lenne::processing::alerts
