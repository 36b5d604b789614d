#pragma once
// Results of the past by other rules: computed from the log once more, compared with the results that stand, and kept
// beside them under a version of their own.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "lenne/v1/control.pb.h"
#include "processing/window_settings.hpp"
#include "storage/log.hpp"

namespace lenne::app {

struct BackfillOrder {
  v1::UseCase rules;     ///< with the version that the results get
  base::Timestamp from;  ///< windows that begin in [from, to)
  base::Timestamp to;
  bool write = true;  ///< false: only compare
};

struct Backfill {
  std::uint64_t records = 0;  ///< of devices of the use case, judged anew
  std::uint64_t equal = 0;    ///< results that say the same as the ones that stand; their rules aside
  std::uint64_t changed = 0;
  std::uint64_t added = 0;         ///< nothing stands for this window
  std::uint64_t missing = 0;       ///< one stands, and by the other rules there is none
  std::uint64_t written = 0;       ///< those that are not there already
  std::vector<std::string> first;  ///< keys of a few that are not equal
};

/// "temperature" by version 2 of its use case: "temperature@2". No measure has an @ in its name.
[[nodiscard]] std::string backfilled_measure(std::string_view measure, std::uint32_t version);

/// The log is read from its first record on, so that windows close as they did. Only final windows have results. What
/// is written is one commit: all of it is there, or nothing. To do the same again changes nothing.
/// Devices that followed another use case for a part of a window: that part is as it was.
/// `settings`: those of the server that made the results that stand. Errors: of the log; backfill_span (records that
/// the first windows need are deleted), backfill_records (some do not say which of their samples were derived),
/// backfill_version (other rules have this version), backfill_size (more results than one commit holds), a processor's
/// fault.
[[nodiscard]] base::Result<Backfill> backfill(const processing::WindowSettings& settings, storage::Log& log,
                                              const BackfillOrder& order);

/// Takes back all that was backfilled by this version of a use case, in one commit. Returns how many results.
[[nodiscard]] base::Result<std::uint64_t> drop_backfill(storage::Log& log, std::string_view use_case,
                                                        std::uint32_t version);

}  // namespace lenne::app
