#include "api/meter_sums.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "api/meter_rows.hpp"
#include "api/pages.hpp"
#include "base/ids.hpp"
#include "processing/meters/parts.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using base::Int128;
using storage::views::AggregateFilter;

std::vector<Int128> amounts_of(const SiteMeters& site) {
  std::vector<Int128> amounts;
  for (const auto& meter : site.meters) amounts.push_back(meter.amount);
  return amounts;
}

void judge_day(MeterDay& day, std::int64_t now_us) {
  std::vector<std::vector<Int128>> parts;
  std::vector<Int128> all;
  for (const auto& site : day.sites) {
    const auto& amounts = parts.emplace_back(amounts_of(site));
    all.insert(all.end(), amounts.begin(), amounts.end());
  }
  const auto told = meters::told_together(parts, day.end_us, now_us);
  for (std::size_t i = 0; i < told.size(); ++i) day.sites[i].told = told[i];
  day.told = meters::judge(all, day.end_us, now_us) == meters::Withheld::no;
}

/// All rows, page by page.
base::Result<std::vector<v1::Aggregate>> all_rows(const Context& context, const Caller& caller,
                                                  const AggregateFilter& filter) {
  const auto& limits = context.settings.limits;
  std::vector<v1::Aggregate> rows;
  std::string cursor;
  do {
    auto page = context.queries.aggregates(caller.scope, filter, {limits.rows, cursor, limits.scanned_rows});
    if (!page) return std::unexpected(page.error());
    std::ranges::move(page->items, std::back_inserter(rows));
    cursor = std::move(page->next);
    if (rows.size() > limits.scanned_rows) return base::fail("too_large", "too many results: ask for a shorter time");
  } while (!cursor.empty());
  return rows;
}

}  // namespace

base::Result<std::string> tenant_asked(const Request& request, const Caller& caller) {
  auto tenant = request.query.text("tenant");
  if (!tenant.empty()) return tenant;
  if (!caller.scope.is_everything() && caller.scope.tenants().size() == 1) return *caller.scope.tenants().begin();
  return base::fail("bad_parameter", "tenant is required");
}

base::Result<bool> is_zone_inflow(const Context& context, const Caller& caller, std::uint64_t dev_eui) {
  const auto object = context.queries.object(caller.scope, "device/" + base::hex_of(dev_eui, 16));
  if (!object) return std::unexpected(object.error());
  return *object && (**object).object().device().meter_purpose() == "zone_inflow";
}

base::Result<std::vector<MeterDay>> meter_days(const Context& context, const Caller& caller, const std::string& tenant,
                                               const std::string& measure, const Span& span) {
  const AggregateFilter filter{.measure = measure,
                               .window = std::string(meters::kGateRules.window),
                               .from = span.from,
                               .to = span.to,
                               .tenant = tenant};
  const auto rows = all_rows(context, caller, filter);
  if (!rows) return std::unexpected(rows.error());
  std::map<std::uint64_t, bool> customers;
  std::vector<MeterDay> days;
  std::map<std::string, SiteMeters> sites;  // of the last day
  const auto end_day = [&] {
    if (days.empty()) return;
    for (auto& [name, site] : sites) days.back().sites.push_back(std::move(site));
    sites.clear();
    judge_day(days.back(), now_us(context));
  };
  for (const auto& row : *rows) {
    if (row.kind() != v1::KIND_COUNTER) continue;
    const auto [customer, added] = customers.try_emplace(row.dev_eui(), true);
    if (added) {
      const auto inflow = is_zone_inflow(context, caller, row.dev_eui());
      if (!inflow) return std::unexpected(inflow.error());
      customer->second = !*inflow;
    }
    if (!customer->second) continue;
    if (days.empty() || days.back().start_us != row.start_us()) {
      end_day();
      auto& next = days.emplace_back();
      next.start_us = row.start_us();
      next.end_us = row.end_us();
      next.unit = row.unit();
      next.exponent = row.exponent();
    }
    const auto& day = days.back();
    if (std::tuple(day.unit, day.exponent) != std::tuple(row.unit(), row.exponent())) continue;
    auto& site = sites[row.site()];
    site.site = row.site();
    site.meters.push_back({base::hex_of(row.dev_eui(), 16), steps_of(row.counter().amount()), row.covered_us()});
  }
  end_day();
  return days;
}

}  // namespace lenne::api
