#pragma once
// Whether the rows of the windows can be read and agree with each other.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "processing/pane_rows.hpp"
#include "storage/embedded/inspection.hpp"
#include "storage/faults.hpp"

namespace lenne::app {

/// One thread.
class WindowCheck {
 public:
  WindowCheck(const storage::embedded::Inspection& log, storage::Faults& faults) : log_(log), faults_(faults) {}

  /// Records in the order of the log: where the revision of a result is kept, its last record must be that one.
  void take(const storage::Record& record);
  /// After all records.
  void finish();
  void take_row(storage::Store store, std::uint32_t partition, std::string_view key, std::string_view value);

 private:
  void take_pane(std::uint32_t partition, std::string_view key, std::string_view value);
  void take_window(std::uint32_t partition, std::string_view key, std::string_view value);
  [[nodiscard]] bool exists(storage::Store store, std::uint32_t partition, std::string_view key);

  const storage::embedded::Inspection& log_;
  storage::Faults& faults_;
  processing::Definitions definitions_;
  /// By place of the kept revision: what is wrong with it as of the last record.
  std::map<std::pair<std::uint32_t, std::string>, storage::Fault> other_revisions_;
};

}  // namespace lenne::app
