#pragma once
// The rows of devices in memory: a record changes its device's row in place, and a commit writes it once.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>

#include "base/error.hpp"
#include "lenne/v1/alert.pb.h"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::processing::alerts {

/// The rows of devices of one partition (store alert): those that this batch has changed, and the newest used ones
/// after their commit. One thread; the state must outlive it.
class DeviceRows {
 public:
  DeviceRows(const storage::StateReader& committed, std::uint32_t partition)
      : committed_(committed), partition_(partition) {}

  /// The row of a device that has one. Whoever changes it says so by changed(). The object is this table's, and stays
  /// where it is until it is erased or the next flush. Errors: log_read; state_damaged (it has none, or none that is
  /// sound).
  [[nodiscard]] base::Result<v1::AlertDevice*> find(std::uint64_t dev_eui);
  /// An empty row, but for the DevEUI, of a device that has none: to be filled, and then changed(). Owned as what
  /// find() shows.
  [[nodiscard]] v1::AlertDevice& insert(std::uint64_t dev_eui);
  /// The row that find() or insert() showed is another one now.
  void changed(std::uint64_t dev_eui);
  /// Ends the object that find() or insert() showed.
  void erase(std::uint64_t dev_eui);

  /// Writes each changed row once, in the order of their keys: from the commit on, the committed state has it. About
  /// `most_bytes` of memory of the rows that were used last stay.
  void flush(storage::Batch& out, std::size_t most_bytes);
  /// What flush would write, about: bytes of keys and values; what a row has grown by since its last commit is left
  /// out.
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return pending_bytes_; }

 private:
  struct Row {
    v1::AlertDevice device;
    std::size_t bytes = 0;  ///< when it was last read or written; of a new one when it was filled
  };
  using Rows = std::list<Row>;

  [[nodiscard]] Row& add(v1::AlertDevice device, std::size_t bytes);
  void resize(Row& row, std::size_t bytes);
  void forget(Rows::iterator row);

  const storage::StateReader& committed_;
  std::uint32_t partition_;
  Rows rows_;  ///< the one that was used last is the first
  boost::unordered_flat_map<std::uint64_t, Rows::iterator> places_;
  std::map<std::uint64_t, Row*> changes_;  ///< by this batch; null: erased
  std::size_t memory_bytes_ = 0;           ///< of rows_, about
  std::size_t pending_bytes_ = 0;
  std::string value_;  ///< keeps its memory
};

}  // namespace lenne::processing::alerts
