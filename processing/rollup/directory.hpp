#pragma once
// What operators have declared of places, devices and use cases, as far as roll-ups need it.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.hpp"
#include "lenne/v1/control.pb.h"
#include "processing/overlay.hpp"
#include "processing/rollup/rollup.hpp"

namespace lenne::processing::rollup {

/// Kept in memory and as rows of store rollup; it follows from the order of int.rollup-in alone. As many devices as the
/// network has. One thread.
class Directory {
 public:
  /// Forgets what it knows, and reads the rows. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<void> load(const Overlay& rows);
  /// An object of a kind that is none of its matter is passed over.
  void declare(const v1::Object& object, Overlay& rows);
  void withdraw(const v1::Object& object, Overlay& rows);

  [[nodiscard]] const Places& places() const noexcept { return places_; }
  /// How results of a device may be published when they are a tenant's: the class of its use case, unspecified (not at
  /// all) unless the tenant publishes that use case.
  [[nodiscard]] v1::PrivacyClass privacy_of(const std::string& tenant, std::uint64_t dev_eui) const;

 private:
  void learn(const v1::Object& object);
  void forget(const v1::Object& object);

  Places places_;
  std::map<std::string, std::set<std::string>> published_;  ///< use cases, by tenant
  std::map<std::string, v1::PrivacyClass> use_cases_;
  std::unordered_map<std::uint64_t, std::string> devices_;  ///< the use case of each
};

}  // namespace lenne::processing::rollup
