#pragma once
// A file system for RocksDB that fails at a given operation, and that forgets what was not synced when the power goes.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace lenne::storage::conformance {

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  enum class Fault { io, no_space };

  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  /// The n-th append or sync from now on fails, and all after it; an append that fails writes half. 0: none fails.
  void fail_operation(std::uint64_t n, Fault fault = Fault::io) {
    const std::lock_guard lock(mutex_);
    fail_at_ = n == 0 ? 0 : operations_ + n;
    fault_ = fault;
  }

  /// Cuts every file to what was synced of it. Nobody has them open.
  void lose_power() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, synced] : synced_) {
      std::error_code error;
      const auto size = std::filesystem::file_size(name, error);
      if (!error && size > synced) std::filesystem::resize_file(name, synced, error);
    }
    synced_.clear();
  }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto status = target()->NewWritableFile(name, options, &file, debug);
    if (status.ok()) {
      const std::lock_guard lock(mutex_);
      synced_[name] = 0;
      *result = std::make_unique<File>(*this, name, std::move(file));
    }
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    auto status = target()->RenameFile(from, to, options, debug);
    const std::lock_guard lock(mutex_);
    if (const auto found = synced_.find(from); status.ok() && found != synced_.end()) {
      synced_[to] = found->second;
      synced_.erase(from);
    }
    return status;
  }

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(FaultyFileSystem& system, std::string name, std::unique_ptr<rocksdb::FSWritableFile>&& file)
        : FSWritableFileOwnerWrapper(std::move(file)), system_(system), name_(std::move(name)) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      auto fault = system_.step();
      const rocksdb::Slice half(data.data(), fault.ok() ? data.size() : data.size() / 2);
      auto status = target()->Append(half, options, debug);
      size_ += half.size();
      return fault.ok() ? status : fault;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return synced(system_.step(), options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return synced(system_.step(), options, debug);
    }

   private:
    rocksdb::IOStatus synced(rocksdb::IOStatus fault, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) {
      if (!fault.ok()) return fault;
      auto status = target()->Fsync(options, debug);
      if (status.ok()) system_.note_synced(name_, size_);
      return status;
    }
    FaultyFileSystem& system_;
    const std::string name_;
    std::uint64_t size_ = 0;
  };

  rocksdb::IOStatus step() {
    const std::lock_guard lock(mutex_);
    ++operations_;
    if (fail_at_ == 0 || operations_ < fail_at_) return rocksdb::IOStatus::OK();
    return fault_ == Fault::no_space ? rocksdb::IOStatus::NoSpace("injected") : rocksdb::IOStatus::IOError("injected");
  }
  void note_synced(const std::string& name, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    synced_[name] = size;
  }

  std::mutex mutex_;
  std::uint64_t operations_ = 0;
  std::uint64_t fail_at_ = 0;
  Fault fault_ = Fault::io;
  std::map<std::string, std::uint64_t> synced_;
};

}  // namespace lenne::storage::conformance
