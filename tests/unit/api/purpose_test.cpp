// Tokens for one purpose: every route, what it gives, and that nothing finer is in it.
#include "api/purpose.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/routes.hpp"
#include "processing/meters/slice.hpp"
#include "tests/unit/api/waterworks.hpp"

namespace lenne::api {
namespace {

using processing::meters::kDayUs;
using processing::meters::kHourUs;

constexpr std::array kAll{Purpose::billing, Purpose::leaks, Purpose::network, Purpose::consent};

TEST(Purpose, EveryRouteThatIsReadStandsInTheTableOnce) {
  std::set<std::string_view> read;
  for (const auto& route : routes()) {
    if (route.need == Need::read) read.insert(route.path);
  }
  std::set<std::string_view> allowed;
  for (const auto& row : allowed_routes()) EXPECT_TRUE(allowed.insert(row.path).second) << row.path;
  EXPECT_EQ(allowed, read);
  for (const auto purpose : kAll) EXPECT_EQ(sees(purpose, "/v1/of-tomorrow"), Sees::closed);
}

TEST(Purpose, ALimitedCallerGetsItsScopeFromTheTableAlone) {
  const auto own = storage::views::Scope::of({"menden"});
  for (const auto purpose : kAll) {
    const Caller caller{.role = Role::tenant, .limited = Limited{{purpose, {1}}, own}};
    EXPECT_FALSE(caller.scope.allows("menden"));
    for (const auto& route : routes()) {
      const auto admitted = admit(route, caller);
      if (route.need == Need::open || route.need == Need::released) {
        ASSERT_TRUE(admitted);
        EXPECT_FALSE(admitted->scope.allows("menden"));
        continue;
      }
      const auto seen = sees(purpose, route.path);
      ASSERT_EQ(admitted.has_value(), route.need == Need::read && seen != Sees::closed) << route.path;
      if (!admitted) {
        EXPECT_EQ(admitted.error().code, "forbidden");
        continue;
      }
      EXPECT_TRUE(admitted->scope.allows("menden"));
      EXPECT_EQ(admitted->scope.meters() == nullptr, seen == Sees::whole) << route.path;
    }
    // A route that somebody adds is closed until it is in the table.
    const Route added{"GET", "/v1/of-tomorrow", Need::read, true, false, get_status};
    ASSERT_FALSE(admit(added, caller));
    EXPECT_EQ(admit(added, caller).error().message,
              "a token for " + std::string(name_of(purpose)) + " does not read /v1/of-tomorrow");
  }
}

TEST(Purpose, WindowsThatAreLongEnough) {
  for (const auto* name : {"PT15M", "PT1H", "PT24H", "PT1H30M", "PT900S", "P1D", "P1D-GAS", "P1M", "P1Y", "PT1H/PT15M"})
    EXPECT_TRUE(is_quarter_or_longer(name)) << name;
  for (const auto* name : {"", "P", "PT", "PT1M", "PT14M59S", "PT10S", "1h", "PT1H/PT10M", "PT1M/PT1H", "PT1H/", "PTH",
                           "PT99999999999H", "P0D", "PT-1H", "/"})
    EXPECT_FALSE(is_quarter_or_longer(name)) << name;
}

TEST(Purpose, RowsOfTokens) {
  for (const auto purpose : kAll) {
    v1::ReadToken row;
    const bool consent = purpose == Purpose::consent;
    put_grant({purpose, consent ? std::set<std::uint64_t>{3, 9} : std::set<std::uint64_t>{}}, row);
    const auto grant = grant_of(row);
    ASSERT_TRUE(grant && *grant);
    EXPECT_EQ((**grant).purpose, purpose);
    EXPECT_EQ((**grant).devices.size(), consent ? 2U : 0U);
    row.clear_devices();
    EXPECT_EQ(grant_of(row).has_value(), !consent) << "consent without a device opens nothing";
    row.add_devices(1);
    EXPECT_EQ(grant_of(row).has_value(), consent);
    EXPECT_EQ(purpose_named(name_of(purpose)), purpose);
  }
  v1::ReadToken row;
  ASSERT_TRUE(grant_of(row));
  EXPECT_FALSE(*grant_of(row));
  row.add_devices(1);
  EXPECT_FALSE(grant_of(row)) << "not by accident everything";
  row.clear_devices();
  row.set_purpose(static_cast<v1::TokenPurpose>(99));
  EXPECT_FALSE(grant_of(row)) << "of a newer program";
}

/// House 2 is a meter, house 3 one whose customer agreed; "In" has no readings, 4 is a weather station.
class Town : public Waterworks {
 public:
  static constexpr std::int64_t kDay = kOctober25 - kDayUs;

  Town() : Waterworks({}, berlin_2026()) {
    EXPECT_EQ(apply(R"([{"kind":"Device","dev_eui":"0000000000000004","join_eui":"0000000000000000","name":"Weather",)"
                    R"("tenant":"menden","site":"zone-1","app_key":"00112233445566778899aabbccddeeff"}])"),
              "created");
    for (const std::uint64_t eui : {2U, 3U}) {
      const std::int64_t offset = eui == 3 ? 1'000 : 0;
      std::vector<v1::Aggregate> rows;
      for (const std::int64_t day : {kDay - 30 * kDayUs, kOctober25 - 24 * kDayUs - kDayUs, kDay})
        rows.push_back(counted(eui, "P1D", day, kDayUs, 7'654'321 + offset));
      rows.push_back(counted(eui, "PT1H", kDay, kHourUs, 6'543'217 + offset));
      rows.push_back(counted(eui, "PT15M", kDay, kHourUs / 4, 5'432'176 + offset));
      rows.push_back(counted(eui, "PT1M", kDay, 60'000'000, 4'321'765 + offset));
      for (auto& row : rows) {
        for (auto* entry : {row.mutable_counter()->mutable_first(), row.mutable_counter()->mutable_last()}) {
          entry->set_value(123'456'700 + offset + (row.start_us() == kDay ? 1 : 0));
          entry->set_meter(40'414'041);
        }
        put(row);
      }
      auto warm = counted(eui, "PT1H", kDay, kHourUs, 0);
      warm.set_measure("temperature.return");
      warm.set_unit("Cel");
      warm.set_kind(v1::KIND_GAUGE);
      warm.clear_counter();
      warm.mutable_gauge()->set_count(1);
      warm.mutable_gauge()->mutable_sum()->set_low(static_cast<std::uint64_t>(55'443'322 + offset));
      put(warm);
      tell_sample(eui, "water_volume", v1::KIND_COUNTER, 987'654'321 + offset);
      tell_alert(eui, 31'415'926 + offset);
    }
    tell_sample(4, "temperature", v1::KIND_GAUGE, 21'357'913);
    for (const auto level : {v1::ROLLUP_LEVEL_SITE, v1::ROLLUP_LEVEL_TENANT}) {
      v1::Rollup rollup;
      rollup.set_level(level);
      rollup.set_tenant("menden");
      if (level == v1::ROLLUP_LEVEL_SITE) rollup.set_site("zone-1");
      rollup.set_measure("water_volume");
      rollup.set_unit("m3");
      rollup.set_kind(v1::KIND_COUNTER);
      rollup.set_exponent(-6);
      rollup.set_window("P1D");
      rollup.set_start_us(kDay);
      rollup.set_end_us(kDay + kDayUs);
      rollup.set_members_used(1);
      rollup.set_members_total(1);
      rollup.mutable_members()->set_count(1);
      rollup.mutable_members()->mutable_sum()->set_low(77'665'544);
      append(storage::Topic::rollup, "menden", "r" + std::to_string(level), rollup.SerializeAsString());
    }
    uplink("menden", 4, 4242);
    wait_until([this] { return get("/v1/devices?q=Weather").body.find("4242") != std::string::npos; });
    wait_until([this] { return get("/v1/latest").body.find("987.655321") != std::string::npos; });
    wait_until([this] { return get("/v1/alerts").items().size() == 2; });
    wait_until([this] { return get(kSums).body.find("77.665544") != std::string::npos; });
  }

  void tell_sample(std::uint64_t eui, const std::string& measure, v1::Kind kind, std::int64_t value) {
    v1::Measurement measurement;
    measurement.set_tenant("menden");
    measurement.set_dev_eui(eui);
    auto& sample = *measurement.add_samples();
    sample.set_measure(measure);
    sample.set_unit(kind == v1::KIND_COUNTER ? "m3" : "Cel");
    sample.set_kind(kind);
    sample.set_value(value);
    sample.set_exponent(-6);
    sample.set_time_us(kDay);
    append(storage::Topic::measurement, "menden", "k", measurement.SerializeAsString());
  }
  void tell_alert(std::uint64_t eui, std::int64_t value) {
    v1::Alert told;
    told.set_tenant("menden");
    told.set_dev_eui(eui);
    told.set_rule("burst");
    told.set_measure("water_volume");
    told.set_unit("m3");
    told.set_exponent(-6);
    told.set_state(v1::ALERT_STATE_FIRING);
    told.set_revision(1);
    told.set_changed_us(kDay);
    for (auto* seen : {told.mutable_first(), told.mutable_last(), told.mutable_extreme()}) {
      seen->set_value(value);
      seen->set_time_us(kDay);
    }
    alert(told);
  }
  std::string token_for(Purpose purpose) {
    const std::string devices = purpose == Purpose::consent ? R"(,"devices":["0000000000000003"])" : "";
    const auto reply = post("/v1/tokens", R"({"tenant":"menden","name":"t","purpose":")" +
                                              std::string(name_of(purpose)) + "\"" + devices + "}");
    EXPECT_EQ(reply.status, 201U) << reply.body;
    EXPECT_EQ(reply.json().at("purpose").as_string(), name_of(purpose));
    return std::string(reply.json().at("token").as_string());
  }

  const std::string kSums =
      "/v1/agg?group=tenant&res=1d&measure=water_volume&from=2026-09-01T00:00:00Z&to=2026-11-01T00:00:00Z";
};

/// What a route is asked with; {device} becomes one of the two houses.
std::vector<std::string> questions(std::string_view path) {
  const std::string span = "from=2026-10-20T00:00:00Z&to=2026-10-27T00:00:00Z";
  const std::string month = "device={device}&year=2026&month=10";
  const std::string agg = "measure=water_volume&" + span;
  const std::map<std::string_view, std::vector<std::string>> known{
      {"/v1/latest", {"", "format=csv", "format=geojson", "device={device}", "measure=water_volume"}},
      {"/v1/series", {"", "device={device}", "measure=temperature.return"}},
      {"/v1/agg",
       {agg + "&res=1d", agg + "&res=1h&format=csv", agg + "&res=15m&device={device}", agg + "&res=1m&device={device}",
        agg + "&res=1m", agg + "&res=month", agg + "&res=1d&group=site", agg + "&res=1d&group=tenant",
        "measure=temperature.return&res=1h&" + span, "measure=temperature.return&res=1h&device={device}&" + span}},
      {"/v1/thresholds", {"device={device}"}},
      {"/v1/meter/balance",
       {"zone=zone-1&inflow={device}&" + span, "inflow={device}&devices=0000000000000001&" + span}},
      {"/v1/meter/findings", {month}},
      {"/v1/meter/profile", {month, month + "&format=csv"}},
      {"/v1/meter/readings", {"year=2026&month=10", "year=2026&month=10&format=csv-de", month}},
      {"/v1/meter/report", {month, month + "&format=csv"}},
      {"/v1/meter/substations", {"year=2026&month=10"}},
      {"/v1/meter/sums", {span, span + "&group=tenant&format=csv"}},
      {"/v1/meter/zone", {"zone=zone-1&inflow={device}&" + span}},
      {"/v1/week-profile", {"device={device}&measure=water_volume&" + span}},
      {"/v1/building", {"device={device}&weather=0000000000000004&measure=energy&" + span}},
      {"/v1/batteries", {""}},
  };
  const auto found = known.find(path);
  if (found != known.end()) return found->second;
  if (path.find("rain") != std::string_view::npos || path.find("noise") != std::string_view::npos)
    return {"", "device={device}&" + span};
  return {"", "device={device}", "device={device}&" + span, "site=zone-1&" + span};
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

/// All that a token is told by a route, and the statuses of the answers.
struct Told {
  std::string bodies;
  std::set<unsigned> statuses;
};
Told ask_all(Town& town, std::string_view path, const std::string& token) {
  Told told;
  for (const std::string device : {"0000000000000002", "0000000000000003"}) {
    auto real = replaced(replaced(std::string(path), "{dev_eui}", device), "{rule}", "burst");
    for (const auto& question : questions(path)) {
      const auto reply = town.get(real + (question.empty() ? "" : "?" + replaced(question, "{device}", device)), token);
      told.statuses.insert(reply.status);
      told.bodies += reply.body + "\n";
    }
  }
  return told;
}

// What only the meter of house 2 has said; house 3 said the same and 0.001 more.
struct Needles {
  std::string readings;  // on key dates
  std::vector<std::string> amounts;
  std::vector<std::string> samples;  // not of windows, or of too short ones
};
Needles needles_of(int house) {
  if (house == 2)
    return {"123.4567",
            {"7.654321", "6.543217", "5.432176", "123.456701", "7,654321", "55.443322"},
            {"4.321765", "987.654321", "31.415926"}};
  return {"123.4577",
          {"7.655321", "6.544217", "5.433176", "123.457701", "7,655321", "55.444322"},
          {"4.322765", "987.655321", "31.416926"}};
}

bool holds(const std::string& text, const std::string& needle) { return text.find(needle) != std::string::npos; }

TEST(Purpose, NothingFinerThanThePurposeIsInAnyAnswer) {
  Town town;
  std::map<Purpose, std::string> tokens;
  for (const auto purpose : kAll) tokens[purpose] = town.token_for(purpose);
  const auto all = town.token_of("menden");
  std::string told_to_all;
  for (const auto& row : allowed_routes()) {
    if (row.path == "/v1/live") continue;  // a plain GET of it tells nothing; see below
    told_to_all += ask_all(town, row.path, all).bodies;
    for (const auto purpose : kAll) {
      const auto seen = sees(purpose, row.path);
      const auto what = std::string(name_of(purpose)) + " " + std::string(row.path);
      const auto told = ask_all(town, row.path, tokens[purpose]);
      if (seen == Sees::closed) {
        EXPECT_EQ(told.statuses, std::set{403U}) << what;
      } else {
        EXPECT_FALSE(told.statuses.contains(403U) || told.statuses.contains(401U)) << what;
        EXPECT_FALSE(told.statuses.contains(500U)) << what << told.bodies;
      }
      for (const int house : {2, 3}) {
        const auto needles = needles_of(house);
        for (const auto& needle : needles.samples) EXPECT_FALSE(holds(told.bodies, needle)) << what << " " << needle;
        const bool agreed = purpose == Purpose::consent && house == 3;
        for (const auto& needle : needles.amounts) {
          EXPECT_FALSE(!agreed && holds(told.bodies, needle)) << what << " tells " << needle;
        }
        const bool key_date = purpose == Purpose::billing && row.path == "/v1/meter/readings";
        EXPECT_FALSE(!agreed && !key_date && holds(told.bodies, needles.readings)) << what;
      }
      EXPECT_FALSE(holds(told.bodies, "77.665544")) << what << " tells a sum over one meter";
      const bool may_name = seen == Sees::names || seen == Sees::alerts || seen == Sees::whole;
      EXPECT_FALSE(!may_name && holds(told.bodies, "House 2")) << what;
    }
  }
  // All of it would be there to see.
  for (const int house : {2, 3}) {
    const auto needles = needles_of(house);
    EXPECT_TRUE(holds(told_to_all, needles.readings));
    for (const auto& needle : needles.amounts) EXPECT_TRUE(holds(told_to_all, needle) || needle[1] == ',') << needle;
    for (const auto& needle : needles.samples) EXPECT_TRUE(holds(told_to_all, needle)) << needle;
  }
  EXPECT_TRUE(holds(told_to_all, "77.665544"));
  for (const auto purpose : kAll) {
    EXPECT_THROW((void)town.live("/v1/live?type=aggregate", tokens[purpose]), std::exception);
    EXPECT_EQ(town.get("/v1/tokens", tokens[purpose]).status, 403U);
    EXPECT_EQ(town.get("/v1/objects/device", tokens[purpose]).status, 403U);
    EXPECT_EQ(town.get("/v1/open/agg?measure=water_volume", tokens[purpose]).status, 200U) << "as for everybody";
    EXPECT_EQ(town.get("/healthz", tokens[purpose]).status, 200U);
    EXPECT_TRUE(holds(town.get("/v1/latest", tokens[purpose]).body, "21.357913")) << "what is no meter's is as ever";
  }
}

TEST(Purpose, BillingHasTheReadingOfAKeyDate) {
  Town town;
  const auto token = town.token_for(Purpose::billing);
  const auto items = town.get("/v1/meter/readings?year=2026&month=10", token).items();
  ASSERT_EQ(items.size(), 2U);
  const auto item = items[0].as_object();
  EXPECT_EQ(item.at("dev_eui"), "0000000000000002");
  EXPECT_EQ(item.at("device"), "House 2");
  EXPECT_EQ(item.at("meter"), "40414041");
  EXPECT_EQ(item.at("obis"), "8-0:1.0.0");
  EXPECT_EQ(item.at("key_date"), "2026-10-01");
  EXPECT_EQ(item.at("time"), "2026-09-29T22:00:00.000000Z");
  EXPECT_EQ(item.at("value"), 123.4567);
  EXPECT_EQ(item.at("final"), true);
  EXPECT_EQ(town.get("/v1/meter/readings?year=2026&month=10&device=0000000000000003", token).items().size(), 1U);
  const auto csv = town.get("/v1/meter/readings?year=2026&month=10&format=csv&limit=1", token);
  EXPECT_TRUE(holds(csv.body, "0000000000000002,House 2,water_volume,8-0:1.0.0,m3,40414041,2026-10-01,")) << csv.body;
  EXPECT_TRUE(csv.headers.contains("lenne-next"));
  const auto july = town.get("/v1/meter/readings?year=2026&month=7", token).items();
  EXPECT_TRUE(july.at(0).as_object().at("value").is_null());
  EXPECT_TRUE(july.at(0).as_object().at("meter").is_null());
  EXPECT_EQ(july.at(0).as_object().at("final"), false);
  EXPECT_EQ(town.get("/v1/meter/readings?year=2199&month=1", token).status, 400U) << "it has not begun";
  EXPECT_EQ(town.get("/v1/meter/readings?year=2026&month=10&measure=temperature", token).status, 400U);
  EXPECT_EQ(town.get("/v1/meter/readings", token).status, 400U);
  EXPECT_EQ(town.get("/v1/meter/readings?year=2026&month=10&day=3", token).status, 400U);

  // A reading exactly at the key date is the last one, and one that others refute is none.
  auto at = counted(2, "P1D", kOctober25 - 24 * kDayUs, kDayUs, 1);
  at.mutable_counter()->mutable_first()->set_value(124'000'000);
  at.mutable_counter()->mutable_last()->set_value(124'000'000);
  town.put(at);
  const auto value = [&] {
    const auto asked = town.get("/v1/meter/readings?year=2026&month=10&device=0000000000000002", token).items();
    return asked.at(0).as_object().at("value");
  };
  town.wait_until([&] { return value() == 124; });
  at.mutable_counter()->set_quarantined(1);
  at.set_revision(1);
  town.put(at);
  town.wait_until([&] { return value() == 123.4567; });
}

TEST(Purpose, LeaksHasFindingsAndAlerts) {
  Town town;
  const auto token = town.token_for(Purpose::leaks);
  const auto reply = town.get("/v1/meter/findings?device=0000000000000002&year=2026&month=10", token);
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const auto day = reply.json().at("registers").as_array().at(0).as_object().at("days").as_array().at(0).as_object();
  std::set<std::string> fields;
  for (const auto& field : day) fields.insert(std::string(field.key()));
  EXPECT_EQ(fields, (std::set<std::string>{"date", "leak", "burst", "dry", "reverse", "unusual_flow"}));
  EXPECT_EQ(reply.json().at("tamper"), "unknown");
  // Whoever could choose a limit would learn the amount from many answers.
  const std::string chosen = "/v1/meter/findings?device=0000000000000002&year=2026&month=10&burst_limit=1";
  EXPECT_EQ(town.get(chosen, token).status, 400U);
  const auto alerts = town.get("/v1/alerts", token).items();
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_EQ(alerts[0].as_object().at("rule"), "burst");
  EXPECT_EQ(alerts[0].as_object().at("state"), "firing");
  EXPECT_TRUE(alerts[0].as_object().at("now").is_null());
  EXPECT_EQ(town.get("/v1/alerts/0000000000000002/burst", token).status, 200U);
  EXPECT_EQ(town.get("/v1/alerts/0000000000000002/burst", town.token_for(Purpose::billing)).status, 404U);
  EXPECT_EQ(town.get("/v1/devices?q=House", token).items().size(), 2U);
}

std::string house(int number, const std::string& site, const std::string& more = {}) {
  return R"({"kind":"Device","dev_eui":")" + base::hex_of(static_cast<std::uint64_t>(number), 16) +
         R"(","join_eui":"0000000000000000","name":"House )" + std::to_string(number) +
         R"(","tenant":"menden","app_key":"00112233445566778899aabbccddeeff","site":")" + site + "\"" + more + "}";
}

TEST(Purpose, NetworkHasSumsOfMany) {
  Waterworks world({}, berlin_2026());
  const auto day = kOctober25 - kDayUs;
  const auto put = [&](std::uint64_t eui, const std::string& site, std::int64_t ml) {
    auto row = counted(eui, "P1D", day, kDayUs, ml);
    row.set_site(site);
    world.put(row);
  };
  std::string documents = R"([{"kind":"Site","name":"zone-2","tenant":"menden"},)" + house(100, "zone-2") + "," +
                          house(1, "zone-1", R"(,"meter_purpose":"zone_inflow")");
  for (int i = 10; i < 22; ++i) documents += "," + house(i, "zone-1");
  ASSERT_EQ(world.apply(documents + "]").find("refused"), std::string::npos);
  put(1, "zone-1", 20'000'000);
  for (std::uint64_t i = 10; i < 22; ++i) put(i, "zone-1", 1'000'000 + static_cast<std::int64_t>(i));
  for (std::int64_t i = 0; i < 96; ++i)
    world.put(counted(1, "PT15M", day + i * kHourUs / 4, kHourUs / 4, i >= 8 && i < 12 ? 10'000 : 100'000));
  const std::string span = "from=2026-10-20T00:00:00Z&to=2026-10-27T00:00:00Z";
  world.wait_for("/v1/agg?measure=water_volume&res=1d&" + span, 13);
  world.wait_for("/v1/agg?measure=water_volume&res=15m&" + span, 96);
  const auto made = world.post("/v1/tokens", R"({"tenant":"menden","name":"t","purpose":"network"})");
  const auto token = std::string(made.json().at("token").as_string());

  const auto sums = world.get("/v1/meter/sums?" + span, token);
  ASSERT_EQ(sums.items().size(), 1U) << sums.body;
  const auto sum = sums.items()[0].as_object();
  EXPECT_EQ(sum.at("site"), "zone-1");
  EXPECT_EQ(sum.at("amount"), 12.000186) << "without what runs in";
  EXPECT_EQ(sum.at("meters"), 12);
  EXPECT_EQ(sum.at("coverage"), 1);
  const auto whole = world.get("/v1/meter/sums?group=tenant&" + span, token).items();
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_TRUE(whole[0].as_object().at("site").is_null());

  const std::string zone = "/v1/meter/zone?zone=zone-1&inflow=0000000000000001&night_use=0.001&network_m=1000&" + span;
  const auto reply = world.get(zone, token);
  ASSERT_EQ(reply.items().size(), 1U) << reply.body;
  const auto balance = reply.items()[0].as_object();
  EXPECT_EQ(balance.at("difference"), 7.999814);
  EXPECT_EQ(balance.at("consumption").as_object().at("meters"), 12);
  EXPECT_FALSE(balance.at("consumption").as_object().contains("not_reporting"));
  EXPECT_EQ(balance.at("loss"), "high");
  EXPECT_EQ(balance.at("night_flow"), 0.04);
  EXPECT_EQ(balance.at("net_night_flow"), 0.028);
  EXPECT_EQ(reply.body.find("House"), std::string::npos);
  EXPECT_EQ(reply.body.find("00000000000000"), std::string::npos) << "no meter is named";
  // A customer's meter is no inflow: its amount would stand there.
  const auto customer = world.get("/v1/meter/zone?zone=zone-1&inflow=000000000000000a&" + span, token);
  EXPECT_EQ(customer.status, 400U);
  EXPECT_TRUE(holds(customer.body, "zone_inflow"));
  EXPECT_EQ(world.get("/v1/meter/zone?inflow=0000000000000001", token).status, 400U);
  EXPECT_EQ(world.get("/v1/meter/zone?zone=zone-1", token).status, 400U);
  EXPECT_EQ(world.get("/v1/meter/sums?group=area", token).status, 400U);
  EXPECT_EQ(world.get("/v1/meter/sums?measure=temperature", token).status, 400U);
  EXPECT_EQ(world.get("/v1/meter/sums?res=1h", token).status, 400U) << "days alone";
  EXPECT_EQ(world.get("/v1/meter/sums").status, 400U) << "the operator reads several tenants";
  EXPECT_EQ(world.get("/v1/meter/sums?tenant=soest", token).items().size(), 0U);

  // One more in another zone: the town's sum less that of zone-1 would be its own.
  put(100, "zone-2", 3'000'000);
  world.wait_for("/v1/agg?measure=water_volume&res=1d&" + span, 14);
  EXPECT_EQ(world.get("/v1/meter/sums?" + span, token).items().size(), 0U);
  EXPECT_EQ(world.get(zone, token).items().size(), 0U);
  const auto more = world.get("/v1/meter/sums?group=tenant&" + span, token).items();
  ASSERT_EQ(more.size(), 1U);
  EXPECT_EQ(more[0].as_object().at("meters"), 13);
  const auto csv = world.get("/v1/meter/sums?group=tenant&format=csv-de&" + span, token).body;
  EXPECT_TRUE(holds(csv, "15,000186")) << csv;
}

TEST(Purpose, ConsentIsForTheDevicesNamed) {
  Town town;
  const auto token = town.token_for(Purpose::consent);
  const std::string month = "&year=2026&month=10";
  EXPECT_TRUE(holds(town.get("/v1/meter/report?device=0000000000000003" + month, token).body, "7.655321"));
  EXPECT_TRUE(holds(town.get("/v1/meter/profile?device=0000000000000003" + month, token).body, "6.544217"));
  EXPECT_EQ(town.get("/v1/meter/report?device=0000000000000002" + month, token).status, 404U);
  EXPECT_EQ(town.get("/v1/meter/readings?year=2026&month=10", token).items().size(), 1U);
  const std::string span = "measure=water_volume&from=2026-10-20T00:00:00Z&to=2026-10-27T00:00:00Z";
  const auto quarters = town.get("/v1/agg?res=15m&" + span, token).items();
  ASSERT_EQ(quarters.size(), 1U);
  EXPECT_EQ(quarters[0].as_object().at("dev_eui"), "0000000000000003");
  EXPECT_EQ(town.get("/v1/agg?res=1m&" + span, token).items().size(), 0U);
  const auto devices = town.get("/v1/devices", token).body;
  EXPECT_TRUE(holds(devices, "House 3") && holds(devices, "Weather"));
  EXPECT_FALSE(holds(devices, "House 2"));
}

// Windows that are not final yet come from panes, not from the views.
TEST(Purpose, WhatIsNotFinalIsNotShownEither) {
  auto hooks = berlin_2026();
  hooks.provisional = [](base::DevEui eui, std::string_view window, base::Timestamp from, base::Timestamp) {
    return std::vector{counted(eui.value, std::string(window), base::to_us(from), 60'000'000, 8'888'888)};
  };
  Waterworks world({}, hooks);
  for (const std::uint64_t eui : {2U, 3U}) world.put(counted(eui, "P1D", kOctober25, 25 * kHourUs, 1));
  world.wait_for("/v1/series?measure=water_volume", 2);
  const auto made =
      world.post("/v1/tokens", R"({"tenant":"menden","name":"t","purpose":"consent","devices":["0000000000000003"]})");
  const auto token = std::string(made.json().at("token").as_string());
  const auto now = base::to_rfc3339(world.clock.now() + std::chrono::hours{1});
  const auto ask = [&](const std::string& who, const std::string& res, const std::string& with) {
    return world.get("/v1/agg?measure=water_volume&res=" + res + "&device=000000000000000" + who + "&to=" + now, with)
        .items()
        .size();
  };
  EXPECT_EQ(ask("2", "15m", kOperator), 1U);
  EXPECT_EQ(ask("2", "15m", token), 0U);
  EXPECT_EQ(ask("3", "15m", token), 1U);
  EXPECT_EQ(ask("3", "1m", kOperator), 1U);
  EXPECT_EQ(ask("3", "1m", token), 0U) << "too short";
}

TEST(Purpose, WhatCannotBeATokenIsRefused) {
  Waterworks world;
  const auto refused = [&](const std::string& fields) {
    const auto reply = world.post("/v1/tokens", R"({"tenant":"menden","name":"t",)" + fields + "}");
    EXPECT_GE(reply.status, 400U) << fields;
    return std::string(reply.json().at("message").as_string());
  };
  EXPECT_EQ(refused(R"("purpose":"marketing")"), "purpose is one of billing, leaks, network, consent, not marketing");
  EXPECT_EQ(refused(R"("purpose":7)"), "purpose must be text");
  EXPECT_EQ(refused(R"("purpose":"")"), "purpose is one of billing, leaks, network, consent, not ");
  EXPECT_TRUE(holds(refused(R"("purpose":"consent")"), "at least one"));
  EXPECT_TRUE(holds(refused(R"("purpose":"consent","devices":[])"), "at least one"));
  EXPECT_TRUE(holds(refused(R"("purpose":"consent","devices":"0000000000000002")"), "list"));
  EXPECT_TRUE(holds(refused(R"("purpose":"consent","devices":[2])"), "list"));
  EXPECT_TRUE(holds(refused(R"("purpose":"consent","devices":["xyz"])"), "devices"));
  EXPECT_EQ(refused(R"("purpose":"consent","devices":["00000000000000ff"])"), "menden has no device 00000000000000ff");
  EXPECT_TRUE(holds(refused(R"("purpose":"billing","devices":["0000000000000002"])"), "consent"));
  EXPECT_TRUE(holds(refused(R"("devices":["0000000000000002"])"), "consent"));
  std::string many;
  for (int i = 0; i < 65; ++i) many += std::string(i == 0 ? "" : ",") + "\"0000000000000002\"";
  EXPECT_EQ(refused(R"("purpose":"consent","devices":[)" + many + "]"), "devices are at most 64");
  EXPECT_EQ(world.get("/v1/tokens").items().size(), 0U);
}

// A process that starts on the same log reads the same rows.
TEST(Purpose, TokensOutliveTheProcess) {
  Town town;
  const auto consent = town.token_for(Purpose::consent);
  const auto leaks = town.token_for(Purpose::leaks);
  const auto all = town.token_of("menden");
  const auto listed = town.get("/v1/tokens").items();
  ASSERT_EQ(listed.size(), 3U);
  std::set<std::string> purposes;
  for (const auto& each : listed) {
    const auto& purpose = each.as_object().at("purpose");
    purposes.insert(purpose.is_null() ? "" : std::string(purpose.as_string()));
    EXPECT_EQ(each.as_object().at("devices").as_array().size(), purpose == "consent" ? 1U : 0U);
  }
  EXPECT_EQ(purposes, (std::set<std::string>{"", "consent", "leaks"}));

  HttpSettings settings;
  settings.operator_token = kOperator;
  const Authenticator again(settings, town.log, town.clock);
  const auto limited = again.caller_of(consent);
  ASSERT_TRUE(limited && limited->limited);
  EXPECT_EQ(limited->limited->grant.purpose, Purpose::consent);
  EXPECT_EQ(limited->limited->grant.devices, std::set<std::uint64_t>{3});
  EXPECT_TRUE(limited->limited->own.allows("menden"));
  EXPECT_FALSE(limited->scope.allows("menden"));
  EXPECT_EQ(again.caller_of(leaks)->limited->grant.purpose, Purpose::leaks);
  EXPECT_FALSE(again.caller_of(all)->limited);
}

}  // namespace
}  // namespace lenne::api
