#pragma once
// A log that remembers what it was given and fails when it is told to: what ingest needs of one, and no more.

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/log.hpp"

namespace lenne::ingest::testing {

class FakeLog final : public storage::Log, public storage::StateReader {
 public:
  struct Kept {
    storage::Topic topic;
    std::uint32_t partition;
    std::string key;
    std::string value;
    bool tombstone;
  };

  explicit FakeLog(std::uint32_t partitions = 16) : partitions_(partitions) {}

  // what a test says and sees
  void fail_appends(bool fail, std::string code = "disk_full") {
    set([&] { fail_appends_ = fail; });
    set([&] { append_code_ = std::move(code); });
  }
  void fail_puts(bool fail) {
    set([&] { fail_puts_ = fail; });
  }
  /// Called inside each append, before the records can be read.
  void on_append(std::function<void()> hook) {
    set([&] { hook_ = std::move(hook); });
  }
  [[nodiscard]] std::vector<Kept> all(storage::Topic topic) const {
    const std::lock_guard lock(mutex_);
    std::vector<Kept> found;
    std::copy_if(records_.begin(), records_.end(), std::back_inserter(found),
                 [&](const Kept& k) { return k.topic == topic; });
    return found;
  }
  [[nodiscard]] std::size_t count(storage::Topic topic) const { return all(topic).size(); }
  [[nodiscard]] std::size_t puts() const {
    const std::lock_guard lock(mutex_);
    return puts_;
  }
  void add(storage::Topic topic, std::string key, std::string value, bool tombstone = false) {
    set([&] { records_.push_back({topic, 0, std::move(key), std::move(value), tombstone}); });
  }

  // Log
  base::Result<storage::Committed> append(const storage::Batch& batch) override {
    std::function<void()> hook;
    {
      const std::lock_guard lock(mutex_);
      hook = hook_;
    }
    if (hook) hook();
    {
      const std::lock_guard lock(mutex_);
      if (fail_appends_) return base::fail(append_code_, "as told");
      for (std::size_t i = 0; i < batch.appends(); ++i) {
        const auto a = batch.append_at(i);
        records_.push_back({a.topic, a.partition, std::string(a.key), std::string(a.value), a.tombstone});
      }
    }
    changed_.notify_all();
    return storage::Committed{};
  }
  base::Result<void> put_state(const storage::Batch& batch) override {
    const std::lock_guard lock(mutex_);
    if (fail_puts_) return base::fail("disk_full", "as told");
    ++puts_;
    for (std::size_t i = 0; i < batch.changes(); ++i) {
      const auto c = batch.change_at(i);
      if (c.erase) {
        state_.erase({c.store, std::string(c.key)});
      } else {
        state_[{c.store, std::string(c.key)}] = c.value;
      }
    }
    return {};
  }
  base::Result<std::unique_ptr<storage::Consumer>> consumer(const storage::ConsumerSpec&) override {
    return base::fail("log_read", "not here");
  }
  base::Result<std::unique_ptr<storage::Reader>> reader(std::vector<storage::Topic> topics, std::string) override {
    return std::unique_ptr<storage::Reader>(std::make_unique<FakeReader>(*this, std::move(topics)));
  }
  const storage::StateReader& state() const override { return *this; }
  base::Result<std::uint64_t> retain(base::Timestamp) override { return std::uint64_t{0}; }
  base::Result<void> forget(std::string_view) override { return {}; }
  base::Result<storage::TopicDescription> describe(storage::Topic topic) const override {
    return storage::TopicDescription{topic, {}, 0};
  }
  std::uint32_t network_partitions() const override { return partitions_; }
  std::optional<base::Error> failure() const override { return {}; }

  // StateReader
  base::Result<std::optional<std::string>> get(storage::Store store, std::uint32_t,
                                               std::string_view key) const override {
    const std::lock_guard lock(mutex_);
    const auto found = state_.find({store, std::string(key)});
    return found == state_.end() ? std::optional<std::string>{} : std::optional(found->second);
  }
  base::Result<void> scan(storage::Store store, std::uint32_t, std::string_view from, std::string_view to,
                          const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    const std::lock_guard lock(mutex_);
    for (auto it = state_.lower_bound({store, std::string(from)}); it != state_.end() && it->first.first == store;
         ++it) {
      if (!to.empty() && it->first.second >= to) break;
      if (!visit(it->first.second, it->second)) break;
    }
    return {};
  }
  base::Result<void> scan_back(storage::Store, std::uint32_t, std::string_view, std::string_view,
                               const std::function<bool(std::string_view, std::string_view)>&) const override {
    return base::fail("log_read", "not here");
  }

 private:
  class FakeReader final : public storage::Reader {
   public:
    FakeReader(FakeLog& log, std::vector<storage::Topic> topics) : log_(log), topics_(std::move(topics)) {}
    base::Result<storage::Poll> poll(base::Duration patience, std::size_t most) override {
      auto kept = std::make_shared<std::vector<Kept>>();
      std::unique_lock lock(log_.mutex_);
      log_.changed_.wait_for(lock, patience, [&] { return take(*kept, most); });
      lock.unlock();
      storage::Poll poll;
      for (const auto& k : *kept)
        poll.records.push_back({k.topic, k.partition, 0, {}, {}, k.key, k.value, k.tombstone});
      poll.memory = kept;
      return poll;
    }
    base::Result<void> seek(const storage::SeekTo& to) override {
      const std::lock_guard lock(log_.mutex_);
      at_ = to.where == storage::SeekTo::Where::beginning ? 0 : log_.records_.size();
      return {};
    }
    std::string position() const override { return std::to_string(at_); }

   private:
    bool take(std::vector<Kept>& out, std::size_t most) {
      for (; at_ < log_.records_.size() && out.size() < most; ++at_) {
        const auto& record = log_.records_[at_];
        if (std::find(topics_.begin(), topics_.end(), record.topic) != topics_.end()) out.push_back(record);
      }
      return !out.empty();
    }
    FakeLog& log_;
    std::vector<storage::Topic> topics_;
    std::size_t at_ = 0;
  };

  void set(const std::function<void()>& change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }

  const std::uint32_t partitions_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Kept> records_;
  std::map<std::pair<storage::Store, std::string>, std::string> state_;
  std::function<void()> hook_;
  std::string append_code_;
  bool fail_appends_ = false;
  bool fail_puts_ = false;
  std::size_t puts_ = 0;
};

}  // namespace lenne::ingest::testing
