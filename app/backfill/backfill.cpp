#include "app/backfill/backfill.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "app/backfill/rejudge.hpp"
#include "base/clock.hpp"
#include "base/counters.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/derive.hpp"
#include "processing/keys.hpp"
#include "processing/rules.hpp"
#include "processing/window_format.hpp"
#include "processing/window_processor.hpp"
#include "storage/memory/memory_log.hpp"

namespace lenne::app {
namespace {

using base::Result;
using storage::Record;
using storage::Topic;

constexpr std::size_t kRecordsAtOnce = 2'000;
/// A commit has at most 64 MiB, keys and labels among them.
constexpr std::size_t kMostBytes = std::size_t{48} << 20;
constexpr std::size_t kMostTold = 10;

/// One result, made or found.
struct Row {
  std::uint32_t partition = 0;
  v1::Aggregate result;
};
using Rows = std::map<std::string, Row, std::less<>>;  ///< by key of topic aggregate

/// All records of a topic up to now, in the order of the log.
Result<void> each_record(storage::Log& log, Topic topic, const std::function<Result<void>(const Record&)>& visit) {
  auto reader = log.reader({topic});
  if (!reader) return std::unexpected(reader.error());
  if (auto sought = (*reader)->seek({storage::SeekTo::Where::beginning}); !sought) return sought;
  for (;;) {
    const auto poll = (*reader)->poll_to_end(kRecordsAtOnce);
    if (!poll) return std::unexpected(poll.error());
    if (poll->records.empty()) return {};
    for (const auto& record : poll->records) {
      if (auto visited = visit(record); !visited) return visited;
    }
  }
}

/// Keeps what the windows make.
class Keep final : public processing::WindowFormat {
 public:
  Keep(const BackfillOrder& order, const std::set<std::uint64_t>& devices, Rows& rows)
      : order_(order), devices_(devices), rows_(rows) {}

  [[nodiscard]] bool read(const Record& record, v1::Measurement& into) const override {
    return into.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()));
  }
  [[nodiscard]] bool may_repeat() const noexcept override { return true; }
  void write(const processing::SeriesResult& result, std::uint32_t, std::int64_t emitted_us,
             const processing::WindowSettings& settings, std::uint32_t partition, storage::Batch&) const override {
    const auto start = base::from_us(result.window.start_us);
    if (start < order_.from || start >= order_.to || !is_ours(result)) return;
    auto aggregate = processing::aggregate_of(result, settings);
    aggregate.set_final(true);
    aggregate.set_emitted_us(emitted_us);
    const auto key = processing::aggregate_key(aggregate.dev_eui(), aggregate.measure(), result.window);
    rows_.insert_or_assign(key, Row{partition, std::move(aggregate)});
  }
  void write_time(std::int64_t, std::uint32_t, storage::Batch&) const override {}

 private:
  /// Windows without a sample, in which a state is held, have no rules.
  [[nodiscard]] bool is_ours(const processing::SeriesResult& result) const {
    if (!devices_.contains(result.newest->dev_eui)) return false;
    if (result.definition->series_class == processing::SeriesClass::network) return false;
    const auto rules = result.rules.all();
    return rules.empty() || std::ranges::any_of(rules, [&](const processing::AppliedRules& applied) {
             return applied.use_case == order_.rules.name();
           });
  }

  const BackfillOrder& order_;
  const std::set<std::uint64_t>& devices_;
  Rows& rows_;
};

/// The same in all that a window says, whichever rules led to it and when.
bool says_the_same(v1::Aggregate a, v1::Aggregate b) {
  for (auto* result : {&a, &b}) {
    result->clear_rules();
    result->clear_revision();
    result->clear_emitted_us();
    result->clear_rule_version();
    result->clear_backfill();
    result->clear_measure();
  }
  return a.SerializeAsString() == b.SerializeAsString();
}

/// Whether it was backfilled by this version, whatever its rules were.
bool is_of(const v1::Aggregate& result, std::string_view use_case, std::uint32_t version) {
  return result.backfill().starts_with(fmt::format("{}@{}/", use_case, version));
}

class Work {
 public:
  Work(const processing::WindowSettings& settings, storage::Log& log, const BackfillOrder& order)
      : settings_(settings),
        log_(log),
        order_(order),
        name_(fmt::format("{}@{}/{:08x}", order.rules.name(), order.rules.version(),
                          processing::derived::fingerprint_of(order.rules))),
        rejudge_(order.rules) {}

  Result<Backfill> run() {
    if (auto found = find_devices(); !found) return std::unexpected(found.error());
    if (auto made = make_results(); !made) return std::unexpected(made.error());
    if (auto found = find_results(); !found) return std::unexpected(found.error());
    compare();
    if (order_.write) {
      if (auto written = write(); !written) return std::unexpected(written.error());
    }
    return std::move(done_);
  }

 private:
  [[nodiscard]] bool parse(const Record& record) {
    return measurement_.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()));
  }

  /// Also looks whether the version means these rules.
  Result<void> find_devices() {
    const auto described = log_.describe(Topic::measurement);
    if (!described) return std::unexpected(described.error());
    const bool has_lost = described->partitions.front().begin > 0;
    std::optional<std::int64_t> first_us;
    auto read = each_record(log_, Topic::measurement, [&](const Record& record) -> Result<void> {
      if (!parse(record)) return {};
      if (!first_us) first_us = measurement_.received_us();
      if (rejudge_.concerns(measurement_)) {
        devices_.insert(measurement_.dev_eui());
        if (auto good = check_version(measurement_.use_case_version(), measurement_.use_case_fingerprint()); !good)
          return good;
      }
      return {};
    });
    if (!read) return read;
    const auto earliest_us = first_us.value_or(0) + processing::kMaxHoldUs;
    if (has_lost && base::to_us(order_.from) < earliest_us)
      return base::fail("backfill_span", fmt::format("what was measured before {} is deleted; begin a week after it",
                                                     base::to_rfc3339(base::from_us(*first_us))));
    return {};
  }

  Result<void> check_version(std::uint32_t version, std::uint32_t fingerprint) const {
    using processing::derived::fingerprint_of;
    if (version != order_.rules.version() || fingerprint == 0 || fingerprint == fingerprint_of(order_.rules)) return {};
    return base::fail("backfill_version",
                      fmt::format("uplinks were judged by other rules of the name {}; take a higher version", name_));
  }

  Result<void> make_results() {
    const base::ManualClock clock(base::Timestamp{});
    base::Counters counters;
    const Keep format(order_, devices_, made_);
    processing::WindowProcessor windows(settings_, counters, {}, format);
    storage::MemoryLog rows(log_.network_partitions(), clock);
    for (std::uint32_t p = 0; p < log_.network_partitions(); ++p) {
      if (auto assigned = windows.assigned(p, rows.state()); !assigned) return assigned;
    }
    storage::Batch batch;
    std::string value;
    std::uint64_t records = 0;
    const auto flush = [&]() -> Result<void> {
      batch.clear();
      windows.flush(batch);
      return rows.put_state(batch);
    };
    auto read = each_record(log_, Topic::measurement, [&](const Record& record) -> Result<void> {
      if (!parse(record)) return {};
      if (!devices_.contains(measurement_.dev_eui())) {  // it moves time, as it did
        v1::Measurement tick;
        tick.set_received_us(measurement_.received_us());
        tick.set_tick(true);
        tick.SerializeToString(&value);
      } else {
        if (rejudge_.concerns(measurement_)) {
          if (!rejudge_.apply(measurement_))
            return base::fail("backfill_records",
                              fmt::format("the record at offset {} does not say by which rules it was made: an older "
                                          "version of Lenne wrote it",
                                          record.offset));
          ++done_.records;
        }
        measurement_.SerializeToString(&value);
      }
      auto again = record;
      again.value = value;
      for (auto progress = processing::Progress::more; progress == processing::Progress::more;) {
        batch.clear();
        progress = windows.step(again, batch);
        if (auto fault = windows.fault()) return std::unexpected(std::move(*fault));
        if (progress == processing::Progress::more) {
          if (auto flushed = flush(); !flushed) return flushed;
        }
      }
      return ++records % kRecordsAtOnce == 0 ? flush() : Result<void>{};
    });
    return read;
  }

  /// What stands for the same windows, and what was backfilled before.
  Result<void> find_results() {
    std::map<std::string, std::string> by_others;  // key and name
    auto read = each_record(log_, Topic::aggregate, [&](const Record& record) -> Result<void> {
      const std::string key(record.key);
      if (record.tombstone) {
        before_.erase(key);
        by_others.erase(key);
        return {};
      }
      Row row{record.partition, {}};
      if (!row.result.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) return {};
      if (is_of(row.result, order_.rules.name(), order_.rules.version()) && row.result.backfill() != name_) {
        by_others.insert_or_assign(key, row.result.backfill());
        return {};
      }
      const auto start = base::from_us(row.result.start_us());
      if (start < order_.from || start >= order_.to || !devices_.contains(row.result.dev_eui())) return {};
      if (row.result.backfill() == name_) {
        before_.insert_or_assign(key, std::move(row));
      } else if (row.result.backfill().empty() && (made_.contains(key) || follows(row.result))) {
        stands_.insert_or_assign(key, std::move(row));
      }
      return {};
    });
    if (!read || by_others.empty()) return read;
    return base::fail("backfill_version", fmt::format("other rules were backfilled as {}; drop them, or take a higher "
                                                      "version",
                                                      by_others.begin()->second));
  }

  [[nodiscard]] bool follows(const v1::Aggregate& result) const {
    return std::ranges::any_of(
        result.rules(), [&](const v1::AppliedRules& applied) { return applied.use_case() == order_.rules.name(); });
  }

  void tell(std::string_view what, std::string_view key) {
    if (done_.first.size() < kMostTold) done_.first.push_back(fmt::format("{} {}", what, key));
  }

  void compare() {
    for (const auto& [key, row] : made_) {
      const auto stands = stands_.find(key);
      if (stands == stands_.end()) {
        ++done_.added;
        tell("added", key);
      } else if (says_the_same(stands->second.result, row.result)) {
        ++done_.equal;
      } else {
        ++done_.changed;
        tell("changed", key);
      }
    }
    for (const auto& [key, row] : stands_) {
      if (made_.contains(key)) continue;
      ++done_.missing;
      tell("missing", key);
    }
  }

  Result<void> write() {
    storage::Batch batch;
    for (auto& [key, row] : made_) {
      auto& result = row.result;
      const auto window = processing::window_named(result.window(), result.start_us(), result.end_us());
      result.set_measure(backfilled_measure(result.measure(), order_.rules.version()));
      result.set_backfill(name_);
      const auto own_key = processing::aggregate_key(result.dev_eui(), result.measure(), window);
      if (const auto before = before_.find(own_key); before != before_.end()) {
        result.set_revision(before->second.result.revision());
        if (result.SerializeAsString() == before->second.result.SerializeAsString()) continue;
        result.set_revision(result.revision() + 1);
      }
      batch.append(Topic::aggregate, row.partition, result.tenant(), own_key, result.SerializeAsString());
      ++done_.written;
      if (batch.bytes() > kMostBytes)
        return base::fail("backfill_size",
                          fmt::format("{} results are more than one commit holds; take a shorter time", made_.size()));
    }
    if (batch.empty()) return {};
    if (auto appended = log_.append(batch); !appended) return std::unexpected(appended.error());
    return {};
  }

  const processing::WindowSettings& settings_;
  storage::Log& log_;
  const BackfillOrder& order_;
  const std::string name_;  ///< of the version, and of what it means
  Rejudge rejudge_;
  v1::Measurement measurement_;
  std::set<std::uint64_t> devices_;  ///< that follow the use case, or did
  Rows made_;
  Rows stands_;
  Rows before_;
  Backfill done_;
};

}  // namespace

std::string backfilled_measure(std::string_view measure, std::uint32_t version) {
  return fmt::format("{}@{}", measure, version);
}

Result<Backfill> backfill(const processing::WindowSettings& settings, storage::Log& log, const BackfillOrder& order) {
  return Work(settings, log, order).run();
}

Result<std::uint64_t> drop_backfill(storage::Log& log, std::string_view use_case, std::uint32_t version) {
  std::map<std::string, std::pair<std::uint32_t, std::string>> keys;  // partition and tenant
  v1::Aggregate result;
  auto read = each_record(log, Topic::aggregate, [&](const Record& record) -> Result<void> {
    if (record.tombstone) {
      keys.erase(std::string(record.key));
    } else if (result.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) &&
               is_of(result, use_case, version)) {
      keys.insert_or_assign(std::string(record.key), std::pair(record.partition, std::string(record.tenant)));
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  storage::Batch batch;
  for (const auto& [key, of] : keys) batch.append_tombstone(Topic::aggregate, of.first, of.second, key);
  if (batch.empty()) return 0;
  if (auto appended = log.append(batch); !appended) return std::unexpected(appended.error());
  return keys.size();
}

}  // namespace lenne::app
