// The server over real sockets on the loopback.
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iterator>
#include <set>

#include "api/embedded.hpp"
#include "api/routes.hpp"
#include "tests/unit/api/world.hpp"

namespace lenne::api {
namespace {

TEST(Server, SaysWhatItIs) {
  World world;
  EXPECT_EQ(world.get("/healthz", "").status, 200U);
  const auto status = world.get("/v1/status");
  EXPECT_EQ(status.status, 200U) << status.body;
  EXPECT_EQ(status.json().at("version"), "0.1.0");
  EXPECT_EQ(status.headers.at("content-type"), "application/json");
  EXPECT_EQ(status.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(status.headers.count("x-powered-by"), 0U);
  world.counters.count("ingest.refused.unknown_gateway", 3);
  const auto metrics = world.get("/metrics", "");
  EXPECT_NE(
      metrics.body.find(
          "# TYPE lenne_ingest_refused_unknown_gateway_total counter\nlenne_ingest_refused_unknown_gateway_total 3\n"),
      std::string::npos);
  const auto head = world.ask("HEAD", "/v1/status");
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.body, "");
  EXPECT_GT(std::stoi(head.headers.at("content-length")), 100);
}

TEST(Server, TheDescriptionInTheProgramIsTheFile) {
  std::ifstream file(LENNE_SOURCE_DIR "/api/openapi.yaml", std::ios::binary);
  EXPECT_EQ(openapi_text(), std::string(std::istreambuf_iterator<char>(file), {}));
}

// Every route stands in the description, and the other way round.
TEST(Server, DescriptionAndRoutesAgree) {
  std::set<std::string> described, real;
  const auto document = YAML::Load(std::string(openapi_text()));
  for (const auto& path : document["paths"]) {
    for (const auto& method : path.second) {
      std::string name = method.first.as<std::string>();
      for (auto& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      described.insert(name + " " + path.first.as<std::string>());
      EXPECT_TRUE(method.second["summary"] && method.second["operationId"] && method.second["responses"]) << path.first;
      const bool open = method.second["security"] && method.second["security"].size() == 0;
      const auto match = match_route(name, path.first.as<std::string>());
      ASSERT_NE(match.route, nullptr) << path.first;
      EXPECT_EQ(open, match.route->need == Need::open || match.route->need == Need::released) << path.first;
    }
  }
  for (const auto& route : routes()) {
    std::string path(route.path);
    if (const auto dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
    real.insert(std::string(route.method) + " " + path);
  }
  EXPECT_EQ(described, real);
}

TEST(Server, WhoMayDoWhat) {
  World world;
  world.two_towns();
  const auto token = world.token_of("menden");
  for (const auto& route : routes()) {
    if (route.need == Need::open || route.need == Need::released) continue;
    std::string path(route.path);
    for (const auto* name : {"{kind}", "{name...}", "{id}", "{dev_eui}", "{rule}"}) {
      if (const auto at = path.find(name); at != std::string::npos)
        path.replace(at, std::string(name).size(), "tenant");
    }
    const auto method = std::string(route.method);
    EXPECT_EQ(world.ask(method, path, "").status, 401U) << path;
    EXPECT_EQ(world.ask(method, path, "wrong").status, 401U) << path;
    if (route.need == Need::operator_) {
      EXPECT_EQ(world.ask(method, path, token).status, 403U) << path;
    }
  }
  EXPECT_EQ(world.get("/v1/status", "").headers.at("www-authenticate"), "Bearer");
  EXPECT_GT(world.counters.value("api.refused.unauthorized"), 0U);
  EXPECT_GT(world.counters.value("api.refused.forbidden"), 0U);
  EXPECT_EQ(world.get("/v1/status?token=" + kOperator, "").status, 401U)
      << "a token in an address is for WebSockets only";
}

TEST(Server, AnonymousMayReadWhereTheSettingsSaySo) {
  World world({.anonymous = Anonymous::read});
  world.two_towns();
  EXPECT_EQ(world.get("/v1/devices", "").items().size(), 2U);
  EXPECT_EQ(world.get("/v1/objects/device", "").status, 401U);
  EXPECT_EQ(world.get("/v1/tokens", "").status, 401U);
  EXPECT_EQ(world.ask("POST", "/v1/apply", "", "[]").status, 401U);
  EXPECT_EQ(world.get("/v1/devices", "wrong").status, 401U) << "a wrong token is not the same as none";
}

// Rule 9: with Soest's token nothing of Menden is anywhere.
TEST(Server, ATenantSeesOnlyItsOwn) {
  Hooks hooks;
  hooks.provisional = [](base::DevEui eui, std::string_view window, base::Timestamp, base::Timestamp to) {
    v1::Aggregate row;
    row.set_dev_eui(eui.value);
    row.set_tenant("menden");
    row.set_measure("temperature");
    row.set_window(std::string(window));
    row.set_start_us(base::to_us(to) - 1);
    row.set_end_us(base::to_us(to));
    return std::vector{row};
  };
  World world({}, hooks);
  world.two_towns();
  world.uplink("menden", 1, 5);
  world.measure("menden", 1, 21'500'000);
  world.aggregate("menden", 1, kStartUs);
  const auto menden = world.token_of("menden");
  const auto soest = world.token_of("soest");
  world.wait_until([&] {
    return world.get("/v1/agg?measure=temperature&from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z", menden)
               .items()
               .size() >= 1;
  });
  const std::string span = "&from=2026-11-24T00:00:00Z&to=2036-11-25T00:00:00Z";
  for (const std::string filter : {"", "tenant=menden"}) {
    for (const std::string path :
         {"/v1/status?", "/v1/tenants?", "/v1/gateways?", "/v1/devices?", "/v1/latest?", "/v1/latest?format=csv&",
          "/v1/latest?format=geojson&", "/v1/latest?device=0000000000000001&", "/v1/series?",
          "/v1/series?measure=temperature&", "/v1/agg?measure=temperature&",
          "/v1/agg?measure=temperature&device=0000000000000001&", "/v1/agg?measure=temperature&format=csv&",
          "/v1/climate-days?site=school&year=2026&", "/v1/climate-days?device=0000000000000001&year=2026&",
          "/v1/events?", "/v1/network/devices?", "/v1/network/gateways?"}) {
      if (!filter.empty() && (path == "/v1/status?" || path == "/v1/tenants?")) continue;
      const auto target = path + filter + (path.starts_with("/v1/agg") ? span : "");
      const auto mine = world.get(target, menden);
      const auto theirs = world.get(target, soest);
      EXPECT_EQ(theirs.status, 200U) << target << theirs.body;
      EXPECT_EQ(theirs.body.find("menden"), std::string::npos) << target << theirs.body;
      EXPECT_EQ(theirs.body.find("Menden"), std::string::npos) << target;
      EXPECT_EQ(theirs.body.find("0000000000000001\""), std::string::npos) << target;
      if (path != "/v1/status?") {
        EXPECT_NE(mine.body.find("menden"), std::string::npos) << target << mine.body;
      }
    }
  }
  EXPECT_EQ(world.get("/v1/status", soest).json().at("uplinks_total"), 0);
  EXPECT_EQ(world.get("/v1/status", menden).json().at("uplinks_total"), 1);
  EXPECT_EQ(world.get("/v1/status", menden).json().at("devices_seen_1h"), 1);
  // A cursor that the operator was given does not open the door.
  const auto cursor = std::string(world.get("/v1/devices?limit=1").json().at("next").as_string());
  EXPECT_EQ(world.get("/v1/devices?cursor=" + cursor, soest).status, 400U);
}

TEST(Server, WithoutAResolutionAMeasureHasTheShortestOfItsWindowsFromAQuarterOn) {
  for (const bool has_quarters : {true, false}) {
    Hooks hooks;
    hooks.shortest_instead_of = [&](std::string_view window, std::string_view measure) {
      EXPECT_EQ(window, "PT15M");
      EXPECT_EQ(measure, "temperature");
      return has_quarters ? std::nullopt : std::optional<std::string>("PT1H");
    };
    World world({}, std::move(hooks));
    world.two_towns();
    auto hour = world.aggregate("menden", 1, kStartUs);
    hour.set_window("PT1H");
    hour.set_end_us(kStartUs + 3'600'000'000);
    world.append(storage::Topic::aggregate, "menden", "hour", hour.SerializeAsString());
    const std::string agg = "/v1/agg?measure=temperature&from=2026-11-24T00:00:00Z&to=2026-11-24T01:00:00Z";
    world.wait_until([&] { return world.get(agg + "&res=1h").items().size() == 1; });
    const auto rows = world.get(agg).items();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.at(0).as_object().at("window"), has_quarters ? "PT15M" : "PT1H");
  }
}

TEST(Server, Rows) {
  World world;
  world.two_towns();
  world.uplink("menden", 1, 5);
  world.measure("menden", 1, 21'500'000);
  for (std::int64_t i = 0; i < 4; ++i) world.aggregate("menden", 1, kStartUs + i * 900'000'000);
  const std::string agg = "/v1/agg?measure=temperature&res=15m&from=2026-11-24T00:00:00Z&to=2026-11-24T01:00:00Z";
  world.wait_until([&] { return world.get(agg).items().size() == 4; });
  world.wait_until([&] { return world.get("/v1/latest").items().size() == 1; });
  const auto device = world.get("/v1/devices?q=MENDEN").items().at(0).as_object();
  EXPECT_EQ(device.at("f_cnt"), 5);
  EXPECT_EQ(device.at("location").as_object().at("latitude"), 51.44);
  const auto latest = device.at("latest").as_array().at(0).as_object();
  EXPECT_EQ(latest.at("value"), 21.5);
  const auto source = latest.at("source").as_object();
  EXPECT_EQ(source.at("topic"), "int.measurement");
  const auto reader = world.log.reader({storage::Topic::measurement}).value();
  ASSERT_TRUE(reader->seek({storage::SeekTo::Where::beginning}));
  const auto measured = reader->poll_to_end(10).value();
  ASSERT_EQ(measured.records.size(), 1u);
  EXPECT_EQ(source.at("partition"), measured.records[0].partition);
  EXPECT_EQ(source.at("offset"), measured.records[0].offset);
  EXPECT_FALSE(latest.contains("flagged"));
  EXPECT_TRUE(world.get("/v1/devices?tenant=soest").items().at(0).as_object().at("last_seen").is_null());
  world.measure("menden", 1, 99'000'000, kStartUs + 1'000'000, v1::SAMPLE_FLAG_STEP | v1::SAMPLE_FLAG_FLAT);
  const auto newest = [&] { return world.get("/v1/latest").items().at(0).as_object(); };
  world.wait_until([&] { return newest().contains("flagged"); });
  EXPECT_EQ(newest().at("value"), 21.5) << "what nobody can trust is not the value";
  EXPECT_EQ(boost::json::serialize(newest().at("flagged")),
            R"({"value":99,"time":"2026-11-24T00:00:01.000000Z","flags":["step","flat"]})");
  EXPECT_EQ(
      world.get("/v1/latest?format=csv").body,
      "tenant,site,dev_eui,device,measure,unit,kind,value,time,latitude,longitude\r\n"
      "menden,school,0000000000000001,Menden 1,temperature,Cel,gauge,21.5,2026-11-24T00:00:00.000000Z,51.44,7.79\r\n");
  const auto feature = world.get("/v1/latest?format=geojson").json().at("features").as_array().at(0).as_object();
  EXPECT_EQ(feature.at("geometry").as_object().at("coordinates").as_array().at(0), 7.79);
  const auto gateway = world.get("/v1/gateways").items().at(0).as_object();
  EXPECT_EQ(gateway.at("gateway_id"), "00000000000000a1");
  EXPECT_EQ(gateway.at("online"), true);
  EXPECT_EQ(world.get("/v1/series?measure=temperature").items().at(0).as_object().at("windows").as_array().at(0),
            "PT15M");
  // Pages: half-open ranges, a cursor, CSV's cursor in a header.
  auto page = world.get(agg + "&limit=3").json();
  EXPECT_EQ(page.at("items").as_array().size(), 3U);
  const auto next = std::string(page.at("next").as_string());
  page = world.get(agg + "&limit=3&cursor=" + next).json();
  EXPECT_EQ(page.at("items").as_array().size(), 1U);
  EXPECT_TRUE(page.at("next").is_null());
  const auto csv = world.get(agg + "&limit=3&format=csv");
  EXPECT_EQ(csv.headers.at("content-type"), "text/csv; charset=utf-8");
  EXPECT_FALSE(csv.headers.at("lenne-next").empty());
  const auto places = world.get(agg + "&limit=3&format=geojson");
  EXPECT_EQ(places.headers.at("content-type"), "application/geo+json");
  EXPECT_FALSE(places.headers.at("lenne-next").empty());
  const auto features = places.json().at("features").as_array();
  ASSERT_EQ(features.size(), 3U);
  EXPECT_EQ(features[0].as_object().at("properties").as_object().at("measure"), "temperature");
  EXPECT_TRUE(features[0].as_object().contains("geometry"));
  EXPECT_EQ(world.get("/v1/agg?measure=temperature&from=2026-11-24T00:15:00Z&to=2026-11-24T00:30:00Z").items().size(),
            1U);
}

// Which devices are heard badly, the worst first, and how gateways do.
TEST(Server, HowTheNetworkDoes) {
  World world;
  world.two_towns();
  const auto lost_before = [&](std::uint64_t eui, std::int64_t lost, int margin_tenths) {
    v1::Measurement measurement;
    measurement.set_tenant(eui == 1 ? "menden" : "soest");
    measurement.set_dev_eui(eui);
    measurement.set_received_us(base::to_us(world.clock.now()));
    measurement.set_nominal_interval_s(600);
    auto& sample = *measurement.add_samples();
    sample.set_measure("uplinks_lost");
    sample.set_kind(v1::KIND_EVENT);
    sample.set_value(lost);
    world.append(storage::Topic::measurement, measurement.tenant(), "k", measurement.SerializeAsString());
    v1::DeviceEvent event;
    event.set_tenant(measurement.tenant());
    event.set_dev_eui(eui);
    event.set_received_us(measurement.received_us());
    auto& reception = *event.mutable_reception();
    reception.mutable_data_rate()->set_spreading_factor(9);
    reception.set_margin_tenths_db(margin_tenths);
    reception.set_frequency_hz(868'300'000);
    reception.set_airtime_us(205'824);
    auto& hearing = *reception.add_gateways();
    hearing.set_gateway_id(0xa1);
    hearing.set_received_us(measurement.received_us());
    world.event(std::move(event));
  };
  lost_before(1, 0, -15);
  lost_before(2, 3, 120);
  const auto worst = [&](const std::string& query) {
    const auto reply = world.get("/v1/network/devices" + query);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return reply.json();
  };
  world.wait_until([&] {
    const auto answer = worst("");
    const auto& totals = answer.at("totals").as_object();
    return totals.at("uplinks") == 2 && totals.at("spreading_factors").as_array().at(2) == 2;
  });
  const auto by_loss = worst("");
  EXPECT_EQ(by_loss.at("complete"), true);
  EXPECT_EQ(by_loss.at("totals").at("devices"), 2);
  EXPECT_EQ(by_loss.at("totals").at("lost"), 3);
  EXPECT_EQ(by_loss.at("totals").at("loss"), 0.6);
  EXPECT_EQ(by_loss.at("totals").at("link_margin_min"), -1.5);
  const auto& first = by_loss.at("items").as_array().at(0).as_object();
  EXPECT_EQ(first.at("dev_eui"), "0000000000000002");
  EXPECT_EQ(first.at("loss"), 0.75);
  EXPECT_EQ(first.at("link_margin"), 12);
  EXPECT_EQ(first.at("interval_s"), 600);
  EXPECT_EQ(first.at("alone"), 1);
  EXPECT_EQ(first.at("airtime_s"), 0.205824);
  EXPECT_EQ(first.at("joins"), 0);
  EXPECT_EQ(worst("?sort=airtime").at("items").as_array().at(0).at("airtime_s"), 0.205824);
  EXPECT_EQ(worst("?sort=margin").at("items").as_array().at(0).at("dev_eui"), "0000000000000001");
  EXPECT_EQ(worst("?sort=margin&limit=1").at("items").as_array().size(), 1U);
  EXPECT_EQ(worst("?tenant=soest").at("totals").at("devices"), 1);
  EXPECT_EQ(world.get("/v1/network/devices?sort=name").status, 400U);

  const auto gateways = world.get("/v1/network/gateways").items();
  const auto heard = std::ranges::find_if(gateways, [](const auto& row) { return row.at("frames") == 2; });
  ASSERT_NE(heard, gateways.end());
  EXPECT_EQ(heard->at("alone"), 1);
  EXPECT_EQ(heard->at("channels").at(0).at("frequency"), 868'300'000);
  EXPECT_EQ(heard->at("channels").at(0).at("airtime_s"), 0.411648);
  EXPECT_EQ(heard->at("rx_ok"), nullptr) << "it has not reported";
  EXPECT_EQ(heard->at("foreign_frames"), 0);
  EXPECT_EQ(first.at("heard_by"), 1);
  EXPECT_EQ(first.at("heard_by_more"), false);
  const auto coverage = world.get("/v1/network/coverage").json();
  EXPECT_EQ(coverage.at("complete"), true);
  EXPECT_EQ(coverage.at("devices_of_one_gateway"), coverage.at("devices"));
  std::int64_t alone = 0;
  for (const auto& row : coverage.at("items").as_array()) alone += row.at("devices_alone").as_int64();
  EXPECT_EQ(coverage.at("devices"), alone);
  EXPECT_GT(alone, 0);
  EXPECT_EQ(world.get("/v1/network/coverage?sort=x").status, 400U);
}

TEST(Server, HowMuchOfItsAirtimeAGatewayHasUsed) {
  HttpSettings settings;
  settings.sub_bands = {{"M", 868'000'000, 868'600'000, 36'000'000}, {"P", 869'400'000, 869'650'000, 360'000'000}};
  World world(settings);
  world.two_towns();
  v1::DeviceEvent event;
  event.set_tenant("menden");
  event.set_dev_eui(1);
  event.set_received_us(base::to_us(world.clock.now()));
  auto& ack = *event.mutable_tx_ack();
  ack.set_gateway_id(0xa1);
  ack.set_frequency_hz(868'100'000);
  ack.set_airtime_us(9'000'000);
  world.event(event);
  ack.set_frequency_hz(869'525'000);
  ack.set_airtime_us(400'000'000);
  world.event(event);
  ack.set_error(v1::TX_ERROR_DUTY_CYCLE);
  world.event(event);
  boost::json::object row;
  world.wait_until([&] {
    for (const auto& each : world.get("/v1/network/gateways").items()) {
      if (each.at("duty_cycle_refused") == 1) row = each.as_object();
    }
    return !row.empty();
  });
  EXPECT_EQ(row.at("downlinks_refused"), 1);
  const auto& bands = row.at("sub_bands").as_array();
  ASSERT_EQ(bands.size(), 2U);
  EXPECT_EQ(bands[0].at("name"), "M");
  EXPECT_EQ(bands[0].at("used_s"), 9);
  EXPECT_EQ(bands[0].at("left_s"), 27);
  EXPECT_EQ(bands[0].at("used"), 0.25);
  EXPECT_EQ(bands[1].at("left_s"), 0) << "never less than nothing";
}

TEST(Server, ProvisionalRowsFillWhatIsNotFinalYet) {
  const auto hour = base::from_us(base::to_us(base::SystemClock().now()) / 3'600'000'000 * 3'600'000'000);
  Hooks hooks;
  hooks.provisional = [hour](base::DevEui eui, std::string_view window, base::Timestamp, base::Timestamp) {
    std::vector<v1::Aggregate> rows(3);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].set_dev_eui(eui.value);
      rows[i].set_tenant("menden");
      rows[i].set_measure(i == 2 ? "humidity" : "temperature");
      rows[i].set_window(std::string(window));
      rows[i].set_start_us(base::to_us(hour) - 1'800'000'000 + static_cast<std::int64_t>(i) * 900'000'000);
      rows[i].set_end_us(rows[i].start_us() + 900'000'000);
    }
    return rows;
  };
  World world({}, hooks);
  world.two_towns();
  world.measure("menden", 1, 1);
  world.aggregate("menden", 1, base::to_us(hour) - 1'800'000'000);
  const auto target = "/v1/agg?measure=temperature&from=" + base::to_rfc3339(hour - std::chrono::hours{1}) +
                      "&to=" + base::to_rfc3339(hour + std::chrono::hours{1});
  world.wait_until([&] { return world.get(target + "&provisional=false").items().size() == 1; });
  const auto items = world.get(target).items();
  ASSERT_EQ(items.size(), 2U) << "the stored one is not computed again, the other measure is left out";
  EXPECT_EQ(items[0].as_object().at("final"), true);
  EXPECT_EQ(items[1].as_object().at("final"), false);
}

TEST(Server, EventsByPosition) {
  World world;
  for (std::uint32_t i = 0; i < 10; ++i) world.uplink(i % 2 == 0 ? "menden" : "soest", 1 + i % 5, i);
  std::multiset<std::int64_t> seen;
  std::string from = "beginning";
  bool end = false;
  while (!end) {
    const auto reply = world.get("/v1/events?limit=3&type=uplink&from=" + from);
    ASSERT_EQ(reply.status, 200U) << reply.body;
    EXPECT_EQ(reply.headers.at("content-type"), "application/x-ndjson");
    std::istringstream lines(reply.body);
    for (std::string line; std::getline(lines, line);) seen.insert(boost::json::parse(line).at("f_cnt").as_int64());
    from = reply.headers.at("lenne-position");
    end = reply.headers.at("lenne-end") == "true";
  }
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), 10U);
  // From any line's own position on come exactly the others, whoever asks.
  const auto all = world.get("/v1/events").body;
  std::istringstream lines(all);
  std::size_t index = 0;
  for (std::string line; std::getline(lines, line);) {
    ++index;
    const auto position = std::string(boost::json::parse(line).at("position").as_string());
    const auto rest = world.get("/v1/events?from=" + position).body;
    EXPECT_EQ(static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')), 10U - index) << position;
  }
  EXPECT_EQ(world.get("/v1/events?type=join").body, "");
  EXPECT_EQ(world.get("/v1/events?tenant=soest").body.find("menden"), std::string::npos);
  EXPECT_EQ(world.get("/v1/events?from=nonsense").json().at("error"), "bad_position");
  EXPECT_EQ(world.get("/v1/events?from=x~1.2").json().at("error"), "bad_position");
  EXPECT_EQ(world.get("/v1/events?type=alert").status, 400U);
  EXPECT_EQ(world.get("/v1/events?from=now").body, "");
  world.aggregate("menden", 1, 900'000'000);
  const auto results = world.get("/v1/events?type=aggregate").body;
  EXPECT_EQ(boost::json::parse(results).at("window"), "PT15M");
}

TEST(Server, TokensAreMadeListedRevokedAndExpire) {
  World world;
  world.two_towns();
  EXPECT_EQ(world.post("/v1/tokens", R"({"tenant":"nowhere"})").status, 404U);
  EXPECT_EQ(world.post("/v1/tokens", R"({"name":"x"})").status, 400U);
  EXPECT_EQ(world.post("/v1/tokens", "[").status, 400U);
  EXPECT_EQ(world.post("/v1/tokens", R"({"tenant":"menden","scope":"all"})").status, 400U);
  const auto token = world.token_of("menden");
  EXPECT_EQ(world.get("/v1/status", token).status, 200U);
  const auto items = world.get("/v1/tokens").items();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].as_object().count("token"), 0U);
  const auto id = std::string(items[0].as_object().at("id").as_string());
  EXPECT_EQ(world.ask("DELETE", "/v1/tokens/" + id).status, 204U);
  EXPECT_EQ(world.ask("DELETE", "/v1/tokens/" + id).status, 404U);
  EXPECT_EQ(world.get("/v1/status", token).status, 401U);
  const auto expired = world.post("/v1/tokens", R"({"tenant":"menden","expires":"2020-01-01T00:00:00Z"})").json();
  EXPECT_EQ(world.get("/v1/status", std::string(expired.at("token").as_string())).status, 401U);
  // Nothing that is stored is the token.
  bool found = false;
  ASSERT_TRUE(
      world.log.state().scan(storage::Store::token, 0, {}, {}, [&](std::string_view key, std::string_view value) {
        const auto secret = std::string(expired.at("token").as_string());
        found = found || key.find(secret) != std::string_view::npos || value.find(secret) != std::string_view::npos;
        return true;
      }));
  EXPECT_FALSE(found);
}

TEST(Server, OtherOriginsMayRead) {
  World world;
  EXPECT_EQ(world.get("/v1/status").headers.at("access-control-allow-origin"), "*");
  EXPECT_EQ(world.get("/v1/tokens").headers.count("access-control-allow-origin"), 0U);
  const auto preflight = world.ask("OPTIONS", "/v1/agg", "");
  EXPECT_EQ(preflight.status, 204U);
  EXPECT_EQ(preflight.headers.at("access-control-allow-methods"), "GET, HEAD");
  EXPECT_EQ(world.ask("OPTIONS", "/v1/apply", "").headers.count("access-control-allow-methods"), 0U);
}

TEST(Server, BadParameters) {
  World world;
  for (const auto* target :
       {"/v1/agg", "/v1/agg?measure=t&res=2d", "/v1/agg?measure=t&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "/v1/agg?measure=t&from=yesterday", "/v1/agg?measure=t&device=1", "/v1/agg?measure=t&format=xml",
        "/v1/devices?limit=0", "/v1/devices?limit=x", "/v1/devices?cursor=zz", "/v1/devices?nope=1",
        "/v1/latest?format=pdf", "/v1/devices?min_position=x", "/v1/devices?q=%zz", "/v1/events?type=birth"}) {
    const auto reply = world.get(target);
    EXPECT_EQ(reply.status, 400U) << target;
    EXPECT_FALSE(reply.json().at("message").as_string().empty()) << target;
  }
  EXPECT_EQ(world.get("/v1/nothing").status, 404U);
  EXPECT_EQ(world.get("/v1/objects/device/0000000000000009").status, 404U);
  EXPECT_EQ(world.ask("DELETE", "/v1/status").status, 405U);
  EXPECT_EQ(world.get("/v1/live").status, 426U);
  EXPECT_TRUE(world.get("/v1/objects/town").items().empty());
}

TEST(Server, MalformedRequests) {
  World world({.limits = {.header_bytes = 2048, .header_timeout = std::chrono::milliseconds{200}}});
  EXPECT_EQ(world.send_raw("nonsense\r\n\r\n").status, 400U);
  EXPECT_EQ(world.send_raw("GET /healthz HTTP/9.9\r\n\r\n").status, 400U);
  EXPECT_EQ(world.send_raw("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n").status, 400U);
  EXPECT_EQ(world.send_raw("GET /healthz HTTP/1.1\r\nX: " + std::string(4096, 'a') + "\r\n\r\n").status, 431U);
  EXPECT_EQ(world.send_raw("POST /v1/tokens HTTP/1.1\r\nContent-Length: -5\r\n\r\n").status, 400U);
  EXPECT_EQ(world.send_raw("POST /v1/tokens HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").status, 400U);
  EXPECT_EQ(world.send_raw("GET /healthz HTT").status, 0U) << "half a header, and then silence";
  world.wait_until([&] { return world.counters.value("api.refused.timeout") >= 1U; });
  EXPECT_GE(world.counters.value("api.refused.bad_request"), 4U);
  EXPECT_EQ(world.counters.value("api.refused.header_too_large"), 1U);
  EXPECT_EQ(world.get("/healthz").status, 200U);
}

TEST(Server, KeepsAConnection) {
  World world;
  auto socket = world.connect();
  for (int i = 0; i < 3; ++i) {
    socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(socket.read().status, 200U);
  }
  // Two at once: the answers come one after the other.
  socket.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(socket.read(true).status, 200U);
}

TEST(Server, ConnectionsAreBounded) {
  World world({.limits = {.connections = 2}});
  auto first = world.connect();
  auto second = world.connect();
  world.wait_until([&] {
    const auto reply = world.send_raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
    return reply.status == 0U;
  });
  EXPECT_GE(world.counters.value("api.refused.connections"), 1U);
  first.close();
  world.wait_until([&] { return world.send_raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").status == 200U; });
}

TEST(Server, BodiesAreBounded) {
  World world({.limits = {.body_bytes = 100, .apply_body_bytes = 5000, .documents = 3}});
  EXPECT_EQ(world.post("/v1/tokens", std::string(101, ' ')).status, 413U);
  EXPECT_EQ(world.post("/v1/apply", std::string(5001, ' ')).status, 413U);
  EXPECT_EQ(world.post("/v1/apply", "[]" + std::string(4000, ' ')).status, 200U);
  EXPECT_EQ(world.post("/v1/apply", "[]" + std::string(4000, ' '), "").status, 413U)
      << "only the operator may send much";
  const auto chunks =
      "POST /v1/tokens HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n" + std::string(128, ' ') + "\r\n0\r\n\r\n";
  EXPECT_EQ(world.send_raw(chunks).status, 413U);
  EXPECT_EQ(world.counters.value("api.refused.body"), 4U);
  EXPECT_EQ(world.post("/v1/apply", "[1,2,3,4]").json().at("error"), "too_large");
}

TEST(Server, PagesAreBounded) {
  World world({.limits = {.rows = 1}});
  world.two_towns();
  const auto page = world.get("/v1/devices?limit=1000").json();
  EXPECT_EQ(page.at("items").as_array().size(), 1U);
  EXPECT_FALSE(page.at("next").is_null());
}

TEST(Server, WaitsForTheViewsAndNotForEver) {
  World world({.limits = {.waiting = 1, .wait = std::chrono::milliseconds{300}}}, {}, false);
  EXPECT_EQ(world.get("/v1/devices?min_position=0:7").json().at("error"), "not_yet");
  EXPECT_EQ(world.counters.value("api.refused.min_position_late"), 1U);
  std::jthread first([&] { EXPECT_EQ(world.get("/v1/devices?min_position=0:7").status, 503U); });
  world.wait_until([&] {
    return world.get("/metrics").body.find("lenne_api_waiting 1") != std::string::npos ||
           world.counters.value("api.refused.min_position_late") > 1;
  });
  if (world.counters.value("api.refused.min_position_late") == 1) {
    EXPECT_EQ(world.get("/v1/devices?min_position=0:7").status, 429U);
    EXPECT_EQ(world.counters.value("api.refused.waiting"), 1U);
  }
}

TEST(Server, RefusesAnAddressThatItCannotHave) {
  World world;
  const auto start = [&](const std::string& listen) {
    HttpServer server({.listen = listen}, {world.log, world.clock, world.counters, world.vault, {}});
    auto bound = server.start();
    return bound ? "bound" : bound.error().code;
  };
  EXPECT_EQ(start("8080"), "http_listen");
  EXPECT_EQ(start("no-such-host:1"), "http_listen");
  EXPECT_EQ(start("127.0.0.1:99999"), "http_listen");
  EXPECT_EQ(start(world.address), "http_listen") << "somebody has it";
  EXPECT_EQ(start("[::1]:0"), "bound");
  const auto share = [&](const std::string& shared) {
    HttpServer server({.listen = "127.0.0.1:0", .shared = shared},
                      {world.log, world.clock, world.counters, world.vault, {}});
    auto bound = server.start();
    return bound ? "bound" : bound.error().code;
  };
  EXPECT_EQ(share("8080"), "http_shared");
  EXPECT_EQ(share("no-such-host:1"), "http_shared");
  EXPECT_EQ(share(world.address), "bound") << "somebody has it: it stands by";
  EXPECT_EQ(share("192.0.2.1:8080"), "bound") << "no address of this machine (RFC 5737), but may become one";
}

// The page's address goes to the process that stands by when the one that had it is gone.
TEST(Server, StandsByForASharedAddress) {
  World first;
  base::Counters counters;
  HttpServer second({.listen = "127.0.0.1:0", .shared = first.address, .operator_token = kOperator},
                    {first.log, first.clock, counters, first.vault, {}});
  const auto own = second.start();
  ASSERT_TRUE(own) << own.error().message;
  const auto status_at = [](const std::string& address) {
    Connection connection(static_cast<unsigned short>(std::stoi(address.substr(address.rfind(':') + 1))));
    connection.send("GET /healthz HTTP/1.1\r\nHost: lenne\r\nConnection: close\r\n\r\n");
    return connection.read(false).status;
  };
  EXPECT_EQ(status_at(*own), 200U) << "its own address answers meanwhile";
  EXPECT_FALSE(second.holds_shared());
  first.wait_until([&] { return counters.value("api.shared.refused") >= 2; });
  EXPECT_EQ(counters.value("api.shared.held"), 0U);

  first.stop();
  first.wait_until([&] { return second.holds_shared(); });
  EXPECT_EQ(counters.value("api.shared.held"), 1U);
  EXPECT_EQ(status_at(first.address), 200U);
  EXPECT_EQ(status_at(*own), 200U);
  const auto refused = counters.value("api.shared.refused");

  // The next one stands by in turn, and a stop does not wait for its turn.
  base::Counters counters_of_third;
  HttpServer third({.listen = "127.0.0.1:0", .shared = first.address},
                   {first.log, first.clock, counters_of_third, first.vault, {}});
  ASSERT_TRUE(third.start());
  EXPECT_FALSE(third.holds_shared());
  third.stop();
  second.stop();
  EXPECT_EQ(counters.value("api.shared.refused"), refused) << "who has it does not try any more";
}

}  // namespace
}  // namespace lenne::api
