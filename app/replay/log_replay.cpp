#include "app/replay/log_replay.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>

#include "app/pipeline.hpp"
#include "app/replay/comparison.hpp"
#include "app/verify/words.hpp"
#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/crypto/key_vault.hpp"
#include "decode/device_decoder.hpp"
#include "decode/schema_catalog.hpp"
#include "lenne/v1/quarantine.pb.h"
#include "network/network_processor.hpp"
#include "processing/keys.hpp"
#include "processing/rollup/rollup_processor.hpp"
#include "processing/rows.hpp"
#include "storage/memory/memory_log.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::app {
namespace {

using base::Result;
using storage::Store;
using storage::Topic;
using storage::embedded::Inspection;

/// Rows are written to memory after so many records, as a worker's commits do.
constexpr std::uint64_t kRecordsPerFlush = 2'000;
/// A record that closes windows is handled in the smallest steps, so that a directory may stand between any two.
constexpr std::size_t kSmallestPortion = 1;

/// The row of a partition's time if it says that the directory stands inside of a record, else nothing.
Result<std::optional<std::string>> inside_of_record(const Inspection& log, std::uint32_t partition) {
  auto row = log.get(Store::window, partition, processing::kTimeKey);
  if (!row || !*row) return row;
  const auto time = processing::parse_window_row(**row);
  return time && time->has_closed() ? std::move(*row) : std::nullopt;
}

/// One processor with its rows in memory.
class Stage {
 public:
  Stage(int number, std::string consumer, Topic input, std::vector<Topic> outputs, std::vector<Store> stores)
      : number_(number),
        consumer_(std::move(consumer)),
        input_(input),
        outputs_(std::move(outputs)),
        stores_(std::move(stores)) {}

  /// Runs when all of its input is there: what happened before it is nowhere else.
  [[nodiscard]] Result<void> open(processing::Processor& processor, const Inspection& log, storage::Log& rows,
                                  Comparison& comparison, LogReplay& result) {
    const auto begin = [&](Topic topic) { return log.begin(storage::info_of(topic).retention); };
    if (begin(input_) > 0) {
      result.left_out.push_back(fmt::format("{}: records of {} before offset {} are deleted", consumer_,
                                            storage::info_of(input_).name, begin(input_)));
      return {};
    }
    for (const auto topic : outputs_) {
      if (begin(topic) == 0) {
        comparison.compare(topic);
      } else {
        result.left_out.push_back(fmt::format("{}: records of {} before offset {} are deleted", consumer_,
                                              storage::info_of(topic).name, begin(topic)));
      }
    }
    processor_ = &processor;
    rows_ = &rows;
    for (std::uint32_t p = 0; p < log.network_partitions(); ++p) {
      const auto position = log.position(consumer_, p);
      ends_.push_back(position ? position->next : 0);
      auto inside = keeps(Store::window) ? inside_of_record(log, p) : std::optional<std::string>{};
      if (!inside) return std::unexpected(inside.error());
      inside_.push_back(std::move(*inside));
      if (auto assigned = processor.assigned(p, rows.state()); !assigned) return assigned;
    }
    return {};
  }

  [[nodiscard]] bool wants(const storage::Record& record) const {
    if (processor_ == nullptr || record.topic != input_) return false;
    return record.offset < ends_[record.partition] || inside_[record.partition];
  }
  [[nodiscard]] bool writes(Topic topic) const {
    return processor_ != nullptr && std::ranges::find(outputs_, topic) != outputs_.end();
  }
  [[nodiscard]] bool keeps(Store store) const {
    return processor_ != nullptr && std::ranges::find(stores_, store) != stores_.end();
  }
  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] const storage::StateReader& rows() const { return rows_->state(); }

  [[nodiscard]] Result<void> step(const storage::Record& record, Comparison& comparison) {
    const bool partly = record.offset >= ends_[record.partition];
    for (auto progress = processing::Progress::more; progress == processing::Progress::more;) {
      batch_.clear();
      progress = processor_->step(record, batch_);
      if (auto fault = processor_->fault()) return std::unexpected(std::move(*fault));
      comparison.expect(number_, batch_, record.offset);
      if (!partly) continue;
      if (auto flushed = flush(); !flushed) return flushed;
      const auto row = rows().get(Store::window, record.partition, processing::kTimeKey);
      if (!row) return std::unexpected(row.error());
      if (*row == inside_[record.partition]) break;
      if (progress == processing::Progress::done)
        comparison.differ(fmt::format("{} partition {}: stands at a place in the record at offset {} that there is not",
                                      consumer_, record.partition, record.offset));
    }
    if (partly) inside_[record.partition].reset();
    return ++records_ % kRecordsPerFlush == 0 ? flush() : Result<void>{};
  }

  [[nodiscard]] Result<void> flush() {
    if (processor_ == nullptr) return {};
    batch_.clear();
    processor_->flush(batch_);
    return rows_->put_state(batch_);
  }

  /// Visits all rows that the processor has made.
  [[nodiscard]] Result<void> each_row(std::uint32_t partitions, const Inspection::StateVisit& visit) const {
    for (std::uint32_t p = 0; processor_ != nullptr && p < partitions; ++p) {
      for (const auto store : stores_) {
        const auto scanned = rows().scan(store, p, {}, {}, [&](std::string_view key, std::string_view value) {
          visit(store, p, key, value);
          return true;
        });
        if (!scanned) return scanned;
      }
    }
    return {};
  }

 private:
  const int number_;
  const std::string consumer_;
  const Topic input_;
  const std::vector<Topic> outputs_;
  const std::vector<Store> stores_;
  processing::Processor* processor_ = nullptr;
  storage::Log* rows_ = nullptr;
  std::vector<storage::Offset> ends_;  ///< by partition: where the directory's own processor stands
  std::vector<std::optional<std::string>>
      inside_;  ///< by partition: its row of time if it stands inside the next record
  storage::Batch batch_;
  std::uint64_t records_ = 0;
};

/// Which stage put a record aside.
std::size_t writer_of(const storage::Record& letter) {
  v1::DeadLetter message;
  if (!message.ParseFromArray(letter.value.data(), static_cast<int>(letter.value.size()))) return 0;
  if (message.topic() == storage::info_of(Topic::rollup_in).name) return 2;
  return message.topic() == storage::info_of(Topic::measurement).name ? 1 : 0;
}

class Replay {
 public:
  Replay(Inspection& log, LogReplay& result) : log_(log), result_(result) {}

  /// `processors`: of the network, the windows and the roll-ups.
  Result<void> open(const std::array<processing::Processor*, 3>& processors, storage::Log& rows) {
    storage::Faults ignored;  // `lenne verify` tells them
    log_.read_positions(ignored);
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      if (auto opened = stages_[i]->open(*processors[i], log_, rows, comparison_, result_); !opened) return opened;
    }
    return {};
  }

  Result<void> read() {
    storage::Faults unreadable;
    log_.read_records(unreadable, [&](const storage::Record& record) { take(record); });
    if (failure_) return std::unexpected(*failure_);
    if (unreadable.count() > 0)
      return base::fail("log_damaged", fmt::format("{}: {}; see lenne verify", unreadable.first().front().where,
                                                   unreadable.first().front().what));
    comparison_.finish();
    for (auto* stage : stages_) {
      if (auto flushed = stage->flush(); !flushed) return flushed;
    }
    return compare_rows();
  }

  void finish() {
    result_.equal = comparison_.equal();
    result_.difference = comparison_.difference();
  }

 private:
  void take(const storage::Record& record) {
    if (failure_ || comparison_.difference()) return;
    // No processor's: `lenne backfill` wrote it.
    if (record.topic == Topic::aggregate && processing::is_backfilled(record.key)) return;
    if (record.topic == Topic::network_in) {
      comparison_.found_among_others(network_.number(), record);
    } else if (record.topic == Topic::dead_letter) {
      const auto* writer = stages_[writer_of(record)];
      if (writer->writes(record.topic)) comparison_.found(writer->number(), record);
    } else {
      for (const auto* stage : stages_) {
        if (stage->writes(record.topic)) comparison_.found(stage->number(), record);
      }
    }
    for (auto* stage : stages_) {
      if (!stage->wants(record)) continue;
      ++result_.records;
      if (auto stepped = stage->step(record, comparison_); !stepped) failure_ = stepped.error();
    }
  }

  /// State, too, is a function of the log.
  Result<void> compare_rows() {
    storage::Faults unreadable;
    log_.read_state(
        unreadable, [&](Store store, std::uint32_t partition, std::string_view key, std::string_view value) {
          for (const auto* stage : stages_) {
            if (!stage->keeps(store)) continue;
            const auto made = stage->rows().get(store, partition, key);
            if (!made || !*made) {
              comparison_.differ(fmt::format("{}: nothing led to it", where_of(store, partition, key)));
            } else if (**made != value) {
              comparison_.differ(fmt::format("{}: something else came of the log", where_of(store, partition, key)));
            } else {
              ++result_.equal_rows;
            }
          }
        });
    for (const auto* stage : stages_) {
      auto visited = stage->each_row(
          log_.network_partitions(), [&](Store store, std::uint32_t partition, std::string_view key, std::string_view) {
            const auto row = log_.get(store, partition, key);
            if (row && !*row) comparison_.differ(fmt::format("{}: is missing", where_of(store, partition, key)));
          });
      if (!visited) return visited;
    }
    return {};
  }

  Inspection& log_;
  LogReplay& result_;
  Comparison comparison_;
  Stage network_{0,
                 "network",
                 Topic::network_in,
                 {Topic::network_in, Topic::event, Topic::measurement, Topic::control, Topic::keys,
                  Topic::gateway_downlink, Topic::dead_letter},
                 {Store::device, Store::network}};
  Stage windows_{1,
                 "windows",
                 Topic::measurement,
                 {Topic::aggregate, Topic::alert, Topic::measurement_late, Topic::dead_letter},
                 {Store::pane, Store::window, Store::alert}};
  // What the windows of all partitions, and the network step, hand over to it lies in one partition in the order of
  // their commits, which is part of the log.
  Stage rollups_{
      2, "rollups", Topic::rollup_in, {Topic::rollup, Topic::open_rollup, Topic::dead_letter}, {Store::rollup}};
  std::array<Stage*, 3> stages_{&network_, &windows_, &rollups_};
  std::optional<base::Error> failure_;
};

}  // namespace

Result<LogReplay> replay_log(const Settings& given, const std::filesystem::path& data) {
  const auto log = storage::RocksDbLog::inspect((data / "log").string());
  if (!log) return std::unexpected(log.error());
  auto settings = given;
  settings.network.partitions = (*log)->network_partitions();
  if (auto good = network::check(network_settings_of(settings)); !good) return std::unexpected(good.error());
  const auto vault = base::crypto::KeyVault::open(data / "kek");
  if (!vault) return std::unexpected(vault.error());
  const auto catalog = decode::SchemaCatalog::load(settings.devices);
  if (!catalog) return std::unexpected(catalog.error());

  const auto times = window_settings_of(settings);
  if (!times) return std::unexpected(times.error());
  base::Counters counters;
  decode::DeviceDecoder decoder(*catalog, counters);
  network::NetworkProcessor network(network_settings_of(settings), *vault, decoder, counters);
  const auto windows = results_of(*times, counters, {.portion_bytes = kSmallestPortion});
  processing::rollup::RollupProcessor rollups(*times, settings.network.partitions, counters, kSmallestPortion);
  const base::ManualClock clock(base::Timestamp{});
  storage::MemoryLog rows(settings.network.partitions, clock);
  LogReplay result;
  Replay replay(**log, result);
  if (auto opened = replay.open({&network, windows.get(), &rollups}, rows); !opened)
    return std::unexpected(opened.error());
  if (auto read = replay.read(); !read) return std::unexpected(read.error());
  replay.finish();
  return result;
}

}  // namespace lenne::app
