#pragma once
// Where panes are found: in the rows of the state, or in the table of whoever writes them.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "processing/keys.hpp"
#include "processing/pane.hpp"
#include "processing/pane_rows.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

/// The panes of one partition.
class Panes {
 public:
  Panes() = default;
  Panes(const Panes&) = delete;
  Panes& operator=(const Panes&) = delete;
  virtual ~Panes() = default;

  /// Null when there is none. Errors: log_read; bad_row.
  [[nodiscard]] virtual base::Result<PanePtr> find(const Window& pane, std::uint64_t dev_eui) const = 0;
  /// A device's panes in a window, which is tiled by panes of `pane_s`, into `found`: in the order of time.
  [[nodiscard]] virtual base::Result<void> find_all(const Window& window, std::uint32_t pane_s, std::uint64_t dev_eui,
                                                    std::vector<PanePtr>& found) const;
};

/// As the rows say it. One thread; the state must outlive it.
class StoredPanes final : public Panes {
 public:
  StoredPanes(const storage::StateReader& state, std::uint32_t partition) : state_(state), partition_(partition) {}
  [[nodiscard]] base::Result<PanePtr> find(const Window& pane, std::uint64_t dev_eui) const override;

 private:
  const storage::StateReader& state_;
  std::uint32_t partition_;
  mutable Definitions definitions_;
};

/// The same of the partition's writer: rows plus what this batch has changed. The newest panes stay in memory as
/// objects after their commit, so that a sample is added in place and a pane is written once in a commit, however many
/// samples it got. One thread; the state must outlive it.
class PaneTable final : public Panes {
 public:
  /// Panes are of `pane_s`.
  PaneTable(const storage::StateReader& committed, std::uint32_t partition, std::uint32_t pane_s)
      : committed_(committed), partition_(partition), pane_s_(pane_s) {}

  /// Before all else: reads the panes that start at or after `from_us`, and shows each. About `most_bytes` of the
  /// newest ones stay. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<void> load(std::int64_t from_us, std::size_t most_bytes,
                                        const std::function<void(Pane&)>& visit);

  [[nodiscard]] base::Result<PanePtr> find(const Window& pane, std::uint64_t dev_eui) const override {
    return open(pane, dev_eui);
  }
  [[nodiscard]] base::Result<void> find_all(const Window& window, std::uint32_t pane_s, std::uint64_t dev_eui,
                                            std::vector<PanePtr>& found) const override;
  /// The pane that find() shows, to be changed: whoever changes it puts it back.
  [[nodiscard]] base::Result<std::shared_ptr<Pane>> open(const Window& pane, std::uint64_t dev_eui) const;
  /// This pane is new, or was opened and has changed.
  void put(std::shared_ptr<Pane> pane);
  void erase(const PaneKey& key);
  /// Which classes of the pane before this one have their timers; none if it is not in memory.
  [[nodiscard]] SeriesClasses scheduled_before(const Pane& pane) const;
  /// For new series: the definitions of this partition's panes.
  [[nodiscard]] Definitions& definitions() noexcept { return definitions_; }

  /// Visits panes in the order of their keys, from `from` on and before `to` (of any length), until `visit` returns
  /// false. What it is shown ends with the call. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<void> scan(std::string_view from, std::string_view to,
                                        const std::function<bool(const PaneKey&, const Pane&)>& visit) const;

  /// Writes each changed pane once: from the commit on, the committed state has it. About `most_bytes` of the newest
  /// panes stay.
  void flush(storage::Batch& out, std::size_t most_bytes);
  /// What flush would write, about.
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return pending_bytes_; }

 private:
  struct Slot {
    std::int64_t start_us;
    std::shared_ptr<Pane> pane;  ///< null: erased by this batch
    std::uint32_t bytes = 0;
    std::uint32_t change = 0;  ///< changed by the batch `batch`: its place in changes_
    std::uint64_t batch = 0;   ///< 0: by none
  };
  /// What this batch has changed, beside its slot: so that writing it looks for no device.
  struct Change {
    PaneKey key;
    std::shared_ptr<Pane> pane;  ///< as the slot's
  };
  using Slots = std::vector<Slot>;  ///< of one device, by start
  /// Whose slots have one start.
  struct Start {
    std::vector<std::uint64_t> devices;  ///< also some that have none any more
    std::size_t slots = 0;
  };

  /// Null: it has none.
  [[nodiscard]] Slots* slots_of(std::uint64_t dev_eui) const;
  [[nodiscard]] static Slots::const_iterator place_in(const Slots& slots, std::int64_t start_us);
  [[nodiscard]] const Slot* slot_of(const Window& pane, std::uint64_t dev_eui) const;
  [[nodiscard]] Slot& slot_for(std::int64_t start_us, std::uint64_t dev_eui);
  void drop(std::int64_t start_us, std::uint64_t dev_eui);
  [[nodiscard]] bool is_changed(const Slot& slot) const noexcept { return slot.batch == batch_; }
  void keep(std::shared_ptr<Pane> pane, bool changed);
  void change(Slot& slot, const PaneKey& key);
  void account(Slot& slot, std::size_t bytes);
  void forget_old(std::size_t most_bytes);

  const storage::StateReader& committed_;
  std::uint32_t partition_;
  std::uint32_t pane_s_;
  mutable Definitions definitions_;
  mutable boost::unordered_flat_map<std::uint64_t, Slots> devices_;
  mutable std::pair<std::uint64_t, Slots*> last_{};  ///< the device that was asked for last: it mostly is again
  std::map<std::int64_t, Start> starts_;
  std::int64_t complete_from_us_ = INT64_MAX;  ///< all panes that start at or after it are here
  std::uint64_t batch_ = 1;                    ///< how many there were, and this one
  std::vector<Change> changes_;
  std::set<std::string> other_erased_;  ///< keys of erased panes of another length
  std::size_t bytes_ = 0;
  std::size_t pending_bytes_ = 0;
  std::string row_;
};

}  // namespace lenne::processing
