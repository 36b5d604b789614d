#pragma once
// What a scope leaves of the rows of meters. Internal to this folder.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/view.pb.h"
#include "storage/log.hpp"
#include "storage/views/scope.hpp"

namespace lenne::storage::views {

/// For one query: it remembers the devices that it has looked up. One thread.
class Sight {
 public:
  /// Both must live as long as it does.
  Sight(const StateReader& state, const Scope& scope) : state_(state), scope_(scope) {}

  /// How much of a device is seen, by all of its series.
  [[nodiscard]] Detail of(const v1::DeviceView& device) const;
  /// The same of a device that only its tenant and DevEUI are known of: one that the views do not have is taken for a
  /// meter. Error: log_read.
  [[nodiscard]] base::Result<Detail> of(const std::string& tenant, std::uint64_t dev_eui);

  /// Takes off what is not seen. False: the whole row is not.
  [[nodiscard]] bool cut(v1::DeviceView& device) const;
  /// Whether a device's results of a series are seen. Error: log_read.
  [[nodiscard]] base::Result<bool> shows_results(const std::string& tenant, std::uint64_t dev_eui,
                                                 std::string_view measure, std::string_view window);
  /// Takes off what was measured. False: the alert is not seen. Error: log_read.
  [[nodiscard]] base::Result<bool> cut(v1::Alert& alert);
  /// Whether results of places are seen: not those that a meter is a part of. `site` empty: of the tenant or some of
  /// its sites. Errors: log_read; too_large (more than `most` devices measure this).
  [[nodiscard]] base::Result<bool> shows_rollups(const std::string& tenant, const std::string& site,
                                                 const std::string& measure, std::size_t most);

 private:
  /// The scope has a rule.
  [[nodiscard]] Detail of_meter(std::uint64_t dev_eui) const;

  const StateReader& state_;
  const Scope& scope_;
  std::map<std::pair<std::string, std::uint64_t>, Detail> known_ = {};
  std::map<std::pair<std::string, std::string>, bool> rollups_ = {};  // by tenant and site, of one measure
};

}  // namespace lenne::storage::views
