#include "storage/rocksdb/rocksdb_families.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "storage/rocksdb/rocksdb_options.hpp"

namespace lenne::storage::embedded {
namespace {

// An empty view may have no address; RocksDB insists on one.
rocksdb::Slice slice(std::string_view text) {
  return text.empty() ? rocksdb::Slice() : rocksdb::Slice(text.data(), text.size());
}
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

/// RocksDB counts what each thread does in it, each comparison of keys for example; nobody reads that.
void count_nothing() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

std::unexpected<base::Error> read_error(const rocksdb::Status& status) {
  return base::fail("log_read", status.ToString());
}

std::unexpected<base::Error> write_error(const rocksdb::Status& status) {
  return base::fail(status.IsNoSpace() ? "disk_full" : "log_write", status.ToString());
}

std::unexpected<base::Error> open_error(const rocksdb::Status& status, const std::string& directory) {
  const auto text = status.ToString();
  if (text.find("While lock file") != std::string::npos || text.find("lock hold by") != std::string::npos) {
    return base::fail("directory_in_use", "another process has the data directory " + directory + " open");
  }
  if (text.find("olumn families not opened") != std::string::npos) {
    return base::fail("log_format", "the log in " + directory + " was made by a newer version: " + text);
  }
  if (status.IsNoSpace()) return base::fail("disk_full", "cannot open the log in " + directory + ": " + text);
  return base::fail("log_open", "cannot open the log in " + directory + ": " + text);
}

/// Makes the directory, or closes it to others: what lies in it are people's data.
base::Result<void> prepare(const std::string& directory) {
  std::error_code error;
  const std::filesystem::path path(directory);
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (!error && ::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    error = std::error_code(errno, std::generic_category());
  }
  if (!error) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (error) return base::fail("log_open", "cannot make the data directory " + directory + ": " + error.message());
  return {};
}

class RocksDbWriteSet final : public WriteSet {
 public:
  explicit RocksDbWriteSet(const std::array<rocksdb::ColumnFamilyHandle*, kFamilies>& handles) : handles_(handles) {}
  // An error of the batch itself (a key beyond 4 GiB) is kept and fails the write.
  void put(Family family, std::string_view key, std::string_view value) override {
    keep(batch.Put(handles_[static_cast<std::size_t>(family)], slice(key), slice(value)));
  }
  void erase(Family family, std::string_view key) override {
    keep(batch.Delete(handles_[static_cast<std::size_t>(family)], slice(key)));
  }
  void clear() override {
    batch.Clear();
    status = rocksdb::Status::OK();
  }

  rocksdb::WriteBatch batch;
  rocksdb::Status status;

 private:
  void keep(const rocksdb::Status& of_change) {
    if (!of_change.ok()) status = of_change;
  }
  const std::array<rocksdb::ColumnFamilyHandle*, kFamilies>& handles_;
};

class RocksDbCursor final : public GroupCursor {
 public:
  RocksDbCursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, std::uint64_t from) {
    rocksdb::ReadOptions options;
    options.fill_cache = false;  // a replay shall not push the state out
    at_.reset(db.NewIterator(options, family));
    at_->SeekForPrev(be64(from));
    if (!at_->Valid() && at_->status().ok()) at_->SeekToFirst();
  }
  bool valid() const override { return at_->Valid(); }
  std::uint64_t start() const override { return read_be64(view(at_->key())); }
  std::shared_ptr<const std::string> value() const override { return std::make_shared<const std::string>(peek()); }
  std::string_view peek() const override { return view(at_->value()); }
  void next() override { at_->Next(); }
  base::Result<void> status() const override {
    const auto status = at_->status();
    return status.ok() ? base::Result<void>{} : read_error(status);
  }

 private:
  std::unique_ptr<rocksdb::Iterator> at_;
};

}  // namespace

base::Result<std::shared_ptr<RocksDbFamilies>> RocksDbFamilies::open(const RocksDbSettings& settings) {
  if (auto prepared = prepare(settings.directory); !prepared) return std::unexpected(prepared.error());
  std::shared_ptr<RocksDbFamilies> families(new RocksDbFamilies);
  families->write_options_.sync = settings.sync;
  families->flush_on_close_ = settings.flush_on_close;
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const auto status =
      rocksdb::DB::Open(database_options(settings), settings.directory, family_options(settings), &handles, &db);
  if (!status.ok()) return open_error(status, settings.directory);
  families->db_.reset(db);
  std::ranges::copy(handles, families->handles_.begin());
  return families;
}

base::Result<std::shared_ptr<const RocksDbFamilies>> RocksDbFamilies::open_to_read(const std::string& directory) {
  RocksDbSettings settings;
  settings.directory = directory;
  auto options = database_options(settings);
  options.create_if_missing = false;
  options.create_missing_column_families = false;
  // A torn end is what a kill leaves behind; anything else in the write-ahead log is damage, and shall be seen.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  auto* env = options.env;
  if (!env->FileExists(directory + "/CURRENT").ok()) return base::fail("log_open", "there is no log in " + directory);
  rocksdb::FileLock* lock = nullptr;
  if (const auto locked = env->LockFile(directory + "/LOCK", &lock); !locked.ok()) return open_error(locked, directory);
  std::shared_ptr<RocksDbFamilies> families(new RocksDbFamilies);
  families->lock_ =
      std::shared_ptr<void>(nullptr, [env, lock](void*) { env->UnlockFile(lock).PermitUncheckedError(); });
  families->flush_on_close_ = false;
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const auto status = rocksdb::DB::OpenForReadOnly(options, directory, family_options(settings), &handles, &db);
  if (!status.ok()) return open_error(status, directory);
  families->db_.reset(db);
  std::ranges::copy(handles, families->handles_.begin());
  return families;
}

base::Result<void> RocksDbFamilies::check() const {
  const auto status = db_->VerifyChecksum();
  return status.ok() ? base::Result<void>{} : read_error(status);
}

RocksDbFamilies::~RocksDbFamilies() {
  if (!db_) return;
  if (flush_on_close_ && !failed_) {
    // Its failure loses nothing: the write-ahead log is still there and is replayed.
    db_->Flush(rocksdb::FlushOptions(), {handles_.begin(), handles_.end()}).PermitUncheckedError();
  }
  for (auto* family : handles_) db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
}

std::unique_ptr<WriteSet> RocksDbFamilies::write_set() const { return std::make_unique<RocksDbWriteSet>(handles_); }

base::Result<void> RocksDbFamilies::write(WriteSet& set) {
  auto& writes = static_cast<RocksDbWriteSet&>(set);
  count_nothing();
  auto status = writes.status;
  if (status.ok()) status = db_->Write(write_options_, &writes.batch);
  if (status.ok()) return {};
  failed_ = true;
  return write_error(status);
}

base::Result<void> RocksDbFamilies::sync() {
  const auto status = db_->SyncWAL();
  if (status.ok()) return {};
  failed_ = true;
  return write_error(status);
}

base::Result<std::optional<std::string>> RocksDbFamilies::get(Family family, std::string_view key) const {
  count_nothing();
  std::string value;
  const auto status = db_->Get(rocksdb::ReadOptions(), handle(family), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return read_error(status);
  return value;
}

base::Result<void> RocksDbFamilies::scan(Family family, std::string_view from, std::string_view to, bool backwards,
                                         const RowVisit& visit) const {
  count_nothing();
  const auto lower = slice(from);
  const auto upper = slice(to);
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  if (!to.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options, handle(family)));
  backwards ? at->SeekToLast() : at->SeekToFirst();
  while (at->Valid() && visit(view(at->key()), view(at->value()))) backwards ? at->Prev() : at->Next();
  const auto status = at->status();
  return status.ok() ? base::Result<void>{} : read_error(status);
}

std::unique_ptr<GroupCursor> RocksDbFamilies::groups(Family family, std::uint64_t from) const {
  return std::make_unique<RocksDbCursor>(*db_, handle(family), from);
}

std::vector<RocksDbFamilies::File> RocksDbFamilies::files(Family family) const {
  rocksdb::ColumnFamilyMetaData data;
  db_->GetColumnFamilyMetaData(handle(family), &data);
  std::vector<File> files;
  for (const auto& level : data.levels) {
    for (const auto& file : level.files) files.push_back({level.level, file.name, file.smallestkey, file.largestkey});
  }
  std::ranges::sort(files, {}, &File::first);
  return files;
}

/// Writes what is only in memory to a file when its oldest group is to be sealed.
base::Result<void> RocksDbFamilies::seal_memory(Family family, const GroupRule& seal) {
  const auto on_disk = files(family);
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions(), handle(family)));
  if (on_disk.empty()) {
    at->SeekToFirst();
  } else {
    at->Seek(on_disk.back().last + '\0');
  }
  if (!at->status().ok()) return read_error(at->status());
  if (!at->Valid() || !seal(read_be64(view(at->key())), view(at->value()))) return {};
  const auto status = db_->Flush(rocksdb::FlushOptions(), handle(family));
  return status.ok() ? base::Result<void>{} : write_error(status);
}

base::Result<std::optional<std::uint64_t>> RocksDbFamilies::plan_drop(Family family, const GroupRule& old,
                                                                      const GroupRule& seal) {
  if (auto sealed = seal_memory(family, seal); !sealed) return std::unexpected(sealed.error());
  std::optional<std::string> in_level_0;
  for (int round = 0; round < 2; ++round) {
    std::optional<std::string> last;
    in_level_0.reset();
    for (const auto& file : files(family)) {
      const auto group = get(family, file.last);
      if (!group) return std::unexpected(group.error());
      if (!*group || !old(read_be64(file.last), **group)) break;
      if (file.level == 0) {
        in_level_0 = file.last;
        break;
      }
      last = file.last;
    }
    if (!in_level_0 || round == 1) return last ? std::optional(read_be64(*last)) : std::nullopt;
    // Level 0 is no place to delete from: move the file down (its keys overlap nothing, so no byte is rewritten).
    const auto end = slice(*in_level_0);
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    const auto status = db_->CompactRange(options, handle(family), nullptr, &end);
    if (!status.ok()) return write_error(status);
  }
  return std::nullopt;
}

base::Result<std::uint64_t> RocksDbFamilies::drop(Family family, std::uint64_t last) {
  const auto end = be64(last);
  const auto to = slice(end);
  const rocksdb::Range range(slice({}), to);
  rocksdb::TablePropertiesCollection tables;
  auto status = db_->GetPropertiesOfTablesInRange(handle(family), &range, 1, &tables);
  if (status.ok()) status = rocksdb::DeleteFilesInRange(db_.get(), handle(family), nullptr, &to);
  if (!status.ok()) return write_error(status);
  const auto left = files(family);
  std::uint64_t groups = 0;
  for (const auto& [name, table] : tables) {
    const bool kept = std::ranges::any_of(left, [&](const File& file) { return name.ends_with(file.name); });
    groups += kept ? 0 : table->num_entries;
  }
  return groups;
}

std::uint64_t RocksDbFamilies::bytes(Family family) const {
  std::uint64_t bytes = 0;
  return db_->GetIntProperty(handle(family), rocksdb::DB::Properties::kTotalSstFilesSize, &bytes) ? bytes : 0;
}

}  // namespace lenne::storage::embedded
