#pragma once
// The use cases of a network, as one partition knows them: what its devices' uplinks are judged and completed by.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lenne/v1/control.pb.h"
#include "storage/batch.hpp"

namespace lenne::network {

/// One thread.
class UseCaseTable {
 public:
  /// Keys in store network: this, the use case's name. Values: UseCase.
  static constexpr char kPrefix = 'u';

  struct Known {
    v1::UseCase definition;
    std::uint32_t fingerprint;  ///< of its rules for samples
  };
  /// Null when there is none of that name. Valid until it is put again or removed.
  [[nodiscard]] const Known* find(std::string_view name) const;
  [[nodiscard]] bool room_for(std::string_view name, std::size_t most) const;
  /// False when the same rules are known already.
  bool put(const v1::UseCase& use_case);
  /// False when there is none of that name.
  bool remove(std::string_view name);

  /// Writes each changed row once.
  void flush(storage::Batch& out, std::uint32_t partition);
  /// False when it is no row of ours.
  [[nodiscard]] bool load_row(std::string_view key, std::string_view value);

 private:
  std::map<std::string, Known, std::less<>> use_cases_;
  std::vector<std::string> changed_;  ///< with repeats; those that are gone are to be erased
};

}  // namespace lenne::network
