#pragma once
// The handlers of the routes. Each takes the caller and asks the views with the caller's scope only.

#include "api/auth.hpp"
#include "api/context.hpp"
#include "api/request.hpp"

namespace lenne::api {

using Handler = Answer (*)(Context& context, const Request& request, const Caller& caller);

Answer get_health(Context& context, const Request& request, const Caller& caller);
Answer get_metrics(Context& context, const Request& request, const Caller& caller);
Answer get_openapi(Context& context, const Request& request, const Caller& caller);
Answer get_schemas(Context& context, const Request& request, const Caller& caller);
Answer get_status(Context& context, const Request& request, const Caller& caller);
Answer get_tenants(Context& context, const Request& request, const Caller& caller);
Answer get_gateways(Context& context, const Request& request, const Caller& caller);
Answer get_network_gateways(Context& context, const Request& request, const Caller& caller);
Answer get_network_coverage(Context& context, const Request& request, const Caller& caller);
Answer get_network_devices(Context& context, const Request& request, const Caller& caller);
Answer get_devices(Context& context, const Request& request, const Caller& caller);
Answer get_latest(Context& context, const Request& request, const Caller& caller);
Answer get_series(Context& context, const Request& request, const Caller& caller);
Answer get_aggregates(Context& context, const Request& request, const Caller& caller);
/// get_aggregates with `group`. `format`: json, csv, geojson.
Answer get_rollups(Context& context, const storage::views::RollupFilter& filter,
                   const storage::views::PageRequest& page, std::string_view format, const Caller& caller);
/// What is released to everybody; the caller makes no difference.
Answer get_open_aggregates(Context& context, const Request& request, const Caller& caller);
Answer get_climate_days(Context& context, const Request& request, const Caller& caller);
Answer get_air_quality(Context& context, const Request& request, const Caller& caller);
Answer get_air_limits(Context& context, const Request& request, const Caller& caller);
Answer get_alerts(Context& context, const Request& request, const Caller& caller);
Answer get_alert(Context& context, const Request& request, const Caller& caller);
Answer post_acknowledgement(Context& context, const Request& request, const Caller& caller);
Answer get_thresholds(Context& context, const Request& request, const Caller& caller);
Answer get_meter_balance(Context& context, const Request& request, const Caller& caller);
Answer get_meter_findings(Context& context, const Request& request, const Caller& caller);
Answer get_meter_profile(Context& context, const Request& request, const Caller& caller);
Answer get_meter_readings(Context& context, const Request& request, const Caller& caller);
Answer get_meter_report(Context& context, const Request& request, const Caller& caller);
Answer get_meter_sums(Context& context, const Request& request, const Caller& caller);
Answer get_meter_zone(Context& context, const Request& request, const Caller& caller);
Answer get_meter_substations(Context& context, const Request& request, const Caller& caller);
Answer get_rain(Context& context, const Request& request, const Caller& caller);
Answer get_rain_events(Context& context, const Request& request, const Caller& caller);
Answer get_week_profile(Context& context, const Request& request, const Caller& caller);
Answer get_wind(Context& context, const Request& request, const Caller& caller);
Answer get_heat_hours(Context& context, const Request& request, const Caller& caller);
Answer get_heat_island(Context& context, const Request& request, const Caller& caller);
Answer get_noise(Context& context, const Request& request, const Caller& caller);
Answer get_indoor_air(Context& context, const Request& request, const Caller& caller);
Answer get_mould(Context& context, const Request& request, const Caller& caller);
Answer get_traffic(Context& context, const Request& request, const Caller& caller);
Answer get_waste(Context& context, const Request& request, const Caller& caller);
Answer get_parking(Context& context, const Request& request, const Caller& caller);
Answer get_rooms(Context& context, const Request& request, const Caller& caller);
Answer get_uv(Context& context, const Request& request, const Caller& caller);
Answer get_charge_points(Context& context, const Request& request, const Caller& caller);
Answer get_street_light(Context& context, const Request& request, const Caller& caller);
Answer get_building(Context& context, const Request& request, const Caller& caller);
Answer get_water_levels(Context& context, const Request& request, const Caller& caller);
Answer get_batteries(Context& context, const Request& request, const Caller& caller);
Answer get_events(Context& context, const Request& request, const Caller& caller);
Answer post_apply(Context& context, const Request& request, const Caller& caller);
Answer get_objects(Context& context, const Request& request, const Caller& caller);
Answer get_object(Context& context, const Request& request, const Caller& caller);
Answer post_downlink(Context& context, const Request& request, const Caller& caller);
Answer post_token(Context& context, const Request& request, const Caller& caller);
Answer get_tokens(Context& context, const Request& request, const Caller& caller);
Answer delete_token(Context& context, const Request& request, const Caller& caller);
/// What a plain GET of the WebSocket's address gets.
Answer get_live(Context& context, const Request& request, const Caller& caller);

}  // namespace lenne::api
