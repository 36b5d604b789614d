#pragma once
// Whether the rows of the windows can be read and agree with each other.

#include <cstdint>
#include <string_view>

#include "processing/pane_rows.hpp"
#include "storage/embedded/inspection.hpp"
#include "storage/faults.hpp"

namespace lenne::app {

/// One thread.
class WindowCheck {
 public:
  WindowCheck(const storage::embedded::Inspection& log, storage::Faults& faults) : log_(log), faults_(faults) {}

  /// A result whose revision is kept must be that revision.
  void take_last_value(const storage::Record& record);
  void take_row(storage::Store store, std::uint32_t partition, std::string_view key, std::string_view value);

 private:
  void take_pane(std::uint32_t partition, std::string_view key, std::string_view value);
  void take_window(std::uint32_t partition, std::string_view key, std::string_view value);
  [[nodiscard]] bool exists(storage::Store store, std::uint32_t partition, std::string_view key);

  const storage::embedded::Inspection& log_;
  storage::Faults& faults_;
  processing::Definitions definitions_;
};

}  // namespace lenne::app
