#pragma once
// Builds the views: folds control, event, measurement, aggregate, alert and gateway-status records into rows that the
// API reads. Same shape as a processor: assigned, step, flush; rows that changed are kept in memory and written once a
// flush.

#include <cstdint>
#include <memory>

#include "base/counters.hpp"
#include "base/error.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"
#include "storage/topics.hpp"

namespace lenne::storage::views {

/// How many outcomes of writes are kept, by request id modulo this.
inline constexpr std::uint64_t kOutcomes = 65536;
/// Length of a bucket of TenantView.uplinks_10s and how many are kept.
inline constexpr std::int64_t kUplinkBucketUs = 10'000'000;
inline constexpr int kUplinkBuckets = 18;
/// Length of a bucket of TenantView.devices_5min and how many are kept.
inline constexpr std::int64_t kSeenBucketUs = 300'000'000;
inline constexpr int kSeenBuckets = 14;
/// Series of one device beyond this are counted (views.refused.series) and left out.
inline constexpr int kMaxSeries = 256;
/// Changes of an alert that are kept, the newest ones.
inline constexpr std::uint32_t kAlertChanges = 64;

/// The topics that Views reads.
inline constexpr Topic kViewTopics[] = {Topic::control,        Topic::event, Topic::measurement, Topic::aggregate,
                                        Topic::gateway_status, Topic::alert, Topic::rollup,      Topic::open_rollup};

/// One thread. All rows are in partition 0 of the view stores, whatever partition a record came from; one Views
/// follows all partitions. After flush, the batch must be committed before the next step.
class Views {
 public:
  /// `cache_rows` bounds the device rows kept in memory between flushes.
  explicit Views(base::Counters& counters, std::size_t cache_rows = 65536);
  ~Views();
  Views(const Views&) = delete;
  Views& operator=(const Views&) = delete;

  /// Where rows are read from; must outlive this. Called once, before the first record.
  void open(const StateReader& state);
  /// Handles one record. Never throws: what cannot be read is counted (views.refused.*). `out` gets what need not be
  /// coalesced (aggregates, objects); rows that change often wait for flush.
  void apply(const Record& record, Batch& out);
  /// Writes each changed row once.
  void flush(Batch& out);
  /// An I/O error of the state behind a read since the last call, if any: the batch must then not be committed.
  [[nodiscard]] base::Result<void> health();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::storage::views
