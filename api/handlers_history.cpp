// What was: aggregates and events.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "api/csv.hpp"
#include "api/event_filter.hpp"
#include "api/event_json.hpp"
#include "api/event_source.hpp"
#include "api/geojson.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/pages.hpp"
#include "api/rollup_rows.hpp"
#include "api/rows.hpp"
#include "api/stored_results.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "processing/derived/periods.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::AggregateFilter;
using storage::views::Page;

// How far back windows that are not final are asked for: of one device as long as any class of series waits (meters:
// 48 h), of many only the newest ones.
constexpr auto kProvisionalOfOne = std::chrono::hours{51};
constexpr auto kProvisionalOfMany = std::chrono::hours{3};

/// Of a measure that has no quarter hours the shortest that it has.
std::string usual_window(const Context& context, std::string_view measure) {
  constexpr std::string_view kQuarter = "PT15M";
  const auto& hook = context.deps.hooks.shortest_instead_of;
  const auto shortest = hook ? hook(kQuarter, measure) : std::nullopt;
  return shortest.value_or(std::string(kQuarter));
}

base::Result<AggregateFilter> aggregate_filter(const Context& context, const Request& request) {
  AggregateFilter filter{};
  auto measure = measure_named(request.query.text("measure"));
  if (!measure) return std::unexpected(measure.error());
  filter.measure = *measure;
  if (filter.measure.empty()) return base::fail("bad_parameter", "measure is required");
  const auto resolution = request.query.find("res");
  const auto window = resolution ? window_of_resolution(*resolution) : usual_window(context, filter.measure);
  if (!window) return std::unexpected(window.error());
  filter.window = *window;
  const auto span = span_of(context, request, std::chrono::hours{24});
  if (!span) return std::unexpected(span.error());
  filter.from = span->from;
  filter.to = span->to;
  filter.tenant = request.query.text("tenant");
  filter.site = request.query.text("site");
  auto device = request.query.dev_eui("device");
  if (!device) return std::unexpected(device.error());
  filter.device = *device;
  return filter;
}

// Adds the windows that are not stored yet. Only on the last page, so that no row comes twice.
base::Result<void> add_provisional(Context& context, const Caller& caller, const AggregateFilter& filter,
                                   std::vector<v1::Aggregate>& rows) {
  const auto& hook = context.deps.hooks.provisional;
  const auto back = filter.device ? kProvisionalOfOne : kProvisionalOfMany;
  const auto from = std::max(filter.from, context.deps.clock.now() - back);
  if (!hook || from >= filter.to) return {};
  const auto most = context.settings.limits.provisional_devices;
  const storage::views::SeriesFilter series{filter.tenant, filter.measure, filter.site, filter.device};
  auto found =
      context.queries.series(caller.scope, series, {.limit = most, .scan_limit = context.settings.limits.scanned_rows});
  if (!found) return std::unexpected(found.error());
  if (!found->next.empty()) {
    context.refuse("provisional_devices");
    return {};
  }
  for (const auto& item : found->items) {
    const base::DevEui eui{item.device.dev_eui()};
    const auto shown =
        context.queries.shows_results(caller.scope, item.device.tenant(), eui, filter.measure, filter.window);
    if (!shown) return std::unexpected(shown.error());
    if (!*shown) continue;
    for (auto& row : hook(eui, filter.window, from, filter.to)) {
      const auto start = base::from_us(row.start_us());
      if (row.measure() != filter.measure || row.window() != filter.window || start < from || start >= filter.to)
        continue;
      if (row.tenant() != item.device.tenant() || rows.size() >= context.settings.limits.rows) continue;
      auto stored = context.queries.has_aggregate(row.tenant(), row.measure(), row.window(), start, eui);
      if (!stored) return std::unexpected(stored.error());
      if (*stored) continue;
      row.set_final(false);
      rows.push_back(std::move(row));
    }
  }
  const auto place = [](const v1::Aggregate& row) {
    return std::tuple(std::string_view(row.tenant()), row.start_us(), row.dev_eui());
  };
  std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return {};
}

constexpr std::size_t kMostPeriods = 120;

// Made of their days when they are asked for, so that what corrects a day corrects them.
base::Result<Page<v1::Aggregate>> months_and_years(Context& context, const Caller& caller,
                                                   const AggregateFilter& filter, const derived::PeriodKind& kind,
                                                   bool provisional) {
  const auto day_start = [&](std::chrono::sys_days date) { return day_start_us(context, kind.day, date); };
  auto periods = derived::periods_in(kind, base::to_us(filter.from), base::to_us(filter.to), day_start, kMostPeriods);
  if (!periods) return std::unexpected(periods.error());
  Page<v1::Aggregate> page;
  if (periods->empty()) return page;
  auto of_days = filter;
  of_days.window = kind.day;
  of_days.from = base::from_us(periods->front().start_us);
  of_days.to = base::from_us(periods->back().end_us);
  const auto& limits = context.settings.limits;
  auto days = context.queries.aggregates(caller.scope, of_days, {limits.rows, {}, limits.scanned_rows});
  if (!days) return std::unexpected(days.error());
  if (!days->next.empty())
    return base::fail("bad_parameter", "these are too many days for one answer; name a device, or a shorter time");
  if (provisional) {
    if (auto added = add_provisional(context, caller, of_days, days->items); !added)
      return std::unexpected(added.error());
  }
  using Place = std::tuple<std::string, std::int64_t, std::uint64_t>;  // tenant, start of the period, device
  std::map<Place, std::vector<v1::Aggregate>> found;
  for (auto& day : days->items) {
    const auto after = std::ranges::upper_bound(*periods, day.start_us(), {}, &derived::Period::start_us);
    found[{day.tenant(), std::prev(after)->start_us, day.dev_eui()}].push_back(std::move(day));
  }
  const auto now_us = base::to_us(context.deps.clock.now() - kProvisionalOfOne);
  for (auto& [place, of_period] : found) {
    std::ranges::sort(of_period, {}, &v1::Aggregate::start_us);
    const auto period = std::ranges::find(*periods, std::get<1>(place), &derived::Period::start_us);
    auto& sum = page.items.emplace_back(derived::sum_up(of_period, *period));
    sum.set_final(sum.final() && period->end_us <= now_us);
  }
  return page;
}

Response aggregates_csv(const Page<v1::Aggregate>& page) {
  CsvWriter csv;
  write_aggregate_header(csv);
  for (const auto& row : page.items) write_aggregate_row(csv, row);
  return page_of_type("text/csv; charset=utf-8", csv.take(), page.next);
}

Response aggregates_geojson(const Context& context, const Page<v1::Aggregate>& page) {
  Sites sites(context);
  FeatureCollection features;
  for (const auto& row : page.items) {
    features.add(sites.location_of(row.tenant(), row.site()),
                 [&](JsonWriter& json) { write_aggregate_fields(json, row); });
  }
  return features.response(page.next);
}

// On a thread of its own.
Response read_events(const Dependencies& deps, const HttpLimits& limits, const EventFilter& filter,
                     const std::string& from, std::size_t most, const std::atomic<bool>& unwanted) {
  auto source = EventSource::open(deps.log, filter.topics(), filter.label(), from);
  if (!source) return error_response(source.error());
  std::string body;
  std::size_t lines = 0;
  std::size_t looked_at = 0;
  bool end = false;
  while (!end && !unwanted && lines < most && looked_at < limits.scanned_rows && body.size() < limits.response_bytes) {
    auto taken = source->take(EventSource::Until::end, 256, [&](const storage::Record& record) {
      ++looked_at;
      if (auto line = filter.line_of(record, *source, deps.hooks.render_message)) {
        body.append(*line).push_back('\n');
        ++lines;
      }
      return lines < most && body.size() < limits.response_bytes;
    });
    if (!taken) return error_response(taken.error());
    end = *taken == 0;
  }
  Response response{.content_type = "application/x-ndjson", .body = std::move(body)};
  response.headers.emplace_back("Lenne-Position", source->position());
  response.headers.emplace_back("Lenne-End", end ? "true" : "false");
  return response;
}

class WaitForHistory final : public Deferred {
 public:
  WaitForHistory(Context& context, std::shared_ptr<HistoryReading> reading)
      : context_(context), reading_(std::move(reading)) {}

  std::optional<Response> poll() override { return reading_->take(); }
  std::optional<base::Duration> patience() const override { return context_.settings.limits.history_wait; }
  Response give_up() override {
    reading_->abandon();
    context_.refuse("history_late");
    return error_response({"log_unavailable", "the log did not answer in time"});
  }

 private:
  Context& context_;
  std::shared_ptr<HistoryReading> reading_;
};

}  // namespace

Answer get_aggregates(Context& context, const Request& request, const Caller& caller) {
  auto known = request.query.only({"measure", "res", "from", "to", "tenant", "site", "device", "limit", "cursor",
                                   "format", "provisional", "group"});
  if (!known) return error_response(known.error());
  auto filter = aggregate_filter(context, request);
  if (!filter) return error_response(filter.error());
  const auto& limits = context.settings.limits;
  auto limit = request.query.size("limit", 1000, limits.rows);
  if (!limit) return error_response(limit.error());
  auto provisional = request.query.boolean("provisional", true);
  if (!provisional) return error_response(provisional.error());
  const auto format = request.query.find("format").value_or("json");
  if (format != "json" && format != "csv" && format != "geojson") {
    return error_response({"bad_parameter", "format is json, csv or geojson"});
  }
  const auto group = request.query.find("group").value_or("device");
  if (group != "device") {
    const auto level = level_named(group);
    if (!level) return error_response({"bad_parameter", "group is device, site, area, tenant, district or region"});
    if (filter->device) return error_response({"bad_parameter", "device belongs to group=device"});
    return get_rollups(
        context, {*level, filter->measure, filter->window, filter->from, filter->to, filter->tenant, filter->site},
        {*limit, request.query.text("cursor"), limits.scanned_rows}, format, caller);
  }
  const auto* const made_of_days = derived::find_period_kind(filter->window);
  auto found = made_of_days ? months_and_years(context, caller, *filter, *made_of_days, *provisional)
                            : context.queries.aggregates(caller.scope, *filter,
                                                         {*limit, request.query.text("cursor"), limits.scanned_rows});
  if (!found) return error_response(found.error());
  if (!made_of_days && *provisional && found->next.empty()) {
    if (auto added = add_provisional(context, caller, *filter, found->items); !added)
      return error_response(added.error());
  }
  if (format == "csv") return aggregates_csv(*found);
  if (format == "geojson") return aggregates_geojson(context, *found);
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : found->items) {
    json.begin_object();
    write_aggregate_fields(json, row);
    json.end_object();
  }
  return finish(json, found->next);
}

Answer get_events(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"type", "tenant", "from", "limit"}); !known)
    return error_response(known.error());
  const auto& limits = context.settings.limits;
  auto limit = request.query.size("limit", 1000, limits.rows);
  if (!limit) return error_response(limit.error());
  auto filter = EventFilter::of(request.query.text("type"), request.query.text("tenant"), caller.scope);
  if (!filter) return error_response(filter.error());
  if (filter->wants_alerts())
    return error_response({"bad_parameter", "alerts are at /v1/alerts and, as they come, at /v1/live"});
  auto reading = context.history.start(
      [&deps = context.deps, limits, filter = std::move(*filter), limit = *limit,
       from = std::string(request.query.find("from").value_or("beginning"))](const std::atomic<bool>& unwanted) {
        return read_events(deps, limits, filter, from, limit, unwanted);
      });
  if (reading == nullptr) {
    context.refuse("history_readings");
    return error_response({"too_many", "too many read the log at this moment; try again"});
  }
  return std::make_unique<WaitForHistory>(context, std::move(reading));
}

Answer get_live(Context&, const Request&, const Caller&) {
  return error_response({"upgrade_required", "this address speaks WebSocket; /v1/events is the same over plain HTTP"});
}

}  // namespace lenne::api
