#pragma once
// Customers' meters by local days and sites, and which sums over them may be told to who may not see the meters.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/context.hpp"
#include "api/request.hpp"
#include "api/stored_results.hpp"
#include "processing/meters/balance.hpp"

namespace lenne::api {

/// The meters of a site that counted something on a day, in steps.
struct SiteMeters {
  std::string site;  ///< empty: of no site
  std::vector<processing::meters::Counted> meters;
  bool told = false;  ///< its sum may be told, beside all others that are and beside the whole
};

struct MeterDay {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::string unit;
  int exponent = 0;
  std::vector<SiteMeters> sites;  ///< by name
  bool told = false;              ///< the sum over all sites may be told
};

/// What `tenant` names, or the only one that the caller reads. Error: bad_parameter.
[[nodiscard]] base::Result<std::string> tenant_asked(const Request& request, const Caller& caller);

/// Whether the operator declared a device to count what runs into a zone (`meter_purpose: zone_inflow`): it is no
/// customer's. Error: log_read.
[[nodiscard]] base::Result<bool> is_zone_inflow(const Context& context, const Caller& caller, std::uint64_t dev_eui);

/// The stored results of a tenant's customers' meters, in local days that start in `span`, ascending. Of a day with
/// several units or resolutions only those in the first one. Errors: log_read; too_large.
[[nodiscard]] base::Result<std::vector<MeterDay>> meter_days(const Context& context, const Caller& caller,
                                                             const std::string& tenant, const std::string& measure,
                                                             const Span& span);

}  // namespace lenne::api
