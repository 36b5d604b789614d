#include "app/simulate/signals.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace lenne::app::simulate {
namespace {

using namespace std::chrono_literals;

/// Seconds since local midnight, an hour ahead of UTC: good enough for a daily rhythm.
double day_share(base::Timestamp t) {
  const auto seconds = (base::to_us(t) / 1'000'000 + 3'600) % 86'400;
  return static_cast<double>(seconds) / 86'400;
}

double year_share(base::Timestamp t) {
  return std::fmod(static_cast<double>(base::to_us(t)) / 1e6 / 86'400 / 365.2425, 1.0);
}

double wave(double share, double peak) { return std::cos(2 * std::numbers::pi * (share - peak)); }

/// Coldest at the end of January, warmest at 15 h, 0.65 K colder every 100 m.
double outdoor_temperature(base::Timestamp t, double height_m) {
  return 9.5 - 0.0065 * (height_m - 200) + 8.5 * wave(year_share(t), 0.55) + 3.5 * wave(day_share(t), 15.0 / 24);
}

/// Water use over the day: peaks at 7 and 19 h, little at night.
double water_rate(base::Timestamp t) {
  const double share = day_share(t);
  const auto peak = [&](double at, double width) { return std::exp(-std::pow((share - at) / width, 2)); };
  return 0.10 + 2.2 * peak(7.0 / 24, 0.06) + 1.8 * peak(19.0 / 24, 0.08) + 0.6 * peak(12.5 / 24, 0.1);
}

/// A stream rises for three hours and falls for nine, each 30 h, in each town at another time. Metres above what is
/// usual.
double flood(base::Timestamp t, std::size_t town) {
  const double hour = std::fmod(static_cast<double>(base::to_us(t)) / 3.6e9 + 7.0 * static_cast<double>(town), 30.0);
  if (hour < 3) return hour / 3;
  return hour < 12 ? (12 - hour) / 9 : 0;
}

/// What a sensor of distance sends, and what must come out of it.
Reading distance_of(std::int64_t millimetres) {
  Reading reading;
  reading.f_port = 2;
  reading.message = fmt::format(R"({{"battery_voltage":3.3,"distance":{},"interrupt":false}})", millimetres);
  reading.samples = {{"distance", fmt::format("{}.{:03}", millimetres / 1'000, millimetres % 1'000)}};
  return reading;
}

std::string tenths(std::int64_t value) {
  return fmt::format("{}{}.{}", value < 0 ? "-" : "", std::abs(value) / 10, std::abs(value) % 10);
}

}  // namespace

Source::Source(const Region& region, std::size_t device, base::Timestamp start)
    : region_(region),
      plan_(region.devices[device]),
      random_(base::Random(region.options.seed).fork(plan_.dev_eui.value ^ 0x5157'4e41'4c53)),
      interval_(std::chrono::seconds{region.interval_s(device_classes()[plan_.device_class])}),
      occupied_(random_.chance(0.6)),
      next_change_(start),
      events_(events_of(region, plan_)),
      read_(start),
      visitors_(static_cast<std::uint32_t>(random_.below(1'000'000))),
      litres_(static_cast<std::uint32_t>(1'000 + random_.below(900'000))),
      metered_until_(std::chrono::floor<std::chrono::hours>(start) - 16h) {
  for (const auto* event : events_) {
    if (event->effect == Effect::register_ends)
      litres_ = -1U - static_cast<std::uint32_t>(random_.below(static_cast<std::uint64_t>(event->amount)));
  }
  while (metered_until_ + 1h <= start) count_hour();
}

base::Timestamp Source::next_after(base::Timestamp now) {
  // Crystals differ: half a per cent of jitter keeps devices from marching in step.
  const auto jitter = static_cast<std::int64_t>((random_.unit() - 0.5) * 0.01 * static_cast<double>(interval_.count()));
  const auto heartbeat = now + interval_ + base::Duration{jitter};
  return device_classes()[plan_.device_class].signal == Signal::parking
             ? std::min(heartbeat, std::max(next_change_, now + 1s))
             : heartbeat;
}

Reading Source::read(base::Timestamp now) {
  switch (device_classes()[plan_.device_class].signal) {
    case Signal::room_climate:
      return room(now);
    case Signal::outdoor_climate:
      return outdoor(now);
    case Signal::weather:
      return weather(now);
    case Signal::particles:
      return particles(now);
    case Signal::visitors:
      return visitors(now);
    case Signal::parking:
      return parking(now);
    case Signal::water_meter:
      return meter(now);
    case Signal::water_level:
      return level(now);
    case Signal::container:
      return container(now);
  }
  return {};
}

Reading Source::room(base::Timestamp now) {
  const double share = day_share(now);
  const bool lessons = share > 8.0 / 24 && share < 15.0 / 24;
  const auto temperature = std::llround(10 * ((lessons ? 21.5 : 18.5) + random_.unit() * 1.5));
  const auto humidity = std::llround(42 + 8 * random_.unit());
  const auto co2 = std::llround((lessons ? 950 : 480) + 250 * random_.unit());
  const auto light = std::llround(lessons ? 300 + 200 * random_.unit() : 5 * random_.unit());
  Reading reading;
  reading.f_port = 5;
  reading.message = fmt::format(R"({{"temperature":{},"humidity":{},"light":{},"co2":{},"battery":3600}})",
                                tenths(temperature), humidity, light, co2);
  reading.samples = {{"temperature", tenths(temperature)},
                     {"relative_humidity", std::to_string(humidity)},
                     {"co2", std::to_string(co2)}};
  return reading;
}

Reading Source::outdoor(base::Timestamp now) {
  const double height = region_.towns[plan_.town].height_m;
  const auto temperature = std::llround(
      10 * (outdoor_temperature(now, height) + amount_at(events_, Effect::warmth, now) + 1.2 * (random_.unit() - 0.5)));
  const auto humidity =
      std::llround(2 * (72 - 12 * wave(day_share(now), 15.0 / 24) + 6 * random_.unit()));  // half per cents
  Reading reading;
  reading.f_port = 85;
  reading.message = fmt::format(R"({{"battery":92,"temperature":{},"humidity":{}.{}}})", tenths(temperature),
                                humidity / 2, humidity % 2 * 5);
  reading.samples = {{"temperature", tenths(temperature)},
                     {"relative_humidity", fmt::format("{}.{}", humidity / 2, humidity % 2 * 5)}};
  return reading;
}

Reading Source::weather(base::Timestamp now) {
  const auto temperature = std::llround(10 * (outdoor_temperature(now, region_.towns[plan_.town].height_m) +
                                              amount_at(events_, Effect::warmth, now) + 1.2 * (random_.unit() - 0.5)));
  const auto rain = rain_between(events_, read_, now);
  read_ = now;
  const auto humidity =
      std::llround(10 * ((rain > 0 ? 90 : 70) - 10 * wave(day_share(now), 15.0 / 24) + 3 * random_.unit()));
  const auto radiation = std::llround(std::max(0.0, 600 * wave(day_share(now), 12.5 / 24)));
  const auto wind = std::llround(100 * (2 + 3 * random_.unit()));
  Reading reading;
  reading.f_port = 1;
  reading.message = fmt::format(
      R"({{"protocol_version":2,"device_id":{},"flags":3,"solar_radiation":{},"precipitation":{}.{:03},)"
      R"("lightning_strikes":0,"lightning_distance":0,"wind_speed":{}.{:02},"wind_direction":{},"wind_gust":{}.{:02},)"
      R"("temperature":{},"vapour_pressure":1000,"air_pressure":97000,"humidity":{},"station_temperature":{},)"
      R"("tilt_x":0,"tilt_y":0,"heading":0,"wind_north":0,"wind_east":0,"battery_voltage":3.1}})",
      plan_.number, radiation, rain / 1'000, rain % 1'000, wind / 100, wind % 100, 200 + random_.below(90),
      2 * wind / 100, 2 * wind % 100, tenths(temperature), tenths(humidity), tenths(temperature));
  reading.samples = {{"temperature", tenths(temperature)},
                     {"relative_humidity", tenths(humidity)},
                     {"precipitation", fmt::format("{}.{:03}", rain / 1'000, rain % 1'000)}};
  return reading;
}

Reading Source::particles(base::Timestamp now) {
  const auto pm10 = std::llround(10 * (12 + 6 * random_.unit() + amount_at(events_, Effect::pm10, now)));
  const auto pm2_5 = pm10 * 6 / 10;
  Reading reading;
  reading.f_port = 1;
  reading.message = fmt::format(
      R"({{"protocol_version":2,"device_id":{},"flags":3,"battery_voltage":3.1,"pm1":{},"pm2_5":{},"pm4":{},"pm10":{},)"
      R"("typical_size":500,"pm0_5_number":20,"pm1_number":25,"pm2_5_number":26,"pm4_number":26,"pm10_number":26}})",
      plan_.number, tenths(pm10 * 4 / 10), tenths(pm2_5), tenths(pm10 * 8 / 10), tenths(pm10));
  reading.samples = {{"pm10", tenths(pm10)}, {"pm2_5", tenths(pm2_5)}};
  return reading;
}

/// Some hundred an hour by day, a few at night.
Reading Source::visitors(base::Timestamp now) {
  const double hours = static_cast<double>((now - read_).count()) / 3.6e9;
  read_ = now;
  const double crowd = 1 + amount_at(events_, Effect::visitors, now);
  visitors_ += static_cast<std::uint32_t>(std::llround(60 * hours * water_rate(now) * crowd * (0.5 + random_.unit())));
  Reading reading;
  reading.f_port = 1;
  reading.message =
      fmt::format(R"({{"counters":{{"frame_counter":0,"timed":false,"low_battery":false,"configuration_done":true,)"
                  R"("pulses_a":{},"pulses_b":0}}}})",
                  visitors_);
  reading.samples = {{"pulses.a", std::to_string(visitors_)}};
  return reading;
}

Reading Source::parking(base::Timestamp now) {
  const bool changed = now >= next_change_;
  if (changed) {
    occupied_ = !occupied_;
    // Stays of three quarters of an hour on average, shorter pauses by day than by night; in a hurry, faster.
    const double mean_s = (occupied_ ? 2'700 : 900 + 5'400 * (1 - water_rate(now) / 3)) / region_.options.hurry;
    next_change_ =
        now + std::max<base::Duration>(
                  1s, base::Duration{static_cast<std::int64_t>(-mean_s * std::log(1 - random_.unit()) * 1e6)});
  }
  Reading reading;
  reading.f_port = changed ? 1 : 2;
  reading.message = changed ? fmt::format(R"({{"parking":{{"occupied":{}}}}})", occupied_)
                            : fmt::format(R"({{"heartbeat":{{"occupied":{},"temperature":9}}}})", occupied_);
  reading.samples = {{"parking_occupied", occupied_ ? "1" : "0"}};
  return reading;
}

/// The register goes on by an hour. One that begins anew has no log of the time before.
void Source::count_hour() {
  const double litres =
      9 * water_rate(metered_until_) * (0.5 + random_.unit()) + amount_at(events_, Effect::leak, metered_until_);
  hourly_.push_back(static_cast<std::uint32_t>(litres));
  litres_ += hourly_.back();
  if (hourly_.size() > 15) hourly_.erase(hourly_.begin());
  metered_until_ += 1h;
  for (const auto* event : events_) {
    if (event->effect != Effect::register_begins || moment_of(*event, plan_) != metered_until_) continue;
    litres_ = static_cast<std::uint32_t>(event->amount);
    hourly_.clear();
  }
}

Reading Source::meter(base::Timestamp now) {
  while (metered_until_ + 1h <= now) count_hour();
  std::uint32_t first = litres_;
  for (const auto litres : hourly_) first -= litres;
  const auto ahead = std::llround(3'600 * amount_at(events_, Effect::clock, now));
  const auto present = base::to_us(now) / 1'000'000 + ahead;
  const auto log_time =
      base::to_us(metered_until_) / 1'000'000 + ahead - 3'600 * static_cast<std::int64_t>(hourly_.size());
  Reading reading;
  const auto add = [&](std::uint32_t litres, std::int64_t second) {
    reading.samples.push_back(
        {"water_volume", fmt::format("{}.{:03}", litres / 1000, litres % 1000), second * 1'000'000});
  };
  add(litres_, present);
  add(first, log_time);
  std::string volumes;
  auto second = log_time;
  for (auto volume = first; const auto litres : hourly_) {
    volumes += fmt::format("{}{}", volumes.empty() ? "" : ",", volume += litres);
    add(volume, second += 3'600);
  }
  reading.f_port = 100;
  reading.message = fmt::format(R"({{"basic":{{"time":{},"volume":{},"log_time":{},"log_volume":{},"volumes":[{}]}}}})",
                                present, litres_, log_time, first, volumes);
  return reading;
}

/// Small and larger streams: their floods reach 0.9 to 1.9 m.
Reading Source::level(base::Timestamp now) {
  const double size = 0.6 + static_cast<double>(plan_.dev_eui.value % 11) / 10;
  const double scripted = amount_at(events_, Effect::level, now);
  const double above = scripted > 0 ? scripted : size * flood(now, plan_.town);
  const double metres = 0.3 + above + 0.004 * (random_.unit() - 0.5);
  return distance_of(kSensorHeightMm - std::llround(1'000 * metres));
}

/// Full after two to six days, then emptied at once.
Reading Source::container(base::Timestamp now) {
  const double days = 2 + static_cast<double>(plan_.dev_eui.value % 5);
  const double share = std::fmod(static_cast<double>(base::to_us(now)) / 8.64e10 / days + random_.unit() * 0.002 +
                                     static_cast<double>(plan_.dev_eui.value % 97) / 97,
                                 1.0);
  return distance_of(kEmptyDistanceMm - std::llround(share * static_cast<double>(kEmptyDistanceMm - kFullDistanceMm)));
}

}  // namespace lenne::app::simulate
