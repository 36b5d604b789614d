// How the radio network does: gateways, and devices with the worst first.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/pages.hpp"
#include "base/ids.hpp"
#include "storage/views/radio.hpp"

namespace lenne::api {
namespace {

using storage::views::DeviceRadio;
using storage::views::is_silent;
using storage::views::radio_of;

/// Read from the views at once, while the worst are looked for.
constexpr std::size_t kAtOnce = 1'000;

void write_seconds(JsonWriter& json, std::string_view key, std::uint64_t us) {
  json.key(key).decimal(static_cast<base::Int128>(us), -6);
}

void write_radio(JsonWriter& json, const DeviceRadio& radio) {
  json.key("uplinks").number(radio.uplinks).key("lost").number(radio.lost);
  write_share(json, "loss", radio.lost, radio.lost + radio.uplinks);
  json.key("link_margin");
  radio.margins == 0
      ? json.null()
      : json.real(static_cast<double>(radio.margin_sum_tenths_db) / static_cast<double>(radio.margins) / 10);
  json.key("link_margin_min");
  radio.margins == 0 ? json.null() : json.decimal(radio.margin_least_tenths_db, -1);
  write_share(json, "gateways", radio.copies, radio.receptions);
  write_share(json, "alone", radio.alone, radio.receptions);
  json.key("spreading_factors").begin_array();
  for (const auto count : radio.spreading_factors) json.number(count);
  json.end_array();
  write_seconds(json, "airtime_s", radio.airtime_us);
  json.key("joins").number(radio.joins);
}

/// How full each channel is at a gateway, of the minutes since it was first heard.
void write_channels(JsonWriter& json, const storage::views::GatewayRadio& radio) {
  constexpr std::int64_t kMinuteUs = 60'000'000;
  json.key("channels").begin_array();
  for (const auto& [frequency, sum] : radio.channels) {
    json.begin_object().key("frequency").number(frequency).key("frames").number(sum.frames);
    write_seconds(json, "airtime_s", sum.airtime_us);
    write_share(json, "load", sum.airtime_us, static_cast<std::uint64_t>(radio.minutes * kMinuteUs));
    json.end_object();
  }
  json.end_array();
}

/// How much of each sub-band's airtime a gateway has used within an hour.
void write_sub_bands(JsonWriter& json, const Context& context, const v1::GatewayView& gateway, std::int64_t now) {
  json.key("sub_bands").begin_array();
  for (const auto& band : context.settings.sub_bands) {
    const auto used = storage::views::sent_within_hour(gateway, band.min_hz, band.max_hz, now);
    json.begin_object().key("name").text(band.name);
    json.key("min_frequency").number(band.min_hz).key("max_frequency").number(band.max_hz);
    write_seconds(json, "used_s", used);
    write_seconds(json, "left_s", band.airtime_us_per_hour - std::min(used, band.airtime_us_per_hour));
    write_share(json, "used", used, band.airtime_us_per_hour);
    json.end_object();
  }
  json.end_array();
}

struct DeviceHealth {
  v1::DeviceView device;
  DeviceRadio radio;
  std::optional<bool> silent;
  storage::views::HeardBy heard_by;
};

/// What makes a device worse than another: greater comes first. Devices of which it cannot be said come last.
double loss_rank(const DeviceHealth& each) {
  const auto all = each.radio.lost + each.radio.uplinks;
  return all == 0 ? -1 : static_cast<double>(each.radio.lost) / static_cast<double>(all);
}

double margin_rank(const DeviceHealth& each) {
  constexpr double kUnknown = -1e9;
  return each.radio.margins == 0
             ? kUnknown
             : -static_cast<double>(each.radio.margin_sum_tenths_db) / static_cast<double>(each.radio.margins);
}

double silence_rank(const DeviceHealth& each) {
  if (!each.silent.value_or(false)) return 0;
  return -static_cast<double>(each.device.last_seen_us()) + 1e18;
}

double airtime_rank(const DeviceHealth& each) { return static_cast<double>(each.radio.airtime_us); }

double joins_rank(const DeviceHealth& each) { return static_cast<double>(each.radio.joins); }

double alone_rank(const DeviceHealth& each) {
  return each.radio.receptions == 0
             ? -1
             : static_cast<double>(each.radio.alone) / static_cast<double>(each.radio.receptions);
}

using Rank = double (*)(const DeviceHealth& each);
constexpr std::pair<std::string_view, Rank> kRanks[]{{"loss", loss_rank},       {"margin", margin_rank},
                                                     {"silence", silence_rank}, {"alone", alone_rank},
                                                     {"airtime", airtime_rank}, {"joins", joins_rank}};

/// Of all devices that were looked at.
struct NetworkTotals {
  std::uint64_t devices = 0;
  std::uint64_t silent = 0;
  std::uint64_t never_heard = 0;
  DeviceRadio radio;

  void add(const DeviceHealth& each) {
    devices += 1;
    silent += each.silent.value_or(false) ? 1U : 0U;
    never_heard += each.device.last_seen_us() == 0 ? 1U : 0U;
    storage::views::add(radio, each.radio);
  }
};

/// Keeps the `most` worst of those that it is given.
class Worst {
 public:
  Worst(Rank rank, std::size_t most) : rank_(rank), most_(most) {}

  void add(DeviceHealth each) {
    kept_.push_back(std::move(each));
    if (kept_.size() >= 2 * most_ + kAtOnce) cut();
  }
  [[nodiscard]] std::vector<DeviceHealth> take() {
    cut();
    return std::move(kept_);
  }

 private:
  void cut() {
    const auto before = [this](const DeviceHealth& a, const DeviceHealth& b) {
      return std::tuple(-rank_(a), a.device.dev_eui()) < std::tuple(-rank_(b), b.device.dev_eui());
    };
    std::sort(kept_.begin(), kept_.end(), before);
    if (kept_.size() > most_) kept_.resize(most_);
  }

  Rank rank_;
  std::size_t most_;
  std::vector<DeviceHealth> kept_;
};

void write_device(JsonWriter& json, const DeviceHealth& each) {
  const auto& device = each.device;
  json.begin_object();
  json.key("dev_eui").text(base::to_hex(base::DevEui{device.dev_eui()}));
  json.key("name").text(device.name());
  json.key("tenant").text(device.tenant());
  write_optional(json, "site", device.site());
  write_optional(json, "profile", device.profile());
  write_time(json, "last_seen", device.last_seen_us());
  json.key("interval_s");
  device.nominal_interval_s() == 0 ? json.null() : json.number(device.nominal_interval_s());
  json.key("silent");
  each.silent ? json.boolean(*each.silent) : json.null();
  write_radio(json, each.radio);
  json.key("heard_by").number(each.heard_by.gateways.size()).key("heard_by_more").boolean(each.heard_by.more);
  json.key("gateway_id");
  device.gateway_id() == 0 ? json.null() : json.text(base::to_hex(base::GatewayId{device.gateway_id()}));
  json.end_object();
}

}  // namespace

Answer get_network_devices(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant", "site", "sort", "limit"}); !known)
    return error_response(known.error());
  const auto sort = request.query.find("sort").value_or("loss");
  const auto rank = std::ranges::find(kRanks, sort, &std::pair<std::string_view, Rank>::first);
  if (rank == std::end(kRanks))
    return error_response(
        {"bad_parameter", "sort is loss, margin, silence, alone, airtime or joins, not " + std::string(sort)});
  auto limit = request.query.size("limit", 100, kAtOnce);
  if (!limit) return error_response(limit.error());
  const storage::views::DeviceFilter filter{request.query.text("tenant"), request.query.text("site"), {}};
  const auto now = now_us(context);
  Worst worst(rank->second, *limit);
  NetworkTotals totals;
  std::string cursor;
  std::size_t looked_at = 0;
  do {
    auto page = context.queries.devices(caller.scope, filter, {kAtOnce, cursor, kAtOnce});
    if (!page) return error_response(page.error());
    looked_at += kAtOnce;
    for (auto& device : page->items) {
      DeviceHealth each{std::move(device), {}, {}, {}};
      each.radio = radio_of(each.device, now);
      each.heard_by = storage::views::heard_by(each.device, now);
      each.silent = is_silent(each.device, now);
      totals.add(each);
      worst.add(std::move(each));
    }
    cursor = std::move(page->next);
  } while (!cursor.empty() && looked_at < context.settings.limits.scanned_rows);
  if (!cursor.empty()) context.refuse("network_devices");
  JsonWriter json;
  json.begin_object();
  write_time(json, "since", storage::views::radio_since_us(now));
  json.key("complete").boolean(cursor.empty());
  json.key("totals").begin_object();
  json.key("devices").number(totals.devices);
  json.key("silent").number(totals.silent).key("never_heard").number(totals.never_heard);
  write_radio(json, totals.radio);
  json.end_object().key("items").begin_array();
  for (const auto& each : worst.take()) write_device(json, each);
  json.end_array().end_object();
  return Response{.body = json.take()};
}

Answer get_network_gateways(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant", "limit", "cursor"}); !known) return error_response(known.error());
  auto page = page_of(context, request, context.settings.limits.rows);
  if (!page) return error_response(page.error());
  auto found = context.queries.gateways(caller.scope, request.query.text("tenant"), *page);
  if (!found) return error_response(found.error());
  const auto now = now_us(context);
  JsonWriter json;
  json.begin_object();
  write_time(json, "since", storage::views::radio_since_us(now));
  json.key("items").begin_array();
  for (const auto& item : found->items) {
    const auto radio = radio_of(item.status, now);
    json.begin_object();
    json.key("gateway_id").text(base::to_hex(base::GatewayId{item.object.gateway_id()}));
    json.key("name").text(item.object.name());
    write_optional(json, "tenant", item.tenant);
    write_time(json, "last_seen", item.status.last_seen_us());
    json.key("online").boolean(online(context, item.status));
    write_share(json, "availability", radio.minutes_alive, radio.minutes);
    json.key("minutes").number(radio.minutes);
    json.key("frames").number(radio.frames).key("frames_alone").number(radio.alone);
    write_share(json, "alone", radio.alone, radio.frames);
    write_share(json, "rx_ok", radio.rx_ok, radio.rx_received);
    write_seconds(json, "uplink_airtime_s", radio.uplink_airtime_us);
    write_seconds(json, "downlink_airtime_s", radio.downlink_airtime_us);
    json.key("downlinks").number(radio.downlinks).key("downlinks_refused").number(radio.downlinks_refused);
    json.key("duty_cycle_refused").number(radio.duty_cycle_refused);
    json.key("foreign_frames").number(radio.foreign_frames);
    write_seconds(json, "foreign_airtime_s", radio.foreign_airtime_us);
    write_channels(json, radio);
    write_sub_bands(json, context, item.status, now);
    json.end_object();
  }
  return finish(json, found->next);
}

}  // namespace lenne::api
