// What each gateway hears of the network's devices, and what it alone hears.
#include <algorithm>
#include <map>
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

/// Read from the views at once.
constexpr std::size_t kCoverageAtOnce = 1'000;
/// Gateways that are told apart in one answer.
constexpr std::size_t kCoverageGateways = 4'096;

struct Covered {
  std::uint64_t devices = 0;
  std::uint64_t devices_alone = 0;
};

/// Of all devices that were looked at.
struct Coverage {
  std::map<std::uint64_t, Covered> gateways = {};
  std::uint64_t heard = 0;
  std::uint64_t heard_by_one = 0;
  bool complete = true;

  void add(const storage::views::HeardBy& of_device) {
    if (of_device.gateways.empty()) return;
    const bool alone = of_device.gateways.size() == 1;
    ++heard;
    heard_by_one += alone ? 1U : 0U;
    complete = complete && !of_device.more;
    for (const auto id : of_device.gateways) {
      if (gateways.size() >= kCoverageGateways && !gateways.contains(id)) {
        complete = false;
        continue;
      }
      auto& gateway = gateways[id];
      ++gateway.devices;
      gateway.devices_alone += alone ? 1U : 0U;
    }
  }

  /// Those first that most devices would miss.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, Covered>> sorted() const {
    std::vector<std::pair<std::uint64_t, Covered>> rows(gateways.begin(), gateways.end());
    std::ranges::sort(rows, [](const auto& a, const auto& b) {
      return std::tuple(b.second.devices_alone, b.second.devices, a.first) <
             std::tuple(a.second.devices_alone, a.second.devices, b.first);
    });
    return rows;
  }
};

}  // namespace

Answer get_network_coverage(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant", "site"}); !known) return error_response(known.error());
  const storage::views::DeviceFilter filter{request.query.text("tenant"), request.query.text("site"), {}};
  const auto now = now_us(context);
  Coverage coverage;
  std::string cursor;
  std::size_t looked_at = 0;
  do {
    auto page = context.queries.devices(caller.scope, filter, {kCoverageAtOnce, cursor, kCoverageAtOnce});
    if (!page) return error_response(page.error());
    looked_at += kCoverageAtOnce;
    for (const auto& device : page->items) coverage.add(storage::views::heard_by(device, now));
    cursor = std::move(page->next);
  } while (!cursor.empty() && looked_at < context.settings.limits.scanned_rows);
  if (!cursor.empty()) context.refuse("network_coverage");
  JsonWriter json;
  json.begin_object();
  write_time(json, "since", storage::views::radio_since_us(now));
  json.key("complete").boolean(cursor.empty() && coverage.complete);
  json.key("devices").number(coverage.heard).key("devices_of_one_gateway").number(coverage.heard_by_one);
  json.key("items").begin_array();
  for (const auto& [id, of] : coverage.sorted()) {
    json.begin_object().key("gateway_id").text(base::to_hex(base::GatewayId{id}));
    json.key("devices").number(of.devices).key("devices_alone").number(of.devices_alone).end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
