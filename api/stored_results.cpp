#include "api/stored_results.hpp"

#include <charconv>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace lenne::api {
namespace {

constexpr std::size_t kDevicesOfSite = 50;

}  // namespace

base::Result<Span> span_of(const Context& context, const Request& request, std::chrono::hours absent,
                           const SpanNames& names) {
  auto from = request.query.time(names.from);
  if (!from) return std::unexpected(from.error());
  auto to = request.query.time(names.to);
  if (!to) return std::unexpected(to.error());
  Span span;
  span.to = to->value_or(context.deps.clock.now());
  span.from = from->value_or(span.to - absent);
  if (span.from > span.to)
    return base::fail("bad_parameter", std::string(names.from) + " is after " + std::string(names.to));
  return span;
}

base::Result<Span> hours_of(const Context& context, const Request& request, std::chrono::hours absent,
                            std::chrono::days longest) {
  auto span = span_of(context, request, absent);
  if (!span) return span;
  if (span->to - span->from > longest)
    return base::fail("bad_parameter", "from and to are at most " + std::to_string(longest.count()) + " days apart");
  span->from = std::chrono::ceil<std::chrono::hours>(span->from);
  return span;
}

base::Result<std::chrono::year> year_of(const Request& request) {
  const auto text = request.query.text("year");
  int year = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, year);
  if (error != std::errc{} || at != end || year < 1970 || year > 2199)
    return base::fail("bad_parameter", "year is one from 1970 to 2199");
  return std::chrono::year{year};
}

std::optional<std::int64_t> day_start_us(const Context& context, std::string_view window, std::chrono::sys_days date) {
  const auto& day_start = context.deps.hooks.day_start;
  const auto start = day_start ? day_start(window, date) : std::nullopt;
  return start ? std::optional(base::to_us(*start)) : std::nullopt;
}

base::Result<std::vector<v1::Aggregate>> results_of(const Context& context, const Caller& caller,
                                                    const storage::views::SeriesItem& item, const std::string& window,
                                                    const Span& span) {
  const storage::views::AggregateFilter filter{.measure = item.series.measure(),
                                               .window = window,
                                               .from = span.from,
                                               .to = span.to,
                                               .tenant = item.device.tenant(),
                                               .device = base::DevEui{item.device.dev_eui()}};
  const auto& limits = context.settings.limits;
  auto page =
      context.queries.aggregates(caller.scope, filter, {.limit = limits.rows, .scan_limit = limits.scanned_rows});
  if (!page) return std::unexpected(page.error());
  if (!page->next.empty())
    return base::fail("too_large", "too many results of " + filter.measure + " at once: ask for a shorter time");
  return std::move(page->items);
}

base::Result<void> of_one_tenant(const storage::views::SeriesItem& item, const std::string& site, std::string& tenant) {
  if (tenant.empty()) tenant = item.device.tenant();
  if (item.device.tenant() != tenant)
    return base::fail("bad_parameter", "several tenants have a site " + site + ": name the tenant");
  return {};
}

base::Result<std::vector<storage::views::SeriesItem>> series_at(Context& context, const Caller& caller,
                                                                std::string& tenant, const std::string& site,
                                                                std::string_view measure) {
  auto found = context.queries.series(caller.scope, {tenant, std::string(measure), site, {}},
                                      {.limit = kDevicesOfSite, .scan_limit = context.settings.limits.scanned_rows});
  if (!found) return std::unexpected(found.error());
  if (!found->next.empty()) {
    context.refuse("site_devices");
    return base::fail("too_large", "too many devices measure " + std::string(measure) + " at " + site);
  }
  for (const auto& item : found->items) {
    if (auto same = of_one_tenant(item, site, tenant); !same) return std::unexpected(same.error());
  }
  return std::move(found->items);
}

base::Result<std::vector<storage::views::SeriesItem>> whole_list(Context& context, const Request& request,
                                                                 const Caller& caller, std::string_view measure,
                                                                 std::size_t most, std::string_view things) {
  auto device = request.query.dev_eui("device");
  if (!device) return std::unexpected(device.error());
  auto found = context.queries.series(
      caller.scope, {request.query.text("tenant"), std::string(measure), request.query.text("site"), *device},
      {.limit = most, .scan_limit = context.settings.limits.scanned_rows});
  if (!found) return std::unexpected(found.error());
  if (!found->next.empty()) {
    context.refuse("site_devices");
    return base::fail(
        "too_large", "more than " + std::to_string(most) + " " + std::string(things) + ": name the tenant or the site");
  }
  return std::move(found->items);
}

void write_who(JsonWriter& json, const v1::DeviceView& device) {
  json.key("tenant").text(device.tenant()).key("site");
  device.site().empty() ? json.null() : json.text(device.site());
  json.key("dev_eui").text(base::to_hex(base::DevEui{device.dev_eui()})).key("device").text(device.name());
}

std::string date_text(std::chrono::sys_days date) { return base::to_rfc3339(base::Timestamp{date}).substr(0, 10); }

}  // namespace lenne::api
