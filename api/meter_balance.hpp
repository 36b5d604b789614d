#pragma once
// What balances of zones share: what is asked, and how it is written.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "api/json_writer.hpp"
#include "api/request.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/meters/balance.hpp"

namespace lenne::api {

inline constexpr std::size_t kMostMeters = 1000;

/// A parameter that is a list of DevEUIs. Errors: bad_parameter; too_many.
[[nodiscard]] base::Result<std::set<std::uint64_t>> devices_of(const Request& request, std::string_view name);

/// `network_m`, `structure` and `night_use` of a request.
struct ZoneNetwork {
  std::int64_t length_m = 0;  ///< 0: its losses are not classed
  processing::meters::Structure structure = processing::meters::Structure::rural;
  std::optional<std::int64_t> night_use = {};  ///< thousandths of the unit, of one connection in an hour
};
/// Error: bad_parameter.
[[nodiscard]] base::Result<ZoneNetwork> zone_network(const Request& request);

/// What a side's meters counted in a window, in steps of `like`; one without a result, or in another unit, has measured
/// nothing.
[[nodiscard]] std::vector<processing::meters::Counted> counted(const std::set<std::uint64_t>& side,
                                                               const std::map<std::uint64_t, v1::Aggregate>& results,
                                                               const v1::Aggregate& like);

/// Whether single meters are named.
enum class MeterNames : std::uint8_t { no, yes };
void write_side(JsonWriter& json, std::string_view name, const processing::meters::Side& side, std::int64_t length_us,
                int exponent, MeterNames names);
void write_loss(JsonWriter& json, const ZoneNetwork& network, const processing::meters::Balance& balance,
                const v1::Aggregate& like, std::int64_t length_us);

struct LocalDaySpan {
  std::int64_t start_us;
  std::int64_t end_us;
};
struct NightUse {
  int exponent;
  std::size_t connections;
  std::optional<std::int64_t> each;  ///< as in ZoneNetwork
};
/// `night_flow`, with a use also `net_night_flow`, and `night_clock_change`, of the quarters of a day's night.
/// Errors: log_read; too_many.
[[nodiscard]] base::Result<void> write_night(Context& context, const Caller& caller,
                                             const storage::views::AggregateFilter& of,
                                             const std::set<std::uint64_t>& inflow, const LocalDaySpan& day,
                                             const NightUse& use, JsonWriter& json);

}  // namespace lenne::api
