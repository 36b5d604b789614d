#include "api/meter_rows.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/fixed_point.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::api {
namespace {

// As long as meters wait for their readings: 48 h, and their longest window is a day.
constexpr auto kOpen = std::chrono::hours{74};

}  // namespace

base::Int128 steps_of(const v1::Int128& x) noexcept { return base::int128_of(x.high(), x.low()); }

processing::meters::Slice slice_of(const v1::Aggregate& row) {
  const auto& counter = row.counter();
  return {row.start_us(),
          row.end_us(),
          steps_of(counter.amount()),
          steps_of(counter.reverse()),
          row.covered_us(),
          counter.interpolated_us(),
          counter.estimated_us()};
}

void write_steps(JsonWriter& json, std::string_view name, const std::optional<base::Int128>& steps, int exponent) {
  json.key(name);
  steps ? json.decimal(*steps, exponent) : json.null();
}

/// In ml, if it is a volume whose steps are not finer.
std::optional<base::Int128> millilitres(base::Int128 steps, const v1::Aggregate& like) {
  if (like.unit() != "m3" || like.exponent() < -6 || like.exponent() > 6) return std::nullopt;
  return steps * base::power_of_ten(like.exponent() + 6);
}

std::map<std::int64_t, std::int64_t> return_temperatures(std::span<const v1::Aggregate> hours) {
  std::map<std::int64_t, std::int64_t> warm;
  for (const auto& row : hours) {
    if (row.unit() != "Cel" || row.exponent() != -6) continue;
    if (const auto mean = processing::derived::mean_micro(row)) warm[row.start_us()] = *mean;
  }
  return warm;
}

base::Result<std::vector<v1::Aggregate>> rows_of_device(Context& context, const storage::views::Scope& scope,
                                                        const storage::views::AggregateFilter& filter,
                                                        bool provisional) {
  const auto& limits = context.settings.limits;
  auto found = context.queries.aggregates(scope, filter, {limits.rows, {}, limits.scanned_rows});
  if (!found) return std::unexpected(found.error());
  if (!found->next.empty()) return base::fail("too_many", "too many windows at once: ask for a shorter time");
  auto rows = std::move(found->items);
  const auto from = std::max(filter.from, context.deps.clock.now() - kOpen);
  if (!provisional || !context.deps.hooks.provisional || from >= filter.to) return rows;
  std::set<std::int64_t> stored;
  for (const auto& row : rows) stored.insert(row.start_us());
  for (auto& row : context.deps.hooks.provisional(*filter.device, filter.window, from, filter.to)) {
    const auto start = base::from_us(row.start_us());
    if (row.measure() != filter.measure || row.window() != filter.window) continue;
    const auto shown =
        context.queries.shows_results(scope, row.tenant(), *filter.device, filter.measure, filter.window);
    if (!shown) return std::unexpected(shown.error());
    if (!*shown) continue;
    if (start < from || start >= filter.to || stored.contains(row.start_us())) continue;
    row.set_final(false);
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, {}, &v1::Aggregate::start_us);
  return rows;
}

base::Result<std::int64_t> thousandths(const Request& request, std::string_view name) {
  const auto text = request.query.find(name);
  if (!text) return 0;
  double value = 0;
  const auto* end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data(), end, value);
  const auto steps = base::to_steps(value, -3);
  if (error != std::errc{} || at != end || !steps || *steps < 0)
    return base::fail("bad_parameter", std::string(name) + " is a number from 0 on, not " + std::string(*text));
  return *steps;
}

base::Int128 steps_of_thousandths(std::int64_t thousandths, int exponent) {
  const auto scale = exponent + 3;
  if (scale <= 0) return base::Int128{thousandths} * base::power_of_ten(std::min(-scale, base::kMaxExponent));
  return base::divide_rounded(thousandths, base::power_of_ten(std::min(scale, base::kMaxExponent)));
}

}  // namespace lenne::api
