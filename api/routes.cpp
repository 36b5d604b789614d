#include "api/routes.hpp"

#include <array>

namespace lenne::api {
namespace {

constexpr std::array kRoutes{
    Route{"GET", "/healthz", Need::open, false, false, get_health},
    Route{"GET", "/metrics", Need::open, false, false, get_metrics},
    Route{"GET", "/openapi.yaml", Need::open, true, false, get_openapi},
    Route{"GET", "/v1/schemas", Need::open, true, false, get_schemas},
    Route{"GET", "/v1/open/agg", Need::released, true, false, get_open_aggregates},
    Route{"GET", "/v1/status", Need::read, true, false, get_status},
    Route{"GET", "/v1/tenants", Need::read, true, false, get_tenants},
    Route{"GET", "/v1/gateways", Need::read, true, false, get_gateways},
    Route{"GET", "/v1/devices", Need::read, true, false, get_devices},
    Route{"GET", "/v1/network/gateways", Need::read, true, false, get_network_gateways},
    Route{"GET", "/v1/network/coverage", Need::read, true, false, get_network_coverage},
    Route{"GET", "/v1/network/devices", Need::read, true, false, get_network_devices},
    Route{"GET", "/v1/latest", Need::read, true, false, get_latest},
    Route{"GET", "/v1/series", Need::read, true, false, get_series},
    Route{"GET", "/v1/agg", Need::read, true, false, get_aggregates},
    Route{"GET", "/v1/climate-days", Need::read, true, false, get_climate_days},
    Route{"GET", "/v1/air-quality", Need::read, true, false, get_air_quality},
    Route{"GET", "/v1/air-limits", Need::read, true, false, get_air_limits},
    Route{"GET", "/v1/alerts", Need::read, true, false, get_alerts},
    Route{"GET", "/v1/alerts/{dev_eui}/{rule}", Need::read, true, false, get_alert},
    Route{"POST", "/v1/alerts/{dev_eui}/{rule}/acknowledgement", Need::operator_, false, false, post_acknowledgement},
    Route{"GET", "/v1/thresholds", Need::read, true, false, get_thresholds},
    Route{"GET", "/v1/meter/balance", Need::read, true, false, get_meter_balance},
    Route{"GET", "/v1/meter/findings", Need::read, true, false, get_meter_findings},
    Route{"GET", "/v1/meter/profile", Need::read, true, false, get_meter_profile},
    Route{"GET", "/v1/meter/readings", Need::read, true, false, get_meter_readings},
    Route{"GET", "/v1/meter/report", Need::read, true, false, get_meter_report},
    Route{"GET", "/v1/meter/substations", Need::read, true, false, get_meter_substations},
    Route{"GET", "/v1/meter/sums", Need::read, true, false, get_meter_sums},
    Route{"GET", "/v1/meter/zone", Need::read, true, false, get_meter_zone},
    Route{"GET", "/v1/rain", Need::read, true, false, get_rain},
    Route{"GET", "/v1/rain-events", Need::read, true, false, get_rain_events},
    Route{"GET", "/v1/wind", Need::read, true, false, get_wind},
    Route{"GET", "/v1/heat-hours", Need::read, true, false, get_heat_hours},
    Route{"GET", "/v1/heat-island", Need::read, true, false, get_heat_island},
    Route{"GET", "/v1/noise", Need::read, true, false, get_noise},
    Route{"GET", "/v1/indoor-air", Need::read, true, false, get_indoor_air},
    Route{"GET", "/v1/mould", Need::read, true, false, get_mould},
    Route{"GET", "/v1/traffic", Need::read, true, false, get_traffic},
    Route{"GET", "/v1/week-profile", Need::read, true, false, get_week_profile},
    Route{"GET", "/v1/waste", Need::read, true, false, get_waste},
    Route{"GET", "/v1/parking", Need::read, true, false, get_parking},
    Route{"GET", "/v1/rooms", Need::read, true, false, get_rooms},
    Route{"GET", "/v1/uv", Need::read, true, false, get_uv},
    Route{"GET", "/v1/charge-points", Need::read, true, false, get_charge_points},
    Route{"GET", "/v1/street-light", Need::read, true, false, get_street_light},
    Route{"GET", "/v1/building", Need::read, true, false, get_building},
    Route{"GET", "/v1/water-levels", Need::read, true, false, get_water_levels},
    Route{"GET", "/v1/batteries", Need::read, true, false, get_batteries},
    Route{"GET", "/v1/events", Need::read, true, false, get_events},
    Route{"GET", "/v1/live", Need::read, false, false, get_live},
    Route{"POST", "/v1/apply", Need::operator_, false, true, post_apply},
    Route{"POST", "/v1/devices/{dev_eui}/downlinks", Need::operator_, false, true, post_downlink},
    Route{"GET", "/v1/objects/{kind}", Need::operator_, false, false, get_objects},
    Route{"GET", "/v1/objects/{kind}/{name...}", Need::operator_, false, false, get_object},
    Route{"POST", "/v1/tokens", Need::operator_, false, false, post_token},
    Route{"GET", "/v1/tokens", Need::operator_, false, false, get_tokens},
    Route{"DELETE", "/v1/tokens/{id}", Need::operator_, false, false, delete_token},
};

// Takes the next segment off a path that starts with '/'.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool match_path(std::string_view pattern, std::string_view path, std::vector<std::string>& arguments) {
  while (!pattern.empty() && !path.empty()) {
    if (path.front() != '/') return false;
    const auto rest = path;
    const auto wanted = take_segment(pattern);
    const auto given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return false;
      if (wanted.ends_with("...}")) {
        arguments.emplace_back(rest.substr(1));
        return true;
      }
      arguments.emplace_back(given);
    } else if (wanted != given) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

// Answers once the views contain what the caller has seen.
class WaitForViews final : public Deferred {
 public:
  WaitForViews(Context& context, std::map<std::uint32_t, storage::Offset> positions, Request request, Caller caller,
               Handler handler)
      : context_(context),
        positions_(std::move(positions)),
        request_(std::move(request)),
        caller_(std::move(caller)),
        handler_(handler) {}

  std::optional<Response> poll() override {
    if (inner_ == nullptr) {
      auto contained = views_contain(context_, positions_);
      if (!contained) return error_response(contained.error());
      if (!*contained) return std::nullopt;
      auto answer = handler_(context_, request_, caller_);
      if (auto* response = std::get_if<Response>(&answer)) return std::move(*response);
      inner_ = std::move(std::get<std::unique_ptr<Deferred>>(answer));
    }
    return inner_->poll();
  }

  std::optional<base::Duration> patience() const override {
    return inner_ != nullptr ? inner_->patience() : std::nullopt;
  }

  Response give_up() override {
    if (inner_ != nullptr) return inner_->give_up();
    context_.refuse("min_position_late");
    return error_response({"not_yet", "the views do not contain min_position yet"});
  }

 private:
  Context& context_;
  std::map<std::uint32_t, storage::Offset> positions_;
  Request request_;
  Caller caller_;
  Handler handler_;
  std::unique_ptr<Deferred> inner_;
};

}  // namespace

std::span<const Route> routes() noexcept { return kRoutes; }

Match match_route(std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  Match match;
  for (const auto& route : kRoutes) {
    std::vector<std::string> arguments;
    if (!match_path(route.path, path, arguments)) continue;
    match.path_known = true;
    if (route.method != method) continue;
    match.route = &route;
    match.arguments = std::move(arguments);
    break;
  }
  return match;
}

base::Result<Caller> admit(const Route& route, Caller caller) {
  if (route.need == Need::open || route.need == Need::released) return caller;
  if (caller.role == Role::nobody) return base::fail("unauthorized", "a token is needed: Authorization: Bearer …");
  if (route.need == Need::operator_ && caller.role != Role::operator_) {
    if (caller.role == Role::reader) return base::fail("unauthorized", "the operator's token is needed");
    return base::fail("forbidden", "this is the operator's");
  }
  if (caller.limited) {
    const auto& [grant, own] = *caller.limited;
    const auto seen = sees(grant.purpose, route.path);
    if (seen == Sees::closed)
      return base::fail("forbidden", "a token for " + std::string(name_of(grant.purpose)) + " does not read " +
                                         std::string(route.path));
    caller.scope = scope_of(own, grant, seen);
  }
  return caller;
}

Answer answer_request(Context& context, const Request& request, std::string_view token) {
  auto match = match_route(request.method, request.path);
  if (match.route != nullptr && match.route->need != Need::open && !context.settings.views)
    return error_response({"not_found", "this process serves no views: it has other roles"});
  if (match.route == nullptr) {
    if (!match.path_known) return error_response({"not_found", "there is no " + request.path});
    return error_response({"method_not_allowed", request.method + " is not possible here"});
  }
  auto caller = context.auth.caller_of(token);
  if (!caller && match.route->need == Need::open) caller = Caller{};
  if (!caller) {
    context.refuse(caller.error().code);
    return error_response(caller.error());
  }
  caller = admit(*match.route, std::move(*caller));
  if (!caller) {
    context.refuse(caller.error().code);
    return error_response(caller.error());
  }
  Request matched = request;
  matched.arguments = std::move(match.arguments);
  const bool may_wait = match.route->need == Need::read || match.route->need == Need::operator_;
  if (const auto least = request.query.find("min_position"); least && may_wait) {
    auto positions = parse_positions(*least);
    if (!positions) return error_response(positions.error());
    return std::make_unique<WaitForViews>(context, std::move(*positions), std::move(matched), std::move(*caller),
                                          match.route->handler);
  }
  return match.route->handler(context, matched, *caller);
}

}  // namespace lenne::api
