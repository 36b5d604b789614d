#pragma once
// Which devices belong to the totals of a window: those that had a result not long before it.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/overlay.hpp"
#include "processing/rollup/directory.hpp"
#include "processing/rollup/rollup.hpp"
#include "processing/rollup/rollup_rows.hpp"

namespace lenne::processing::rollup {

/// Kept in memory and as rows of store rollup: each measure of each device, from its first result at its place to the
/// day of its newest one, so that a row is written once a day and not with each result. As many as the network has. One
/// thread.
class SeenDevices {
 public:
  /// Forgets what it knows, and reads the rows. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<void> load(const Overlay& rows);
  void note(const v1::Aggregate& result, Overlay& rows);

  /// Devices whose results of the measure began on the UTC day of the window's start, or on one of kSeenDays before it.
  struct Seen {
    Totals all = {};
    Totals open = {};  ///< whose results everybody may see
  };
  [[nodiscard]] Seen in(const Group& group, const Directory& directory) const;

 private:
  using Place = std::pair<std::string, std::string>;  ///< tenant, site
  struct Device {
    std::int64_t first_us;
    std::int64_t last_day_us;  ///< its start
    const Place* place;        ///< in places_
  };
  using Devices = boost::unordered_flat_map<std::uint64_t, Device>;

  std::map<std::string, Devices, std::less<>> measures_;
  std::set<Place> places_;
};

}  // namespace lenne::processing::rollup
