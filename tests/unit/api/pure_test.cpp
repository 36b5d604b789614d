// The parts without a socket or a log: JSON, CSV, parameters, rows, events, routes, files.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/context.hpp"
#include "api/csv.hpp"
#include "api/embedded.hpp"
#include "api/event_json.hpp"
#include "api/json_writer.hpp"
#include "api/request.hpp"
#include "api/routes.hpp"
#include "api/rows.hpp"
#include "base/distribution.hpp"

namespace lenne::api {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(Json, Strings) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01\x7f"), R"("a\"b\\c\u000a\u0001\u007f")");
  EXPECT_EQ(json_string("Räume 日本 \xf0\x9f\x98\x80"), "\"Räume 日本 \xf0\x9f\x98\x80\"");
  EXPECT_EQ(json_string("x\xff\xc0\xafy"), "\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy\"");
  EXPECT_EQ(json_string("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") << "a surrogate is no character";
  EXPECT_EQ(json_string(std::string_view("\xe6\x97", 2)), "\"\xef\xbf\xbd\xef\xbf\xbd\"") << "cut off";
}

TEST(Json, Nesting) {
  JsonWriter json;
  json.begin_object().key("a").begin_array().number(1).null().begin_object().end_object().end_array().key("b").boolean(
      true);
  json.key("c").decimal(21'500'000, -6).key("d").real(0.1).key("e").real(1.0 / 0.0 * 0.0).end_object();
  EXPECT_EQ(json.str(), R"({"a":[1,null,{}],"b":true,"c":21.5,"d":0.1,"e":null})");
}

TEST(Csv, Rfc4180) {
  CsvWriter csv;
  csv.field("a").field("b,c").field("say \"x\"").end_row().field("").field("1\r\n2").end_row();
  EXPECT_EQ(csv.take(), "a,\"b,c\",\"say \"\"x\"\"\"\r\n,\"1\r\n2\"\r\n");
}

TEST(Parameters, AreDecodedAndChecked) {
  const auto query = QueryParameters::parse("q=a+b%20%C3%A4&limit=5&dry=&d=70b3d5499a3d1c02");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->text("q"), "a b ä");
  EXPECT_EQ(*query->size("limit", 1, 3), 3U);
  EXPECT_EQ(*query->size("none", 7, 100), 7U);
  EXPECT_TRUE(*query->boolean("dry", false));
  EXPECT_EQ((*query->dev_eui("d"))->value, 0x70b3d5499a3d1c02U);
  EXPECT_TRUE(query->only({"q", "limit", "dry", "d"}));
  EXPECT_EQ(query->only({"q", "limit", "dry"}).error().message, "there is no parameter d here");
  EXPECT_FALSE(QueryParameters::parse("a=%2"));
  EXPECT_FALSE(QueryParameters::parse("a=%00"));
  EXPECT_FALSE(QueryParameters::parse("a=%zz"));
  EXPECT_FALSE(QueryParameters::parse(std::string(100, '&').replace(0, 99, [] {
    std::string many;
    for (int i = 0; i < 33; ++i) many += "a=&";
    return many;
  }())));
  EXPECT_EQ(QueryParameters::parse("limit=0")->size("limit", 1, 3).error().code, "bad_parameter");
  EXPECT_EQ(QueryParameters::parse("limit=-1")->size("limit", 1, 3).error().code, "bad_parameter");
  EXPECT_EQ(QueryParameters::parse("from=2026-01-01")->time("from").error().code, "bad_parameter");
}

TEST(Positions, OfNetworkIn) {
  EXPECT_EQ(*parse_positions("3:44"), (std::map<std::uint32_t, storage::Offset>{{3, 44}}));
  EXPECT_EQ(positions_text(*parse_positions("3:44,0:12,3:50")), "0:12,3:50");
  for (const auto* text : {"", "3", "3:", ":3", "3:4,", "3:4;", "3:4 ", "a:b", "99999999999:1"})
    EXPECT_FALSE(parse_positions(text)) << text;
}

TEST(Rows, ResolutionsAreWindows) {
  EXPECT_EQ(*window_of_resolution("1m"), "PT1M");
  EXPECT_EQ(*window_of_resolution("15m"), "PT15M");
  EXPECT_EQ(*window_of_resolution("60m"), "PT1H");
  EXPECT_EQ(*window_of_resolution("1h"), "PT1H");
  EXPECT_EQ(*window_of_resolution("1d"), "P1D");
  EXPECT_EQ(*window_of_resolution("P1D"), "P1D");
  EXPECT_EQ(*window_of_resolution("day_local"), "P1D");
  EXPECT_EQ(*window_of_resolution("day_utc"), "PT24H");
  EXPECT_EQ(*window_of_resolution("day_cet"), "P1D-CET");
  EXPECT_EQ(*window_of_resolution("rain_day"), "P1D-RAIN");
  EXPECT_EQ(*window_of_resolution("P1D-GAS"), "P1D-GAS");
  EXPECT_EQ(*window_of_resolution("month"), "P1M");
  EXPECT_EQ(*window_of_resolution("year_utc"), "P1Y-UTC");
  EXPECT_EQ(*window_of_resolution("rain_month"), "P1M-RAIN");
  EXPECT_EQ(*window_of_resolution("P1Y-GAS"), "P1Y-GAS");
  EXPECT_EQ(*window_of_resolution("10s"), "PT10S");
  EXPECT_EQ(*window_of_resolution("PT15M"), "PT15M");
  EXPECT_EQ(*window_of_resolution("1h/10m"), "PT1H/PT10M");
  EXPECT_EQ(*window_of_resolution("PT1H/PT10M"), "PT1H/PT10M");
  for (const auto* text : {"", "m", "0m", "-1m", "15", "15d", "1.5h", "15mm", "99999999999h"})
    EXPECT_FALSE(window_of_resolution(text)) << text;
}

v1::Aggregate gauge_row() {
  v1::Aggregate row;
  row.set_tenant("menden");
  row.set_dev_eui(0x70b3d5499a3d1c02);
  row.set_device_name("Room, 3");
  row.set_measure("temperature");
  row.set_unit("Cel");
  row.set_kind(v1::KIND_GAUGE);
  row.set_exponent(-6);
  row.set_start_us(1'795'478'400'000'000);
  row.set_end_us(1'795'479'300'000'000);
  row.set_window("PT15M");
  row.set_final(true);
  row.set_covered_us(600'000'000);
  row.set_nominal_interval_s(300);
  row.set_left_out(2);
  auto& gauge = *row.mutable_gauge();
  gauge.set_count(3);
  gauge.mutable_sum()->set_low(64'500'001);
  gauge.mutable_sum_squares()->set_low(1'387'250'043'000'001);  // 21, 21.500001 and 22
  gauge.mutable_min()->set_value(21'000'000);
  gauge.mutable_min()->set_time_us(1'795'478'400'000'001);
  gauge.mutable_max()->set_value(22'000'000);
  gauge.mutable_max()->set_time_us(1'795'478'700'000'000);
  return row;
}

TEST(Rows, Gauge) {
  JsonWriter json;
  json.begin_object();
  write_aggregate_fields(json, gauge_row());
  json.end_object();
  EXPECT_EQ(
      json.str(),
      R"({"tenant":"menden","site":null,"dev_eui":"70b3d5499a3d1c02","device":"Room, 3","measure":"temperature","unit":"Cel",)"
      R"("kind":"gauge","window":"PT15M","start":"2026-11-24T00:00:00.000000Z","end":"2026-11-24T00:15:00.000000Z","count":3,)"
      R"("mean":21.500000333333332,"min":21,"min_time":"2026-11-24T00:00:00.000001Z","max":22,"max_time":"2026-11-24T00:05:00.000000Z",)"
      R"("deviation":0.4082482904641352,"p10":null,"p50":null,"p85":null,"p90":null,)"
      R"("sum":64.500001,"occupied_share":null,"occupied_s":null,"known_s":null,"arrivals":null,"transitions":null,"estimated":null,"resets":null,"interpolated":null,"reverse":null,"exchanges":null,"quarantined":null,"quality":null,"coverage":0.6666666666666666,)"
      R"("valid":false,"left_out":2,"final":true,"revision":0,"rules":null})");
  CsvWriter csv;
  write_aggregate_header(csv);
  write_aggregate_row(csv, gauge_row());
  EXPECT_EQ(
      csv.take(),
      "tenant,site,dev_eui,device,measure,unit,kind,window,start,end,count,mean,min,min_time,max,max_time,deviation,"
      "p10,p50,p85,p90,sum,occupied_share,"
      "occupied_s,known_s,arrivals,transitions,estimated,resets,interpolated,reverse,exchanges,quarantined,quality,"
      "coverage,valid,left_out,final,revision,rules,indicators\r\n"
      "menden,,70b3d5499a3d1c02,\"Room, "
      "3\",temperature,Cel,gauge,PT15M,2026-11-24T00:00:00.000000Z,2026-11-24T00:15:00.000000Z,3,"
      "21.500000333333332,21,2026-11-24T00:00:00.000001Z,22,2026-11-24T00:05:00.000000Z,0.4082482904641352,"
      ",,,,64.500001,,,,,,,,,,,,,0.6666666666666666,false,2,true,0,,\r\n");
}

TEST(Rows, AValueThatHoldsHasAMeanByTimeAndNoSum) {
  auto row = gauge_row();
  row.set_kind(v1::KIND_HELD);
  row.set_nominal_interval_s(0);
  auto& gauge = *row.mutable_gauge();
  gauge.set_samples(3);
  gauge.set_count(600'000'000);
  gauge.mutable_sum()->set_low(150'000'000'000'000'000);  // 250 for ten minutes
  gauge.clear_sum_squares();
  JsonWriter json;
  json.begin_object();
  write_aggregate_fields(json, row);
  json.end_object();
  for (const std::string_view part : {R"("kind":"held")", R"("count":3,)", R"("mean":250,"min":21,)", R"("max":22,)",
                                      R"("deviation":null,)", R"("sum":null,)", R"("coverage":0.6666666666666666,)"})
    EXPECT_TRUE(json.str().contains(part)) << part << " in " << json.str();
}

TEST(Rows, DeviationAndPercentilesFromExactSums) {
  auto row = gauge_row();
  auto& gauge = *row.mutable_gauge();
  // 1,000,000 steps up to 1,000,009: a difference of squares in doubles would know nothing of it.
  gauge.set_count(10);
  gauge.mutable_sum()->set_low(10'000'045);
  gauge.mutable_sum_squares()->set_low(10'000'090'000'285);
  gauge.mutable_min()->set_value(1'000'000);
  gauge.mutable_max()->set_value(1'000'009);
  gauge.add_bucket(base::bucket_of(1'000'000));
  gauge.add_bucket_count(10);
  const auto text = [&] {
    JsonWriter json;
    json.begin_object();
    write_aggregate_fields(json, row);
    json.end_object();
    return std::string(json.str());
  };
  EXPECT_NE(text().find(R"("deviation":2.8722813232690144e-06,"p10":1.000009,)"), std::string::npos)
      << text() << ": the square root of 8.25 steps; a bucket's middle, but never above the largest value";
  gauge.mutable_sum_squares()->set_high(-1);
  EXPECT_NE(text().find(R"("deviation":)"), std::string::npos) << "damaged, and still a row";
}

TEST(Rows, NegativeSumsAndTheMeanOfLargeOnes) {
  auto row = gauge_row();
  row.mutable_gauge()->mutable_sum()->set_high(-1);
  row.mutable_gauge()->mutable_sum()->set_low(static_cast<std::uint64_t>(-64'500'000));
  JsonWriter json;
  json.begin_object();
  write_aggregate_fields(json, row);
  json.end_object();
  EXPECT_NE(json.str().find(R"("mean":-21.5,)"), std::string::npos) << json.str();
  EXPECT_NE(json.str().find(R"("sum":-64.5,)"), std::string::npos);
}

TEST(Rows, CarryTheirRulesAndIndicators) {
  auto row = gauge_row();
  for (const auto& [version, fingerprint] : {std::pair(2U, 7U), {3U, 0x9f0c1a44U}}) {
    auto& rules = *row.add_rules();
    rules.set_use_case("school-air");
    rules.set_version(version);
    rules.set_fingerprint(fingerprint);
  }
  row.set_measure("co2");
  row.mutable_gauge()->mutable_sum()->set_low(3'600'000'000);
  JsonWriter json;
  json.begin_object();
  write_aggregate_fields(json, row);
  json.end_object();
  EXPECT_TRUE(json.str().ends_with(
      R"("revision":0,"rules":"school-air@2/00000007 school-air@3/9f0c1a44","indicators":[{"name":"co2_class","value":1,"unit":"","level":"conspicuous","valid":false,)"
      R"("version":1,"indicative":false}]})"))
      << json.str();
  CsvWriter csv;
  write_aggregate_row(csv, row);
  EXPECT_TRUE(
      csv.take().ends_with(",false,2,true,0,school-air@2/00000007 school-air@3/9f0c1a44,co2_class=conspicuous\r\n"));
}

TEST(Rows, TheMeanOfEqualValuesIsThatValue) {
  auto row = gauge_row();
  row.set_exponent(-6);
  row.mutable_gauge()->set_count(3);
  row.mutable_gauge()->mutable_sum()->set_high(0);
  row.mutable_gauge()->mutable_sum()->set_low(300'000);
  JsonWriter json;
  json.begin_object();
  write_aggregate_fields(json, row);
  json.end_object();
  EXPECT_NE(json.str().find(R"("mean":0.1,)"), std::string::npos) << "0.3 / 3 in doubles is less than 0.1";
}

TEST(Rows, StateAndUnknownCoverage) {
  auto row = gauge_row();
  row.set_kind(v1::KIND_STATE);
  row.mutable_duration()->set_count(4);
  row.mutable_duration()->set_occupied_us(225'500'000);
  row.mutable_duration()->set_known_us(900'000'000);
  row.mutable_duration()->set_transitions_on(2);
  row.mutable_duration()->set_transitions_off(1);
  row.set_covered_us(900'000'000);
  JsonWriter json;
  json.begin_object();
  write_aggregate_fields(json, row);
  json.end_object();
  EXPECT_NE(
      json.str().find(
          R"("count":4,"mean":null,"min":null,"min_time":null,"max":null,"max_time":null,)"
          R"("deviation":null,"p10":null,"p50":null,"p85":null,"p90":null,"sum":null,)"
          R"("occupied_share":0.25055555555555553,"occupied_s":225.5,"known_s":900,"arrivals":2,"transitions":3,"estimated":null,"resets":null,"interpolated":null,"reverse":null,"exchanges":null,"quarantined":null,"quality":null,"coverage":1,"valid":true)"),
      std::string::npos)
      << json.str();
  row.set_kind(v1::KIND_COUNTER);
  row.set_exponent(-6);
  row.mutable_counter()->set_count(2);
  row.mutable_counter()->mutable_amount()->set_low(1'250'000);
  row.mutable_counter()->mutable_estimated()->set_low(250'000);
  row.mutable_counter()->set_resets(1);
  row.mutable_counter()->set_interpolated_us(5);
  JsonWriter counter;
  counter.begin_object();
  write_aggregate_fields(counter, row);
  counter.end_object();
  EXPECT_NE(counter.str().find(R"("count":2,"mean":null,)"), std::string::npos) << counter.str();
  EXPECT_NE(counter.str().find(R"("sum":1.25,)"), std::string::npos) << counter.str();
  EXPECT_NE(
      counter.str().find(
          R"("estimated":0.25,"resets":1,"interpolated":0,"reverse":0,"exchanges":0,"quarantined":0,"quality":"I",)"),
      std::string::npos)
      << counter.str();
  auto unknown = gauge_row();
  unknown.set_nominal_interval_s(0);
  EXPECT_FALSE(coverage_of(unknown));
}

v1::DeviceEvent uplink_event() {
  v1::DeviceEvent event;
  event.set_time_us(1'795'479'326'000'001);
  event.set_tenant("menden");
  event.set_dev_eui(0x70b3d5499a3d1c02);
  auto& uplink = *event.mutable_uplink();
  uplink.set_id(0x5f2c);
  uplink.set_dev_addr(0x01020304);
  uplink.set_f_cnt(7);
  uplink.set_f_port(2);
  uplink.set_payload("\x0a\x0b");
  uplink.mutable_data_rate()->set_spreading_factor(7);
  uplink.mutable_data_rate()->set_bandwidth_hz(125'000);
  uplink.set_frequency_hz(868'100'000);
  uplink.mutable_first()->set_gateway_id(0x0016c001ff10a2b3);
  uplink.mutable_first()->set_rssi_dbm(-97);
  uplink.mutable_first()->set_snr_tenths_db(82);
  return event;
}

// The line that the design promises, byte for byte.
TEST(EventLine, Uplink) {
  auto event = uplink_event();
  const auto line = event_line(event, "17~", {});
  EXPECT_EQ(
      line,
      R"({"type":"uplink","id":"0000000000005f2c","position":"17~","time":"2026-11-24T00:15:26.000001Z","tenant":"menden",)"
      R"("dev_eui":"70b3d5499a3d1c02","dev_addr":"01020304","f_cnt":7,"f_port":2,"confirmed":false,"payload":"0a0b","decoded":null,)"
      R"("data_rate":"SF7BW125","frequency":868100000,"gateway_id":"0016c001ff10a2b3","rssi":-97,"snr":8.2})");
  event.mutable_uplink()->set_message("x");
  event.mutable_uplink()->set_schema("vendor/model@1");
  event.mutable_uplink()->clear_f_port();
  const auto decoded = event_line(event, "", [](std::string_view schema, std::string_view message) {
    return std::optional<std::string>(schema == "vendor/model@1" && message == "x" ? R"({"t":21.5})" : "1");
  });
  EXPECT_NE(decoded.find(R"("f_port":null,)"), std::string::npos);
  EXPECT_EQ(decoded.find("position"), std::string::npos) << "nobody reads on from where there is none";
  EXPECT_NE(decoded.find(R"("decoded":{"t":21.5},)"), std::string::npos);
  event.mutable_uplink()->set_decode_error("short");
  EXPECT_NE(event_line(event, "", {}).find(R"("decoded":null,"decode_error":"short")"), std::string::npos);
}

TEST(EventLine, TheOthers) {
  auto base = uplink_event();
  const auto parsed = [](const v1::DeviceEvent& event) {
    return boost::json::parse(event_line(event, "1~", {})).as_object();
  };
  auto& hearing = *base.mutable_reception()->add_gateways();
  hearing.set_gateway_id(1);
  hearing.set_snr_tenths_db(-95);
  base.mutable_reception()->set_uplink_id(0x5f2c);
  auto object = parsed(base);
  EXPECT_EQ(object["type"], "reception");
  EXPECT_EQ(object["id"], "0000000000005f2c");
  EXPECT_EQ(object["gateways"].as_array()[0].as_object()["snr"], -9.5);
  EXPECT_TRUE(object["link_margin"].is_null());
  base.mutable_reception()->set_margin_tenths_db(-15);
  EXPECT_EQ(parsed(base)["link_margin"], -1.5);
  base.mutable_join()->set_dev_nonce(17);
  EXPECT_EQ(parsed(base)["dev_nonce"], 17);
  base.mutable_ack()->set_acknowledged(true);
  EXPECT_EQ(parsed(base)["acknowledged"], true);
  base.mutable_tx_ack()->set_error(v1::TX_ERROR_DUTY_CYCLE);
  EXPECT_EQ(parsed(base)["type"], "txack");
  EXPECT_EQ(parsed(base)["error"], "duty_cycle");
  base.mutable_status()->set_margin_db(-3);
  EXPECT_EQ(parsed(base)["margin"], -3);
  EXPECT_TRUE(parsed(base)["battery_percent"].is_null());
  base.mutable_log()->set_code("mic");
  base.mutable_log()->set_level(v1::LOG_LEVEL_WARNING);
  base.clear_tenant();
  base.set_dev_eui(0);
  object = parsed(base);
  EXPECT_EQ(object["level"], "warning");
  EXPECT_TRUE(object["tenant"].is_null());
  EXPECT_TRUE(object["dev_eui"].is_null());
  v1::DataRate fsk;
  fsk.set_bit_rate(50'000);
  EXPECT_EQ(data_rate_name(fsk), "FSK50000");
  EXPECT_EQ(boost::json::parse(aggregate_line(gauge_row(), "1~")).as_object()["type"], "aggregate");
  EXPECT_TRUE(boost::json::parse(aggregate_line(gauge_row(), "1~")).as_object().contains("position"));
  EXPECT_FALSE(boost::json::parse(aggregate_line(gauge_row(), "")).as_object().contains("position"));
}

TEST(Routes, Match) {
  EXPECT_EQ(match_route("HEAD", "/v1/status").route->path, "/v1/status");
  EXPECT_EQ(match_route("GET", "/v1/objects/site/menden/school").arguments,
            (std::vector<std::string>{"site", "menden/school"}));
  EXPECT_EQ(match_route("GET", "/v1/objects/site").arguments, std::vector<std::string>{"site"});
  EXPECT_EQ(match_route("GET", "/v1/objects/").route, nullptr);
  EXPECT_EQ(match_route("GET", "/v1/objects").route, nullptr);
  EXPECT_EQ(match_route("GET", "v1/status").route, nullptr);
  EXPECT_EQ(match_route("GET", "").route, nullptr);
  const auto wrong_method = match_route("PUT", "/v1/apply");
  EXPECT_TRUE(wrong_method.path_known);
  EXPECT_EQ(wrong_method.route, nullptr);
}

TEST(Routes, Access) {
  const Caller nobody{}, reader{Role::reader, storage::views::Scope::everything()},
      tenant{Role::tenant, storage::views::Scope::of({"a"})},
      boss{Role::operator_, storage::views::Scope::everything()};
  for (const auto& route : routes()) {
    EXPECT_EQ(admit(route, nobody).has_value(), route.need == Need::open || route.need == Need::released) << route.path;
    EXPECT_EQ(admit(route, reader).has_value(), route.need != Need::operator_) << route.path;
    EXPECT_EQ(admit(route, tenant).has_value(), route.need != Need::operator_) << route.path;
    EXPECT_TRUE(admit(route, boss).has_value());
    if (route.method != "GET") {
      EXPECT_FALSE(route.cors) << "other origins only read";
    }
  }
}

TEST(Files, AreServedWithTypeTagAndPolicy) {
  const std::array files{EmbeddedFile{"index.html", "<p>"}, EmbeddedFile{"assets/app-1a2b.js", "x()"}};
  Request request;
  auto index = serve_file(files, request);
  ASSERT_TRUE(index);
  EXPECT_EQ(index->body, "<p>");
  EXPECT_EQ(index->content_type, "text/html; charset=utf-8");
  const std::map<std::string, std::string> headers(index->headers.begin(), index->headers.end());
  EXPECT_EQ(headers.at("Cache-Control"), "no-cache");
  EXPECT_EQ(headers.at("Content-Security-Policy").find("unsafe"), std::string::npos);
  request.if_none_match = headers.at("ETag");
  EXPECT_EQ(serve_file(files, request)->status, 304U);
  request.path = "/assets/app-1a2b.js";
  EXPECT_EQ(serve_file(files, request)->content_type, "text/javascript; charset=utf-8");
  request.path = "/devices/70b3";
  EXPECT_EQ(serve_file(files, request)->status, 304U) << "the page's own addresses are the page";
  request.path = "/assets/none.js";
  EXPECT_FALSE(serve_file(files, request));
  EXPECT_FALSE(serve_file({}, Request{}));
}

TEST(Bearer, Header) {
  EXPECT_EQ(bearer_of("Bearer abc"), "abc");
  EXPECT_EQ(bearer_of("bearer  abc"), "abc");
  EXPECT_EQ(bearer_of("Basic abc"), "");
  EXPECT_EQ(bearer_of("Bearer"), "");
}

}  // namespace
}  // namespace lenne::api
