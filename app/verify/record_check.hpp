#pragma once
// Whether each record is a message of its topic, bears the label and key that it must, and tells no key in clear.

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "app/verify/key_check.hpp"
#include "storage/faults.hpp"
#include "storage/log.hpp"

namespace lenne::app {

/// One thread.
class RecordCheck {
 public:
  RecordCheck(KeyCheck& keys, storage::Faults& faults) : keys_(keys), faults_(faults) {}

  /// In the order of offsets.
  void take(const storage::Record& record);
  /// The last value of a compacted topic's key.
  void take_last_value(const storage::Record& record);
  /// When all were taken.
  void finish();

 private:
  void check(const storage::Record& record);
  void unreadable(const storage::Record& record);

  KeyCheck& keys_;
  storage::Faults& faults_;
  std::map<std::pair<std::string, std::uint64_t>, std::string> unreadable_;  ///< by topic and offset: where it stands
};

}  // namespace lenne::app
