#pragma once
// The reference scenario SWF-2026: six pioneer municipalities of Südwestfalen with gateways, sites and devices.
// Pure: the same seed gives the same region. Coordinates are coarse and population figures rounded.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/crypto/key128.hpp"
#include "base/ids.hpp"

namespace lenne::app::simulate {

struct Town {
  std::string_view name;  ///< tenant
  std::string_view title;
  std::string_view ags;       ///< official municipality key
  std::string_view district;  ///< its Kreis
  double inhabitants_thousand;
  double area_km2;
  double latitude;
  double longitude;
  double height_m;
};

[[nodiscard]] std::span<const Town> pioneer_towns();

/// What a device class measures decides its payload: the nearest of the schemas that exist.
enum class Signal : std::uint8_t {
  room_climate,
  outdoor_climate,
  weather,
  particles,
  visitors,
  parking,
  water_meter,
  water_level,
  container
};

/// One row of swf2026.csv. Classes without a schema of their own send the nearest.
struct DeviceClass {
  std::string name;     ///< also its profile's name
  double per_thousand;  ///< devices per 1,000 inhabitants
  double uplinks_per_day;
  Signal signal;
  std::string schema;
  std::string use_case;  ///< of its profile; empty: none
};

[[nodiscard]] std::span<const DeviceClass> device_classes();

/// How sensors of distance hang: above the zero of a gauge, and in the lid of a container that is full before it.
inline constexpr std::int64_t kSensorHeightMm = 4'000;
inline constexpr std::int64_t kEmptyDistanceMm = 1'500;
inline constexpr std::int64_t kFullDistanceMm = 250;

struct Place {
  double latitude;
  double longitude;
};

struct VirtualGatewayPlan {
  base::GatewayId id;
  std::string name;
  std::uint64_t number;  ///< in its town, from 1 on
  std::size_t town;
  Place place;
  bool has_gps;
};

struct SitePlan {
  std::string name;
  std::size_t town;
  Place place;
};

struct DevicePlan {
  base::DevEui dev_eui;
  base::JoinEui join_eui;
  base::crypto::Key128 app_key;
  std::string name;
  std::uint64_t number;  ///< in its town and class, from 1 on
  std::size_t town;
  std::size_t site;          ///< index into Region::sites
  std::size_t device_class;  ///< index into device_classes()
  bool indoor;
};

struct RegionOptions {
  std::uint64_t seed = 2026;
  std::vector<std::string> towns;  ///< names; empty = all six
  double hurry = 1;                ///< intervals are divided by this
  double gps_share = 0.5;          ///< gateways that have GPS time
};

struct Region {
  RegionOptions options;
  std::vector<Town> towns;
  std::vector<VirtualGatewayPlan> gateways;
  std::vector<SitePlan> sites;
  std::vector<DevicePlan> devices;

  /// Seconds between two uplinks of a class, at least 1.
  [[nodiscard]] std::uint32_t interval_s(const DeviceClass& device_class) const;
};

/// Error-free: unknown town names are left out; the caller checks them against pioneer_towns().
[[nodiscard]] Region make_region(const RegionOptions& options);

/// The documents of POST /v1/apply that declare a region.
[[nodiscard]] boost::json::array documents_of(const Region& region);

}  // namespace lenne::app::simulate
