// What a commit costs: groups of 150 uplinks as the network step writes them (an event, a measurement, a reception and
// a session row each, 59 tenants), the reader that follows, and a replay. CPU time of the whole process, background
// work too.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "storage/memory/memory_log.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"
#include "tests/bench/processor_time.hpp"

namespace lenne::storage {
namespace {

constexpr int kGroup = 150;
constexpr std::uint64_t kDevices = 50'000;
constexpr std::uint32_t kPartitions = 16;

std::string bytes(base::Random& random, std::size_t size) {  // half of it repeats, as Protobuf does
  std::string text(size, 'f');
  for (std::size_t i = 0; i < size; i += 2) text[i] = static_cast<char>(random.below(256));
  return text;
}

Batch group(base::Random& random) {
  Batch batch;
  for (int i = 0; i < kGroup; ++i) {
    const auto device = random.below(kDevices);
    const auto key = "device" + std::to_string(device * 0x9e3779b97f4a7c15ULL);
    const auto partition = static_cast<std::uint32_t>(device % kPartitions);
    const auto tenant = "tenant" + std::to_string(device % 59);
    batch.append(Topic::event, partition, tenant, key, bytes(random, 73));
    batch.append(Topic::event, partition, tenant, key, bytes(random, 102));
    batch.append(Topic::measurement, partition, tenant, key, bytes(random, 101));
    batch.put(Store::device, partition, key, bytes(random, 193));
  }
  return batch;
}

struct Place {
  explicit Place(bool rocksdb, bool sync) {
    std::string path = (std::filesystem::temp_directory_path() / "lenne-bench-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) std::abort();
    directory = path;
    log = rocksdb ? RocksDbLog::open({.directory = path, .sync = sync}, clock, counters).value()
                  : std::make_unique<MemoryLog>(kPartitions, clock);
  }
  ~Place() {
    log.reset();
    std::filesystem::remove_all(directory);
  }
  base::SystemClock clock;
  base::Counters counters;
  std::filesystem::path directory;
  std::unique_ptr<Log> log;
};

/// Arguments: back end (0 memory, 1 RocksDB), sync, with a tailing reader.
void commit_groups(benchmark::State& state) {
  Place place(state.range(0) == 1, state.range(1) == 1);
  base::Random random(1);
  std::vector<Batch> batches;
  for (int i = 0; i < 64; ++i) batches.push_back(group(random));
  const auto consumer = place.log->consumer({"network", {Topic::network_in}, {}}).value();
  const auto reader = place.log->reader({Topic::measurement}).value();
  std::size_t next = 0;
  std::size_t read = 0;
  const double before = bench::processor_seconds();
  for (auto _ : state) {
    if (!consumer->commit(batches[next++ % batches.size()])) std::abort();
    if (state.range(2) == 1) read += reader->poll(Duration{0}, 1000)->records.size();
  }
  const auto uplinks = static_cast<double>(state.iterations()) * kGroup;
  state.counters["cpu_us_per_uplink"] = (bench::processor_seconds() - before) * 1e6 / uplinks;
  state.counters["uplinks_per_s"] = benchmark::Counter(uplinks, benchmark::Counter::kIsRate);
  benchmark::DoNotOptimize(read);
}
BENCHMARK(commit_groups)
    ->ArgNames({"rocksdb", "sync", "reader"})
    ->Args({0, 0, 0})
    ->Args({1, 0, 0})
    ->Args({1, 0, 1})
    ->Args({1, 1, 0})
    ->Iterations(2000)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

/// Reads all measurements of 2,000 groups from the disk's files.
void replay(benchmark::State& state) {
  Place place(true, false);
  base::Random random(1);
  for (int i = 0; i < 2000; ++i) {
    Batch appends;
    const auto batch = group(random);
    for (std::size_t j = 0; j < batch.appends(); ++j) {
      const auto a = batch.append_at(j);
      appends.append(a.topic, a.partition, a.tenant, a.key, a.value);
    }
    if (!place.log->append(appends)) std::abort();
  }
  double uplinks = 0;
  for (auto _ : state) {
    const auto reader = place.log->reader({Topic::measurement}).value();
    if (!reader->seek({SeekTo::Where::beginning})) std::abort();
    for (;;) {
      const auto poll = reader->poll(Duration{0}, 5000);
      if (poll->records.empty()) break;
      uplinks += static_cast<double>(poll->records.size());
    }
  }
  state.counters["uplinks_per_s"] = benchmark::Counter(uplinks, benchmark::Counter::kIsRate);
}
BENCHMARK(replay)->Iterations(3)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lenne::storage

BENCHMARK_MAIN();
