// A child process commits in a loop and says on a pipe what was acknowledged; it is killed, and all of that must be
// there.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "storage/rocksdb/rocksdb_log.hpp"
#include "tests/unit/storage/conformance_fixture.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::storage::conformance {
namespace {

constexpr const char* kDirectory = "LENNE_CRASH_DIRECTORY";
constexpr const char* kPipe = "LENNE_CRASH_PIPE";
constexpr const char* kChild = "RocksDbCrash.DISABLED_Child";

/// Small buffers: the kills shall also hit flushes, compactions and changes of the write-ahead log.
RocksDbSettings settings(const std::string& directory) {
  return {.directory = directory,
          .network_partitions = kPartitions,
          .wal_limit = std::size_t{256} << 10,
          .write_buffer = std::size_t{128} << 10,
          .limits = {.handover_bytes = std::size_t{64} << 10}};
}

/// Commit number n, 0, 1, 2, …: one event and one aggregate (the number), state, and one more position.
Batch commit_of(std::uint64_t n) {
  Batch batch;
  batch.append(Topic::event, 1, "menden", "k", std::to_string(n));
  batch.append(Topic::alert, 2, "menden", "last", std::to_string(n));
  batch.put(Store::device, 0, "done", std::to_string(n + 1));
  batch.put(Store::pane, 3, std::to_string(n % 7), std::to_string(n) + std::string(n % 500, 'x'));
  return batch;
}

struct Found {
  std::uint64_t inputs = 0;
  std::uint64_t done = 0;
};

/// Reads all and checks that it is the work of whole commits.
Found examine(Log& log) {
  Found found;
  const auto inputs = log.reader({Topic::network_in}).value();
  EXPECT_TRUE(inputs->seek({SeekTo::Where::beginning}).has_value());
  for (const auto& record : drain(*inputs)) EXPECT_EQ(record.value, std::to_string(found.inputs++));
  found.done = std::stoull(log.state().get(Store::device, 0, "done").value().value_or("0"));
  const auto outputs = log.reader({Topic::event}).value();
  EXPECT_TRUE(outputs->seek({SeekTo::Where::beginning}).has_value());
  std::uint64_t events = 0;
  for (const auto& record : drain(*outputs)) EXPECT_EQ(record.value, std::to_string(events++));
  EXPECT_EQ(events, found.done);
  const auto last = log.reader({Topic::alert}).value();
  EXPECT_TRUE(last->seek({SeekTo::Where::beginning}).has_value());
  const auto aggregates = folded(drain(*last));
  if (found.done > 0) {
    EXPECT_EQ(aggregates.at("menden/last"), std::to_string(found.done - 1));
  }
  const auto consumer = log.consumer({"loop", {Topic::network_in}, {}}).value();
  const auto rest = drain(*consumer);
  EXPECT_EQ(rest.size(), found.inputs - found.done);
  if (!rest.empty()) {
    EXPECT_EQ(rest.front().value, std::to_string(found.done));
  }
  return found;
}

/// Not a test: what the child runs until it is killed. Two threads, so that writes are merged.
TEST(RocksDbCrash, DISABLED_Child) {
  const char* directory = std::getenv(kDirectory);
  const char* pipe = std::getenv(kPipe);
  ASSERT_TRUE(directory != nullptr && pipe != nullptr);
  const int out = std::atoi(pipe);
  const auto say = [out](char what, std::uint64_t n) {
    const auto line = what + std::to_string(n) + "\n";
    if (::write(out, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
  };
  const base::SystemClock clock;
  base::Counters counters;
  const auto log = RocksDbLog::open(settings(directory), clock, counters).value();
  const auto start = examine(*log);
  std::thread ingest([&] {
    for (auto n = start.inputs;; ++n) {
      Batch batch;
      batch.append(Topic::network_in, 0, "", "k", std::to_string(n));
      if (!log->append(batch)) std::abort();
      say('a', n);
    }
  });
  const auto consumer = log->consumer({"loop", {Topic::network_in}, {}}).value();
  auto next = start.done;
  for (;;) {
    const auto poll = consumer->poll(std::chrono::seconds{1}, 1);
    if (!poll) std::abort();
    if (poll->records.empty()) continue;
    if (poll->records[0].value != std::to_string(next)) std::abort();
    if (!consumer->commit(commit_of(next))) std::abort();
    say('c', next++);
  }
}

struct Child {
  pid_t process;
  int pipe;
};

Child start_child(const std::string& directory) {
  int ends[2];
  if (::pipe(ends) != 0) std::abort();
  const auto pipe = std::to_string(ends[1]);
  const std::string filter = std::string("--gtest_filter=") + kChild;
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(ends[0]);
    ::setenv(kDirectory, directory.c_str(), 1);
    ::setenv(kPipe, pipe.c_str(), 1);
    const int silence = ::open("/dev/null", O_WRONLY);
    ::dup2(silence, 1);
    ::execl("/proc/self/exe", "child", filter.c_str(), "--gtest_also_run_disabled_tests", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(ends[1]);
  return {process, ends[0]};
}

/// What the child has acknowledged: one more than the highest number of appends and of commits.
class Acknowledged {
 public:
  /// Reads what is there, waiting for the first byte. False at the end.
  bool read_some(int pipe) {
    char buffer[4096];
    const auto size = ::read(pipe, buffer, sizeof buffer);
    if (size <= 0) return false;
    text_.append(buffer, static_cast<std::size_t>(size));
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      auto& count = text_[0] == 'a' ? appends : commits;
      count = std::stoull(text_.substr(1, end - 1)) + 1;
      ++lines;
      text_.erase(0, end + 1);
    }
    return true;
  }
  std::uint64_t appends = 0;
  std::uint64_t commits = 0;
  std::uint64_t lines = 0;

 private:
  std::string text_;
};

TEST(RocksDbCrash, WhatWasAcknowledgedSurvivesAKill) {
  constexpr int kRounds = 24;
  const ScratchDirectory directory;
  const base::SystemClock clock;
  base::Counters counters;
  base::Random random(20261124);
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const auto child = start_child(directory.path());
    Acknowledged acknowledged;
    const auto enough = 1 + random.below(60);
    while (acknowledged.lines < enough && acknowledged.read_some(child.pipe)) {
    }
    if (round == 0) {
      const auto second = RocksDbLog::open(settings(directory.path()), clock, counters);
      ASSERT_FALSE(second.has_value());
      EXPECT_EQ(second.error().code, "directory_in_use");
    }
    ::kill(child.process, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child.process, &status, 0), child.process);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    while (acknowledged.read_some(child.pipe)) {
    }
    ::close(child.pipe);
    const auto log = RocksDbLog::open(settings(directory.path()), clock, counters);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    const auto found = examine(**log);
    EXPECT_GE(found.inputs, acknowledged.appends);
    EXPECT_LE(found.inputs, acknowledged.appends + (acknowledged.appends == 0 ? found.inputs : 1));
    EXPECT_GE(found.done, acknowledged.commits);
  }
}

std::filesystem::path newest_wal(const std::filesystem::path& directory) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".log" && entry.path().filename() > newest.filename()) newest = entry.path();
  }
  return newest;
}

TEST(RocksDbCrash, ATornEndOfTheWriteAheadLogReopensToAPrefix) {
  const ScratchDirectory directory;
  const base::ManualClock clock(kStart);
  base::Counters counters;
  constexpr std::uint64_t kCommits = 40;
  auto open = settings(directory.path() + "/data");
  open.wal_limit = std::size_t{24} << 20;
  open.write_buffer = std::size_t{16} << 20;
  open.flush_on_close = false;
  {
    const auto log = RocksDbLog::open(open, clock, counters).value();
    Batch inputs;
    for (std::uint64_t n = 0; n < kCommits; ++n) inputs.append(Topic::network_in, 0, "", "k", std::to_string(n));
    ASSERT_TRUE(log->append(inputs).has_value());
    const auto consumer = log->consumer({"loop", {Topic::network_in}, {}}).value();
    for (std::uint64_t n = 0; n < kCommits;) {
      const auto poll = consumer->poll(Duration{0}, 1);
      ASSERT_TRUE(poll.has_value());
      if (poll->records.empty()) continue;
      ASSERT_TRUE(consumer->commit(commit_of(n++)).has_value());
    }
  }
  std::uint64_t before = kCommits + 1;
  for (const std::uintmax_t cut : {0U, 1U, 7U, 40U, 150U, 400U, 1000U, 3000U}) {
    SCOPED_TRACE("without the last " + std::to_string(cut) + " bytes");
    const auto copy = directory.path() + "/copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(open.directory, copy, std::filesystem::copy_options::recursive);
    const auto wal = newest_wal(copy);
    std::filesystem::resize_file(wal, std::filesystem::file_size(wal) - cut);
    auto torn = open;
    torn.directory = copy;
    const auto log = RocksDbLog::open(torn, clock, counters);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    const auto found = examine(**log);
    EXPECT_EQ(found.inputs, kCommits);
    EXPECT_LE(found.done, before);
    if (cut == 0) {
      EXPECT_EQ(found.done, kCommits);
    } else {
      EXPECT_LT(found.done, kCommits);
    }
    before = found.done;
    Batch batch;
    batch.append(Topic::network_in, 0, "", "k", std::to_string(kCommits));
    EXPECT_TRUE((*log)->append(batch).has_value());  // and goes on from there
  }
  EXPECT_GT(before, 0U);
}

}  // namespace
}  // namespace lenne::storage::conformance
