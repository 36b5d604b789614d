#pragma once
// What a site's devices measured of a pollutant, hour by hour.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/stored_results.hpp"
#include "processing/derived/air_quality.hpp"
#include "processing/derived/particle_humidity.hpp"

namespace lenne::api {

struct SiteAir {
  std::vector<processing::derived::HourMean> hours;      ///< ascending
  std::vector<processing::derived::HumidHour> humidity;  ///< of particles: by the same devices; ascending
};

/// The hours that begin in the span. `tenant` empty: that of the first device, which is then named in it. Errors: those
/// of series_at() and results_of(); too_large: more than `most_devices` measure the pollutant there.
[[nodiscard]] base::Result<SiteAir> site_air(Context& context, const Caller& caller, std::string& tenant,
                                             const std::string& site, std::string_view pollutant, const Span& span,
                                             std::size_t most_devices);

}  // namespace lenne::api
