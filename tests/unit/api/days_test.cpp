// What stored results of local days come to, over real sockets: noise, the air of rooms.
#include <cmath>

#include "tests/unit/api/days_world.hpp"

namespace lenne::api {
namespace {

using processing::derived::hour_of;
using processing::derived::kTestHourUs;
using processing::derived::result_of;

TEST(Days, NoiseOfADay) {
  DaysWorld world;
  // From 6 o'clock on 24 November to 6 on the 25th.
  for (int h = 0; h < 24; ++h) {
    const double level = h < 12 ? 60 : h < 16 ? 58 : 50;
    world.publish(
        hour_of("sound_energy", kStartUs + (5 + h) * kTestHourUs, std::llround(std::pow(10, level / 10) * 100)));
  }
  const std::string target = "/v1/noise?site=school" + kOneDay;
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return !items.empty() && items.at(0).as_object().at("days").as_array().at(0).as_object().at("valid") == true;
  });
  const auto item = world.get(target).items().at(0);
  EXPECT_EQ(item.as_object().at("hours"), "de");
  EXPECT_EQ(item.as_object().at("indicative"), true);
  const auto& days = item.as_object().at("days").as_array();
  ASSERT_EQ(days.size(), 1U);
  const auto& day = days[0].as_object();
  EXPECT_EQ(day.at("date"), "2026-11-24");
  EXPECT_EQ(day.at("start"), "2026-11-23T23:00:00.000000Z");
  EXPECT_EQ(day.at("night").as_object().at("hours"), 8);
  EXPECT_NEAR(day.at("night").as_object().at("level").to_number<double>(), 50, 1e-3);
  EXPECT_NEAR(day.at("lden").to_number<double>(), 60.67, 0.005);
  const auto eu = world.get(target + "&hours=eu").items().at(0).as_object().at("days").as_array().at(0).as_object();
  EXPECT_EQ(eu.at("night").as_object().at("hours"), 7) << "the hour from 6 to 7 is of the next day";
  EXPECT_EQ(eu.at("night").as_object().at("possible_hours"), 8);
  EXPECT_EQ(world.get(target, world.token_of("soest")).items().size(), 0U);
}

TEST(Days, HotHours) {
  DaysWorld world;
  for (int h = 0; h < 24; ++h) {
    world.publish(hour_of("temperature", kStartUs + (h - 1) * kTestHourUs, h < 5 ? 3000 : 2999));
    world.publish(hour_of("heat_index", kStartUs + (h - 1) * kTestHourUs, h < 2 ? 3800 : 3200));
  }
  const std::string target = "/v1/heat-hours?site=school" + kOneDay;
  const auto day = [&] {
    const auto items = world.get(target).items();
    if (items.empty() || items.at(0).as_object().at("days").as_array().empty()) return boost::json::object{};
    return items.at(0).as_object().at("days").as_array().at(0).as_object();
  };
  world.wait_until(
      [&] { return day().contains("hours") && day().at("hours") == 24 && day().at("heat_index_hours") == 24; });
  EXPECT_EQ(day().at("date"), "2026-11-24");
  EXPECT_EQ(day().at("hot_hours"), 5);
  EXPECT_EQ(day().at("strong_heat_hours"), 24);
  EXPECT_EQ(day().at("extreme_heat_hours"), 2);
  EXPECT_EQ(day().at("valid"), true);
  EXPECT_EQ(world.get("/v1/heat-hours").status, 400);
}

TEST(Days, TheUsualHourOfTheWeek) {
  DaysWorld world;
  // Nine o'clock on 20 Tuesdays until that of 24 November.
  for (int w = 0; w < 20; ++w)
    world.publish(hour_of("co2", kStartUs + (8 - w * 7 * 24) * kTestHourUs, w == 0 ? 200'000 : 40'000 + w * 1000));
  const std::string target =
      "/v1/week-profile?device=0000000000000001&measure=co2&from=2026-07-01T00:00:00Z&to=2026-11-25T00:00:00Z";
  const auto hours = [&] {
    const auto items = world.get(target).items();
    return items.empty() ? boost::json::array{} : items.at(0).as_object().at("hours").as_array();
  };
  world.wait_until([&] { return !hours().empty() && hours().at(0).as_object().at("weeks") == 20; });
  ASSERT_EQ(hours().size(), 1U);
  const auto hour = hours().at(0).as_object();
  EXPECT_EQ(hour.at("weekday"), 2);
  EXPECT_EQ(hour.at("hour"), 9);
  EXPECT_EQ(hour.at("median"), 500);
  EXPECT_EQ(hour.at("p95"), 590);
  EXPECT_EQ(hour.at("highest"), 2000);
  EXPECT_EQ(world.get("/v1/week-profile?device=0000000000000001").status, 400);
  EXPECT_EQ(world.get(target + "&q=1").status, 400);
  EXPECT_EQ(world.get(target, world.token_of("soest")).items().size(), 0U);
}

TEST(Days, IndoorAirInOpeningHours) {
  DaysWorld world;
  world.device_with(R"({"open_from":8,"open_to":9.5})");
  const std::int64_t quarter = kTestHourUs / 4;
  for (int q = 0; q < 8; ++q) {
    const auto ppm = q == 0 ? 80'000 : q < 3 ? 120'000 : 240'000;
    world.publish(result_of("co2", "PT15M", kStartUs + 7 * kTestHourUs + q * quarter, quarter, ppm, ppm, ppm));
  }
  const std::string target = "/v1/indoor-air?device=0000000000000001&from=2026-11-20T23:00:00Z&to=2026-11-24T23:00:00Z";
  const auto last = [&] {
    const auto items = world.get(target).items();
    return items.empty() ? boost::json::object{} : items.at(0).as_object().at("days").as_array().at(3).as_object();
  };
  world.wait_until([&] {
    const auto day = last();
    return day.contains("known_minutes") && day.at("known_minutes") == 90;
  });
  const auto day = last();
  EXPECT_EQ(day.at("open_from"), "2026-11-24T07:00:00.000000Z");
  EXPECT_EQ(day.at("open_minutes"), 90);
  EXPECT_EQ(day.at("classes").as_array().at(1).as_object().at("level"), "conspicuous");
  EXPECT_EQ(day.at("classes").as_array().at(1).as_object().at("minutes"), 30);
  EXPECT_EQ(day.at("classes").as_array().at(2).as_object().at("share"), 0.5);
  EXPECT_EQ(day.at("minutes_to_1000"), 15);
  EXPECT_EQ(day.at("highest_45min"), 2400);
  EXPECT_EQ(day.at("valid"), true);
  const auto saturday = world.get(target).items().at(0).as_object().at("days").as_array().at(0).as_object();
  EXPECT_EQ(saturday.at("date"), "2026-11-21");
  EXPECT_EQ(saturday.at("open"), false);
  EXPECT_FALSE(saturday.contains("classes"));
  world.device_with(R"({"open_from":25})");
  world.wait_until([&] { return world.get(target).status == 400; });
  EXPECT_NE(world.get(target).body.find("0000000000000001: open_from"), std::string::npos) << world.get(target).body;
}

TEST(Days, MouldOfFiveDays) {
  DaysWorld world;
  for (int h = 0; h < 5 * 24; ++h)
    world.publish(hour_of("mould_humidity", kStartUs - kTestHourUs - h * kTestHourUs + 23 * kTestHourUs, 8500));
  const std::string target = "/v1/mould?device=0000000000000001" + kOneDay;
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return !items.empty() && items.at(0).as_object().at("days").as_array().at(0).as_object().at("risk") == true;
  });
  const auto day = world.get(target).items().at(0).as_object().at("days").as_array().at(0).as_object();
  EXPECT_EQ(day.at("critical_hours"), 24);
  EXPECT_EQ(day.at("valid"), true);
}

v1::Aggregate people(const std::string& measure, const std::string& window, std::int64_t start_us,
                     std::int64_t length_us, std::int64_t count) {
  auto row = processing::derived::rain_of(window, start_us, length_us, count);
  row.set_measure(measure);
  row.set_unit("count");
  row.set_exponent(0);
  return row;
}

TEST(Days, TrafficOfCounters) {
  DaysWorld world;
  const auto midnight = kStartUs - kTestHourUs;
  const std::int64_t quarter = kTestHourUs / 4;
  for (const int day : {-2, -1, 0}) {
    for (const auto* measure : {"people.in", "people.out"})
      world.publish(people(measure, "P1D", midnight + day * 24 * kTestHourUs, 24 * kTestHourUs, day == 0 ? 90 : 30));
  }
  for (int q = 0; q < 8; ++q) {
    world.publish(people("people.in", "PT15M", kStartUs + 7 * kTestHourUs + q * quarter, quarter, 10 + q));
    world.publish(people("people.out", "PT15M", kStartUs + 7 * kTestHourUs + q * quarter, quarter, q < 7 ? 10 : 31));
  }
  for (const auto* measure : {"vehicles", "heavy_vehicles"})
    world.publish(people(measure, "P1D", midnight, 24 * kTestHourUs, std::string(measure) == "vehicles" ? 400 : 30));
  const std::string target = "/v1/traffic?site=school&from=2026-11-21T23:00:00Z&to=2026-11-24T23:00:00Z";
  const auto ready = [&] {
    const auto items = world.get(target).items();
    return items.size() == 1 && items.at(0).as_object().at("heavy_share").is_number();
  };
  world.wait_until(ready);
  const auto item = world.get(target).items().at(0).as_object();
  EXPECT_EQ(item.at("heavy_share"), 0.075);
  EXPECT_TRUE(item.at("v85").is_null());
  const auto& counts = item.at("counts").as_array();
  ASSERT_EQ(counts.size(), 4U);
  const auto& in = counts.at(1).as_object();
  EXPECT_EQ(in.at("measure"), "people.in");
  EXPECT_EQ(in.at("total"), 150);
  EXPECT_EQ(in.at("dtv").as_object().at("value"), 50);
  EXPECT_EQ(in.at("dtv").as_object().at("valid"), true);
  EXPECT_EQ(in.at("dtvw").as_object().at("value"), 60) << "22 November is a Sunday";
  EXPECT_EQ(in.at("peak_hour").as_object().at("start"), "2026-11-24T08:00:00.000000Z");
  EXPECT_EQ(in.at("peak_hour").as_object().at("count"), 62);
  const auto& presence = item.at("presence").as_array();
  ASSERT_EQ(presence.size(), 1U);
  EXPECT_EQ(presence[0].as_object().at("date"), "2026-11-24");
  EXPECT_EQ(presence[0].as_object().at("highest"), 21);
  EXPECT_EQ(presence[0].as_object().at("highest_time"), "2026-11-24T08:45:00.000000Z");
  EXPECT_EQ(presence[0].as_object().at("left"), 7);
  EXPECT_EQ(world.get("/v1/traffic?site=nowhere" + kOneDay).items().size(), 0U);
  EXPECT_EQ(world.get(target, world.token_of("soest")).items().size(), 0U);
}

TEST(Days, ContainersByWhenTheyAreDue) {
  DaysWorld world;
  const auto fill = [&](std::uint64_t eui, const std::string& tenant, int hour, std::int64_t percent) {
    auto row = hour_of("fill_level", kStartUs + hour * kTestHourUs, percent * 100);
    row.set_dev_eui(eui);
    row.set_tenant(tenant);
    world.publish(row);
  };
  for (int i = 0; i < 6; ++i) {
    fill(1, "menden", i * 3, 20 + i * 3);
    fill(2, "soest", i * 3, 60 + i * 3);
  }
  const std::string target = "/v1/waste?from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z";
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return items.size() == 2 && items.at(1).as_object().at("fill") == 35 && items.at(0).as_object().at("fill") == 75;
  });
  const auto items = world.get(target).items();
  EXPECT_EQ(items.at(0).as_object().at("device"), "Soest 2") << "due first";
  EXPECT_EQ(items.at(0).as_object().at("due"), "2026-11-24T21:00:00.000000Z");
  EXPECT_EQ(items.at(0).as_object().at("slope"), 1);
  EXPECT_EQ(items.at(1).as_object().at("due"), "2026-11-26T13:00:00.000000Z");
  EXPECT_EQ(world.get(target, world.token_of("menden")).items().size(), 1U);
  EXPECT_EQ(world.get(target + "&site=school").items().size(), 1U);
  EXPECT_EQ(world.get(target + "&site=nowhere").items().size(), 0U);
}

v1::Aggregate state_of(const std::string& measure, std::int64_t start_us, std::int64_t occupied_minutes, int on,
                       int off, bool ends_occupied) {
  auto row = result_of(measure, "PT15M", start_us, kTestHourUs / 4, 0, 0, 0);
  row.set_kind(v1::KIND_STATE);
  auto& state = *row.mutable_duration();
  state.set_count(1);
  state.set_known_us(kTestHourUs / 4);
  state.set_occupied_us(occupied_minutes * 60'000'000);
  state.set_transitions_on(static_cast<std::uint64_t>(on));
  state.set_transitions_off(static_cast<std::uint64_t>(off));
  state.mutable_last()->set_value(ends_occupied ? 1 : 0);
  return row;
}

TEST(Days, ParkingOfAZone) {
  DaysWorld world;
  world.device_with(R"({"max_stay":0.5})");
  const std::int64_t quarter = kTestHourUs / 4;
  // The car comes in the hour before, and stays for 10 + 15 + 15 + 5 minutes.
  world.publish(state_of("parking_occupied", kStartUs - 3 * quarter, 10, 1, 0, true));
  world.publish(state_of("parking_occupied", kStartUs - 2 * quarter, 15, 0, 0, true));
  world.publish(state_of("parking_occupied", kStartUs - quarter, 15, 0, 0, true));
  world.publish(state_of("parking_occupied", kStartUs, 5, 0, 1, false));
  world.publish(state_of("parking_occupied", kStartUs + quarter, 6, 1, 0, true));
  const std::string target = "/v1/parking?site=school&from=2026-11-24T00:00:00Z&to=2026-11-24T01:00:00Z";
  world.wait_until([&] {
    const auto body = world.get(target).json();
    return body.contains("arrivals") && body.at("arrivals") == 1;
  });
  const auto body = world.get(target).json();
  EXPECT_EQ(body.at("capacity"), 1);
  EXPECT_EQ(body.at("coverage"), 0.5) << "two of four quarters have a result";
  EXPECT_NEAR(body.at("occupancy").to_number<double>(), 11.0 / 30, 1e-9);
  EXPECT_EQ(body.at("turnover"), 24) << "one in an hour";
  EXPECT_EQ(body.at("now").as_object().at("unknown"), 1) << "no sample came";
  const auto& stays = body.at("stays").as_object();
  EXPECT_EQ(stays.at("ended"), 1);
  EXPECT_EQ(stays.at("mean_minutes"), 45);
  EXPECT_EQ(stays.at("p85_minutes"), 45);
  EXPECT_EQ(stays.at("overstays"), 1);
  EXPECT_EQ(body.at("peak").as_object().at("start"), "2026-11-24T00:15:00.000000Z");
  EXPECT_EQ(body.at("peak").as_object().at("share"), 0.4);
  EXPECT_EQ(body.at("items").as_array().size(), 1U);
  EXPECT_EQ(world.get(target, world.token_of("soest")).json().at("capacity"), 0);
}

TEST(Days, RoomsInOpeningHours) {
  DaysWorld world;
  world.device_with(R"({"open_from":8,"open_to":9})");
  const std::int64_t quarter = kTestHourUs / 4;
  for (int q = 0; q < 6; ++q)
    world.publish(state_of("occupancy", kStartUs + 7 * kTestHourUs + q * quarter,
                           q == 1  ? 15
                           : q > 3 ? 15
                                   : 0,
                           0, 0, false));
  const std::string target = "/v1/rooms?site=school" + kOneDay;
  const auto day = [&] {
    const auto body = world.get(target).json();
    return body.contains("days") ? body.at("days").as_array().at(0).as_object() : boost::json::object{};
  };
  world.wait_until([&] { return day().at("coverage") == 1; });
  EXPECT_EQ(day().at("open_rooms"), 1);
  EXPECT_EQ(day().at("occupancy"), 0.25);
  EXPECT_EQ(day().at("peak").as_object().at("start"), "2026-11-24T07:15:00.000000Z");
  EXPECT_EQ(day().at("peak").as_object().at("occupied"), 1);
  EXPECT_EQ(world.get(target).items().at(0).as_object().at("occupancy"), 0.25);
}

TEST(Days, RoomsByTheirCo2WhereItIsAskedFor) {
  DaysWorld world;
  const std::int64_t quarter = kTestHourUs / 4;
  for (int q = 0; q < 4; ++q) {
    // 629, 630, 900 ppm, and one that is hardly covered.
    const auto ppm = q == 0 ? 62'900 : q == 1 ? 63'000 : 90'000;
    world.publish(result_of("co2", "PT15M", kStartUs + 7 * kTestHourUs + q * quarter, quarter, ppm, ppm, ppm,
                            q == 3 ? 499 : 1000));
  }
  const std::string target = "/v1/rooms?site=school" + kOneDay;
  world.wait_until([&] { return world.get("/v1/series?measure=co2").items().size() == 1; });
  world.device_with(R"({"open_from":8,"open_to":9})");
  EXPECT_TRUE(world.get(target).items().empty()) << "nobody says that it stands for presence";
  world.device_with(R"({"open_from":8,"open_to":9,"presence_by_co2":1})");
  const auto day = [&] {
    const auto body = world.get(target).json();
    return body.contains("days") ? body.at("days").as_array().at(0).as_object() : boost::json::object{};
  };
  world.wait_until([&] { return day().at("coverage") == 0.75; });
  EXPECT_EQ(day().at("open_rooms"), 1);
  EXPECT_EQ(day().at("proxy_rooms"), 1);
  EXPECT_NEAR(day().at("occupancy").to_number<double>(), 2.0 / 3, 1e-9);
  EXPECT_EQ(day().at("peak").as_object().at("start"), "2026-11-24T07:15:00.000000Z");
  const auto body = world.get(target).json();
  EXPECT_EQ(body.at("tenant"), "menden");
  EXPECT_EQ(body.at("proxy_version"), 1);
  EXPECT_EQ(body.at("items").as_array().at(0).as_object().at("proxy"), true);
  EXPECT_TRUE(world.get(target, world.token_of("soest")).items().empty());
  // A sensor of presence knows better.
  world.publish(state_of("occupancy", kStartUs + 7 * kTestHourUs, 15, 0, 0, false));
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return !items.empty() && items.at(0).as_object().at("proxy") == false;
  });
  EXPECT_EQ(day().at("proxy_rooms"), 0);
  EXPECT_EQ(day().at("coverage"), 0.25);
}

TEST(Days, RoomsWhoseDeviceSaysItBadly) {
  DaysWorld world;
  world.publish(result_of("co2", "PT15M", kStartUs + 7 * kTestHourUs, kTestHourUs / 4, 60'000, 60'000, 60'000));
  world.device_with(R"({"presence_by_co2":2})");
  const std::string target = "/v1/rooms?site=school" + kOneDay;
  world.wait_until([&] { return world.get(target).status == 400; });
  EXPECT_NE(world.get(target).body.find("0000000000000001: presence_by_co2"), std::string::npos);
}

v1::Aggregate energy_of(const std::string& measure, const std::string& window, std::int64_t start_us,
                        std::int64_t length_us, std::int64_t wh) {
  auto row = result_of(measure, window, start_us, length_us, 0, 0, 0);
  row.clear_gauge();
  row.set_kind(v1::KIND_COUNTER);
  row.set_unit("kWh");
  row.set_exponent(-3);
  row.mutable_counter()->set_count(1);
  processing::derived::put(*row.mutable_counter()->mutable_amount(), wh);
  return row;
}

TEST(Days, UvOfADay) {
  DaysWorld world;
  for (int q = 0; q < 96; ++q) {
    const auto index = q >= 40 && q < 50 ? 320 : 0;
    world.publish(result_of("uv_index", "PT15M", kStartUs - kTestHourUs + q * (kTestHourUs / 4), kTestHourUs / 4, index,
                            index, index));
  }
  const std::string target = "/v1/uv?site=school" + kOneDay;
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return !items.empty() && !items.at(0).as_object().at("days").as_array().empty() &&
           items.at(0).as_object().at("days").as_array().at(0).as_object().at("quarters") == 96;
  });
  const auto day = world.get(target).items().at(0).as_object().at("days").as_array().at(0).as_object();
  EXPECT_EQ(day.at("highest"), 3.2);
  EXPECT_EQ(day.at("level"), "moderate");
  EXPECT_EQ(day.at("protection_hours"), 2.5);
  EXPECT_EQ(day.at("valid"), true);
}

TEST(Days, ChargePoints) {
  DaysWorld world;
  const std::int64_t quarter = kTestHourUs / 4;
  for (int q = 0; q < 4; ++q) {
    world.publish(state_of("occupancy", kStartUs + q * quarter, 15, q == 0 ? 1 : 0, 0, true));
    world.publish(energy_of("energy", "PT15M", kStartUs + q * quarter, quarter, q < 3 ? 2000 : 0));
  }
  world.publish(state_of("occupancy", kStartUs + 4 * quarter, 0, 0, 1, false));
  const std::string target = "/v1/charge-points?site=school" + kOneDay;
  world.wait_until([&] {
    const auto items = world.get(target).items();
    return !items.empty() && items.at(0).as_object().at("idle_share") == 0.25 &&
           items.at(0).as_object().at("energy") == 6 &&
           !items.at(0).as_object().at("ended_sessions").as_array().empty();
  });
  const auto point = world.get(target).items().at(0).as_object();
  EXPECT_EQ(point.at("sessions"), 1);
  EXPECT_EQ(point.at("occupancy"), 0.8);
  EXPECT_NEAR(point.at("availability").to_number<double>(), 1.25 / 24, 1e-9);
  EXPECT_EQ(point.at("stays").as_object().at("ended"), 1);
  EXPECT_EQ(point.at("stays").as_object().at("mean_minutes"), 60);
  const auto& session = point.at("ended_sessions").as_array().at(0).as_object();
  EXPECT_EQ(session.at("start"), "2026-11-24T00:00:00.000000Z");
  EXPECT_EQ(session.at("end"), "2026-11-24T01:00:00.000000Z");
  EXPECT_EQ(session.at("energy"), 6);
  EXPECT_EQ(point.at("days").as_array().at(0).as_object().at("energy"), 6);
}

TEST(Days, StreetLightByNight) {
  DaysWorld world;
  world.device_with(R"({"lamps":20})");
  const std::int64_t quarter = kTestHourUs / 4;
  // From noon to noon; it burns from 15:30 to 07:00 UTC.
  for (int q = 44; q < 44 + 96; ++q)
    world.publish(energy_of("energy", "PT15M", kStartUs + q * quarter, quarter, q >= 62 && q < 124 ? 200 : 0));
  const std::string target = "/v1/street-light?site=school" + kOneDay;
  const auto night = [&] {
    const auto items = world.get(target).items();
    if (items.empty() || items.at(0).as_object().at("nights").as_array().empty()) return boost::json::object{};
    return items.at(0).as_object().at("nights").as_array().at(0).as_object();
  };
  world.wait_until(
      [&] { return night().contains("energy") && night().at("energy") == 12.4 && night().at("valid") == true; });
  EXPECT_EQ(night().at("energy_per_lamp"), 0.62);
  EXPECT_EQ(std::string(night().at("sunset").as_string()).substr(0, 14), "2026-11-24T15:");
  EXPECT_EQ(std::string(night().at("sunrise").as_string()).substr(0, 14), "2026-11-25T07:");
  EXPECT_EQ(night().at("failed"), false);
  EXPECT_EQ(night().at("known_hours"), night().at("night_hours"));
  EXPECT_EQ(night().at("day_burn_hours"), 0);
  world.device_with(R"({"lamps":0})");
  world.wait_until([&] { return world.get(target).status == 400; });
}

TEST(Days, ABuildingWithoutItsWeather) {
  DaysWorld world;
  const auto midnight = kStartUs - kTestHourUs;
  const auto day = 24 * kTestHourUs;
  for (int d = -4; d < 0; ++d) {
    const bool now = d >= -2;
    world.publish(energy_of("heat_energy", "P1D", midnight + d * day, day, 100'000));
    auto weather = result_of("temperature", "P1D", midnight + d * day, day, 0, now ? 0 : 500, 1000);
    weather.set_dev_eui(2);
    weather.set_tenant("soest");
    world.publish(weather);
  }
  const std::string target =
      "/v1/building?device=0000000000000001&weather=0000000000000002&carrier=district_heat"
      "&from=2026-11-21T23:00:00Z&to=2026-11-23T23:00:00Z&before_from=2026-11-19T23:00:00Z&before_to=2026-11-21T23:00:"
      "00Z";
  world.wait_until([&] {
    const auto reply = world.get(target);
    return reply.status == 200 && reply.json().at("now").as_object().at("days") == 2 &&
           reply.json().at("before").as_object().at("days") == 2;
  });
  const auto body = world.get(target).json();
  EXPECT_EQ(body.at("now").as_object().at("energy"), 200);
  EXPECT_EQ(body.at("now").as_object().at("degree_days"), 40);
  EXPECT_EQ(body.at("now").as_object().at("co2"), 56);
  EXPECT_EQ(body.at("now").as_object().at("energy_per_degree_day"), 5);
  EXPECT_EQ(body.at("before").as_object().at("degree_days"), 30);
  EXPECT_EQ(body.at("saving"), 0.25);
  EXPECT_EQ(world.get(target, world.token_of("menden")).status, 404U) << "the weather is another tenant's";
  EXPECT_EQ(world.get(target + "&carrier=gas").status, 200U) << "the first one counts";
  EXPECT_TRUE(world
                  .get("/v1/building?device=0000000000000001&weather=0000000000000002"
                       "&from=2026-11-21T23:00:00Z&to=2026-11-23T23:00:00Z")
                  .json()
                  .at("before")
                  .is_null());
}

TEST(Days, LevelsThatRise) {
  DaysWorld world;
  world.device_with(R"({"w1":1.1,"w2":1.6})");
  const std::int64_t quarter = kTestHourUs / 4;
  const auto newest = base::to_us(world.clock.now()) / quarter * quarter - 2 * quarter;
  for (int q = 0; q < 5; ++q) {
    const auto level = 100 + q * 5;
    world.publish(result_of("water_level", "PT15M", newest - (4 - q) * quarter, quarter, level, level, level));
  }
  const std::string target = "/v1/water-levels?site=school";
  const auto gauge = [&] {
    const auto items = world.get(target).items();
    return items.empty() ? boost::json::object{} : items.at(0).as_object();
  };
  world.wait_until([&] { return gauge().contains("level") && gauge().at("rise_per_hour") == 0.2; });
  EXPECT_EQ(gauge().at("measure"), "water_level");
  EXPECT_EQ(gauge().at("level"), 1.2);
  EXPECT_EQ(gauge().at("rise_per_hour_15min"), 0.2);
  const auto thresholds = gauge().at("thresholds").as_array();
  ASSERT_EQ(thresholds.size(), 2U);
  EXPECT_EQ(thresholds.at(0).as_object().at("reached"), true);
  EXPECT_EQ(thresholds.at(1).as_object().at("reached"), false);
  EXPECT_EQ(thresholds.at(1).as_object().at("at").as_string(),
            base::to_rfc3339(base::from_us(newest + quarter + 2 * kTestHourUs)));
  EXPECT_EQ(world.get(target, world.token_of("soest")).items().size(), 0U);
}

TEST(Days, TheGroundsWaterIsALevel) {
  DaysWorld world;
  world.device_with(R"({"w1":31.5})");
  const std::int64_t quarter = kTestHourUs / 4;
  const auto newest = base::to_us(world.clock.now()) / quarter * quarter - 2 * quarter;
  for (const int ago : {2, 1, 0}) {
    // It falls by two centimetres, then by three.
    const auto level = ago == 0 ? 3100 : 3105 - 2 * (2 - ago);
    world.publish(result_of("groundwater_level", "PT15M", newest - ago * quarter, quarter, level, level, level));
  }
  const std::string target = "/v1/water-levels?site=school&measure=groundwater_level";
  const auto well = [&] {
    const auto items = world.get(target).items();
    return items.empty() ? boost::json::object{} : items.at(0).as_object();
  };
  world.wait_until([&] { return well().contains("level") && well().at("rise_per_hour_15min") == -0.12; });
  EXPECT_EQ(well().at("measure"), "groundwater_level");
  EXPECT_EQ(well().at("level"), 31);
  EXPECT_EQ(well().at("rise_per_hour"), -0.1) << "the median of -8, -10 and -12 cm/h";
  EXPECT_TRUE(well().at("thresholds").as_array().at(0).as_object().at("at").is_null()) << "it falls";
  EXPECT_TRUE(world.get("/v1/water-levels?site=school").items().empty()) << "no stream is measured there";
  EXPECT_EQ(world.get(target, world.token_of("soest")).items().size(), 0U);
  EXPECT_EQ(world.get("/v1/water-levels?measure=fill_level").status, 400U);
}

TEST(Days, BatteriesByWhenTheyAreEmpty) {
  DaysWorld world;
  const auto day = 24 * kTestHourUs;
  const auto today = base::to_us(world.clock.now()) / day * day;
  for (int d = 1; d <= 15; ++d) {
    for (const std::uint64_t eui : {1U, 2U}) {
      const auto level = eui == 1 ? 9000 : 3000 + d * 100;
      auto row = result_of("battery_level", "P1D", today - d * day, day, level, level, level);
      row.set_dev_eui(eui);
      row.set_tenant(eui == 1 ? "menden" : "soest");
      world.publish(row);
    }
  }
  const auto items = [&] { return world.get("/v1/batteries").items(); };
  world.wait_until([&] { return items().size() == 2 && items().at(0).as_object().at("empty").is_string(); });
  EXPECT_EQ(items().at(0).as_object().at("device"), "Soest 2");
  EXPECT_EQ(items().at(0).as_object().at("level"), 31);
  EXPECT_NEAR(items().at(0).as_object().at("slope_per_day").to_number<double>(), -1, 1e-3);
  EXPECT_TRUE(items().at(1).as_object().at("empty").is_null()) << "it does not fall";
  EXPECT_EQ(world.get("/v1/batteries", world.token_of("menden")).items().size(), 1U);
}

TEST(Days, WhatIsAskedForBadly) {
  DaysWorld world;
  for (const auto* target : {"/v1/noise", "/v1/noise?site=x&hours=us", "/v1/noise?site=x&q=1", "/v1/noise?device=1",
                             "/v1/noise?site=x&from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z",
                             "/v1/noise?site=x&from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z", "/v1/indoor-air",
                             "/v1/indoor-air?site=x&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z",
                             "/v1/indoor-air?site=x&q=1", "/v1/mould", "/v1/mould?site=x&q=1"}) {
    EXPECT_EQ(world.get(target).status, 400U) << target;
  }
  World without;
  EXPECT_EQ(without.get("/v1/noise?site=x").status, 400U) << "no local days";
}

}  // namespace
}  // namespace lenne::api
