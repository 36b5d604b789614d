#include "app/verify/verification.hpp"

#include "app/verify/key_check.hpp"
#include "app/verify/record_check.hpp"
#include "app/verify/session_check.hpp"
#include "app/verify/view_check.hpp"
#include "app/verify/window_check.hpp"
#include "base/crypto/key_vault.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::app {
namespace {

void count(const storage::Record& record, TopicContents& contents) {
  if (contents.records++ == 0) contents.first = record.offset;
  contents.last = record.offset;
  contents.bytes += record.key.size() + record.value.size();
}

}  // namespace

base::Result<Verification> verify(const std::filesystem::path& data) {
  const auto opened = storage::RocksDbLog::inspect((data / "log").string());
  if (!opened) return std::unexpected(opened.error());
  auto& log = **opened;
  Verification found;
  found.partitions = log.network_partitions();
  auto& faults = found.faults;
  const auto vault = base::crypto::KeyVault::open(data / "kek");
  if (!vault) faults.add("key-encryption key", vault.error().message);
  KeyCheck keys(vault ? &*vault : nullptr, faults);
  RecordCheck records(keys, faults);
  SessionCheck sessions(found.partitions, keys, faults);
  WindowCheck windows(log, faults);

  log.read_files(faults);
  log.read_records(faults, [&](const storage::Record& record) {
    count(record, found.topics[record.topic]);
    records.take(record);
    sessions.take(record);
    windows.take(record);
  });
  log.read_last_values(faults, [&](const storage::Record& record) {
    ++found.topics[record.topic].last_values;
    // One whose change is in the log was seen there.
    if (record.offset < log.begin(storage::Retention::days_7)) records.take_last_value(record);
    sessions.take_last_value(record);
  });
  records.finish();
  windows.finish();
  log.read_positions(faults);
  log.read_state(faults,
                 [&](storage::Store store, std::uint32_t partition, std::string_view key, std::string_view value) {
                   ++found.rows[store];
                   sessions.take_row(store, partition, key, value);
                   windows.take_row(store, partition, key, value);
                   check_view_row(store, partition, key, value, faults);
                 });
  sessions.finish();
  return found;
}

}  // namespace lenne::app
