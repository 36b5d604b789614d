#pragma once
// What was measured, judged and derived anew by other rules of its use case.

#include <cstdint>
#include <map>

#include "base/counters.hpp"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "lenne/v1/network_state.pb.h"

namespace lenne::app {

/// Does to the samples that devices sent what the network step would have done, had it known these rules from the first
/// record on. Records must come in the order of the log. One thread.
class Rejudge {
 public:
  explicit Rejudge(v1::UseCase rules);

  [[nodiscard]] const v1::UseCase& rules() const noexcept { return rules_; }
  /// Whether the record is of a device that followed the use case then.
  [[nodiscard]] bool concerns(const v1::Measurement& measurement) const {
    return measurement.use_case() == rules_.name();
  }
  /// A record that concerns it. The device's parameters stay those of then, and so does what the network server
  /// measured itself. False: the record does not say which of its samples were derived (it was written by a version
  /// that did not know of it), and cannot be judged anew.
  [[nodiscard]] bool apply(v1::Measurement& measurement);

 private:
  const v1::UseCase rules_;
  const std::uint32_t fingerprint_;
  base::Counters counters_;  ///< of the rules; nobody asks for them
  std::map<std::uint64_t, google::protobuf::RepeatedPtrField<v1::NetworkQuality>> memory_;  ///< by device
};

}  // namespace lenne::app
