#include "app/simulate/region.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/documents.hpp"
#include "app/simulate/scenario.hpp"
#include "app/simulate/use_cases.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"

namespace lenne::app::simulate {
namespace {

using base::Random;

constexpr std::array kTowns{
    Town{"arnsberg", "Arnsberg", "05958004", "hochsauerlandkreis", 74.0, 194, 51.40, 8.06, 210},
    Town{"bad-berleburg", "Bad Berleburg", "05970004", "siegen-wittgenstein", 19.0, 275, 51.05, 8.39, 450},
    Town{"iserlohn", "Iserlohn", "05962024", "maerkischer-kreis", 92.2, 126, 51.38, 7.70, 250},
    Town{"menden", "Menden", "05962040", "maerkischer-kreis", 52.0, 86, 51.44, 7.79, 150},
    Town{"olpe", "Olpe", "05966024", "olpe", 25.0, 86, 51.03, 7.85, 330},
    Town{"soest", "Soest", "05974040", "soest", 47.5, 86, 51.57, 8.11, 100},
};

/// The rows of the scenario. It is part of the program, so a bad row is a mistake of ours and ends it (std::stod
/// throws, at()).
std::vector<DeviceClass> read_classes() {
  static const std::map<std::string, Signal, std::less<>> kSignals{
      {"room_climate", Signal::room_climate}, {"outdoor_climate", Signal::outdoor_climate},
      {"weather", Signal::weather},           {"particles", Signal::particles},
      {"visitors", Signal::visitors},         {"parking", Signal::parking},
      {"water_meter", Signal::water_meter},   {"water_level", Signal::water_level},
      {"container", Signal::container}};
  std::vector<DeviceClass> classes;
  std::istringstream in(kScenario);
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    std::istringstream row(line);
    std::array<std::string, 6> cells;
    for (auto& cell : cells) std::getline(row, cell, ',');
    classes.push_back({cells[0], std::stod(cells[1]), std::stod(cells[2]), kSignals.at(cells[3]), cells[4], cells[5]});
  }
  return classes;
}

constexpr double kKilometresPerDegree = 111.2;
constexpr std::uint64_t kGatewayPrefix = 0x0200'00FF'FEF0'0000;
constexpr std::uint64_t kDevicePrefix = 0x0200'00FF'FE00'0000;
constexpr base::JoinEui kJoinEui{0x0200'00FF'FEFF'0001};

/// Somewhere in a town: denser towards the centre, within the circle of its area.
Place place_in(const Town& town, Random& random) {
  const double radius = std::sqrt(town.area_km2 / std::numbers::pi) * random.unit();
  const double angle = 2 * std::numbers::pi * random.unit();
  return {town.latitude + radius * std::sin(angle) / kKilometresPerDegree,
          town.longitude +
              radius * std::cos(angle) / (kKilometresPerDegree * std::cos(town.latitude * std::numbers::pi / 180))};
}

base::crypto::Key128 key_of(Random& random) {
  base::crypto::Key128 key;
  base::write_be(key.bytes.data(), random.next());
  base::write_be(key.bytes.data() + 8, random.next());
  return key;
}

void add_town(Region& region, std::size_t town_index, Random random) {
  const auto& town = region.towns[town_index];
  const auto gateways = std::lround(2 + town.inhabitants_thousand / 7.5 + town.area_km2 / 25);
  for (int i = 0; i < gateways; ++i) {
    const auto number = region.gateways.size();
    region.gateways.push_back({base::GatewayId{kGatewayPrefix + number}, fmt::format("{} {:02}", town.title, i + 1),
                               static_cast<std::uint64_t>(i + 1), town_index, place_in(town, random),
                               random.chance(region.options.gps_share)});
  }
  const auto first_site = region.sites.size();
  const auto sites = std::max(4L, std::lround(town.inhabitants_thousand / 1.5));
  for (int i = 0; i < sites; ++i)
    region.sites.push_back({fmt::format("{}-{:02}", town.name, i + 1), town_index, place_in(town, random)});
  for (std::size_t c = 0; c < device_classes().size(); ++c) {
    const auto& device_class = device_classes()[c];
    const auto count = std::lround(device_class.per_thousand * town.inhabitants_thousand);
    for (int i = 0; i < count; ++i) {
      const auto number = region.devices.size();
      region.devices.push_back({base::DevEui{kDevicePrefix + number}, kJoinEui, key_of(random),
                                fmt::format("{} {:04}", device_class.name, i + 1), static_cast<std::uint64_t>(i + 1),
                                town_index, first_site + random.below(static_cast<std::uint64_t>(sites)), c,
                                device_class.signal == Signal::room_climate});
    }
  }
}

}  // namespace

std::span<const Town> pioneer_towns() { return kTowns; }
std::span<const DeviceClass> device_classes() {
  static const auto classes = read_classes();
  return classes;
}

std::uint32_t Region::interval_s(const DeviceClass& device_class) const {
  return static_cast<std::uint32_t>(std::max(1L, std::lround(86'400 / device_class.uplinks_per_day / options.hurry)));
}

namespace {

/// Part of the program, as the scenario is.
boost::json::array use_cases() {
  auto documents = parse_yaml_documents("use cases", kUseCases);
  if (!documents) throw std::logic_error(documents.error().message);
  return std::move(*documents);
}

std::string metres(std::int64_t millimetres) {
  return fmt::format("{}.{:03}", millimetres / 1'000, millimetres % 1'000);
}

/// What a device's place adds to the rules of its use case.
boost::json::object parameters_of(const Region& region, std::size_t device) {
  constexpr std::size_t kRoomsThatTell = 100;  // one of so many
  switch (device_classes()[region.devices[device].device_class].signal) {
    case Signal::water_level:
      return {{"sensor_height", metres(kSensorHeightMm)}, {"w1", "1.10"}, {"w2", "1.60"}, {"w3", "2.10"}};
    case Signal::container:
      return {{"empty_distance", metres(kEmptyDistanceMm)}, {"full_distance", metres(kFullDistanceMm)}};
    case Signal::room_climate:
      if (device % kRoomsThatTell == 0) return {{"co2_conspicuous", "1000"}};
      return {};
    case Signal::outdoor_climate:
    case Signal::weather:
    case Signal::particles:
    case Signal::visitors:
    case Signal::parking:
    case Signal::water_meter:
      return {};
  }
  return {};
}

}  // namespace

Region make_region(const RegionOptions& options) {
  Region region{options, {}, {}, {}, {}};
  for (const auto& town : kTowns) {
    if (options.towns.empty() || std::ranges::find(options.towns, town.name) != options.towns.end())
      region.towns.push_back(town);
  }
  const Random random(options.seed);
  for (std::size_t i = 0; i < region.towns.size(); ++i)
    add_town(region, i, random.fork(base::hash64(base::as_bytes(region.towns[i].name))));
  return region;
}

boost::json::array documents_of(const Region& region) {
  namespace json = boost::json;
  auto documents = use_cases();
  const auto location = [](const Place& place) {
    return json::object{{"latitude", place.latitude}, {"longitude", place.longitude}, {"approximate", true}};
  };
  // All that use cases let them publish.
  json::array open;
  for (const auto& document : documents) {
    const auto& use_case = document.as_object();
    if (use_case.contains("privacy")) open.push_back(use_case.at("name"));
  }
  for (const auto& town : region.towns) {
    documents.push_back({{"kind", "Tenant"},
                         {"name", town.name},
                         {"title", town.title},
                         {"ags", town.ags},
                         {"district", town.district},
                         {"open", open}});
  }
  for (const auto& device_class : device_classes()) {
    json::object profile{{"kind", "Profile"},
                         {"name", device_class.name},
                         {"schema", device_class.schema},
                         {"nominal_interval_s", region.interval_s(device_class)}};
    if (!device_class.use_case.empty()) profile["use_case"] = device_class.use_case;
    documents.push_back(std::move(profile));
  }
  for (const auto& site : region.sites) {
    documents.push_back({{"kind", "Site"},
                         {"name", site.name},
                         {"tenant", region.towns[site.town].name},
                         {"location", location(site.place)}});
  }
  for (const auto& gateway : region.gateways) {
    documents.push_back({{"kind", "Gateway"},
                         {"gateway_id", base::to_hex(gateway.id)},
                         {"tenant", region.towns[gateway.town].name},
                         {"name", gateway.name},
                         {"location", location(gateway.place)},
                         {"share", "region"}});
  }
  for (std::size_t i = 0; i < region.devices.size(); ++i) {
    const auto& device = region.devices[i];
    json::object document{{"kind", "Device"},
                          {"dev_eui", base::to_hex(device.dev_eui)},
                          {"join_eui", base::to_hex(device.join_eui)},
                          {"name", device.name},
                          {"tenant", region.towns[device.town].name},
                          {"site", region.sites[device.site].name},
                          {"profile", device_classes()[device.device_class].name},
                          {"region", "EU868"},
                          {"mac_version", "1.0.3"},
                          {"reg_params", "A"},
                          {"class", "A"},
                          {"activation", "OTAA"},
                          {"app_key", base::to_hex(device.app_key.bytes)}};
    if (auto parameters = parameters_of(region, i); !parameters.empty()) document["parameters"] = std::move(parameters);
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace lenne::app::simulate
