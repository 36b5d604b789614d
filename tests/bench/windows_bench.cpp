// From the log to windows: half a day of 10,000 devices (gauges, parking bays, meters, each with its lost uplinks), as
// the network step writes them, read from the disk's files by the windows' worker. CPU time of the whole process,
// background work too.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/slot.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "processing/window_processor.hpp"
#include "processing/worker.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"
#include "tests/bench/processor_time.hpp"

namespace lenne::processing {
namespace {

constexpr std::uint64_t kDevices = 10'000;
constexpr std::uint32_t kPartitions = 16;
constexpr std::int64_t kBegin = 1'792'886'400LL * base::kSecondUs;  // 2026-10-25T00:00:00Z
constexpr std::int64_t kSpan = 12 * 3600 * base::kSecondUs;
constexpr std::size_t kMost = 4'000;

/// What a device of its kind sends: every tenth is a meter, every fifth a parking bay.
struct Device {
  std::uint64_t eui;
  std::uint64_t number;
  [[nodiscard]] bool is_meter() const { return number % 10 == 0; }
  [[nodiscard]] bool is_bay() const { return number % 5 == 1; }
  [[nodiscard]] std::uint32_t interval_s() const { return is_meter() ? 3600 : is_bay() ? 1800 : 900; }
};

void add(v1::Measurement& to, const char* measure, v1::Kind kind, std::int32_t exponent, std::int64_t value) {
  auto& sample = *to.add_samples();
  sample.set_measure(measure);
  sample.set_kind(kind);
  sample.set_exponent(exponent);
  sample.set_value(value);
  sample.set_time_us(to.received_us());
  sample.set_index(static_cast<std::uint32_t>(to.samples_size() - 1));
}

v1::Measurement measured(const Device& device, std::int64_t at, std::uint32_t f_cnt, base::Random& random) {
  v1::Measurement m;
  m.set_uplink_id(random.below(UINT64_MAX));
  m.set_dev_eui(device.eui);
  m.set_tenant("tenant" + std::to_string(device.number % 59));
  m.set_device_name("device " + std::to_string(device.number));
  m.set_received_us(at);
  m.set_session(device.eui);
  m.set_f_cnt(f_cnt);
  m.set_nominal_interval_s(device.interval_s());
  if (device.is_meter()) {
    add(m, "water_volume", v1::KIND_COUNTER, -3, f_cnt * 100LL);
  } else if (device.is_bay()) {
    add(m, "parking_occupied", v1::KIND_STATE, 0, static_cast<std::int64_t>(random.below(2)));
  } else {
    add(m, "temperature", v1::KIND_GAUGE, -6, static_cast<std::int64_t>(random.below(30'000'000)));
    add(m, "humidity", v1::KIND_GAUGE, -6, static_cast<std::int64_t>(random.below(100'000'000)));
  }
  add(m, "uplinks_lost", v1::KIND_EVENT, 0, 0);
  return m;
}

/// Appends everything in the order of time; returns the number of uplinks.
std::size_t fill(storage::Log& log) {
  base::Random random(1);
  std::vector<std::tuple<std::int64_t, std::uint64_t, std::uint32_t>> uplinks;  // time, device, FCnt
  std::vector<Device> devices;
  for (std::uint64_t i = 0; i < kDevices; ++i) {
    devices.push_back({0x70b3d50000000000ULL | random.below(1ULL << 40), i});
    const auto interval = std::int64_t{devices.back().interval_s()} * base::kSecondUs;
    auto at = kBegin + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(interval)));
    for (std::uint32_t f_cnt = 0; at < kBegin + kSpan; at += interval) uplinks.emplace_back(at, i, f_cnt++);
  }
  std::ranges::sort(uplinks);
  storage::Batch batch;
  for (const auto& [at, device, f_cnt] : uplinks) {
    const auto partition = base::partition_of(base::slot_of(base::DevEui{devices[device].eui}), kPartitions);
    batch.append(storage::Topic::measurement, partition, "tenant" + std::to_string(device % 59), std::to_string(device),
                 measured(devices[device], at, f_cnt, random).SerializeAsString());
    if (batch.appends() < 150) continue;
    if (!log.append(batch)) std::abort();
    batch.clear();
  }
  if (!log.append(batch)) std::abort();
  return uplinks.size();
}

/// Bytes of key and value for each gauge and event in the stored panes of devices that have nothing else.
double bytes_of_a_bag(const storage::StateReader& state) {
  std::size_t bytes = 0;
  int bags = 0;
  for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
    const auto read =
        state.scan(storage::Store::pane, partition, {}, {}, [&](std::string_view key, std::string_view value) {
          v1::DevicePane pane;
          if (!pane.ParseFromArray(value.data(), static_cast<int>(value.size()))) std::abort();
          if (std::ranges::any_of(pane.series(), [](const auto& series) { return series.sequence_size() > 0; }))
            return true;
          bytes += key.size() + value.size();
          bags += pane.series_size();
          return true;
        });
    if (!read) std::abort();
  }
  return static_cast<double>(bytes) / bags;
}

void log_to_windows(benchmark::State& state) {
  std::string path = (std::filesystem::temp_directory_path() / "lenne-bench-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) std::abort();
  const base::ManualClock clock(base::from_us(kBegin));
  base::Counters counters;
  auto log = storage::RocksDbLog::open({.directory = path, .sync = false}, clock, counters).value();
  const auto uplinks = static_cast<double>(fill(*log));
  const auto before = bench::processor_seconds();
  const auto workers = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    std::atomic<std::size_t> done{0};
    const auto work = [&](std::uint32_t number) {
      WindowProcessor windows({}, counters, {.pane_bytes = WindowBounds{}.pane_bytes / workers});
      std::vector<std::uint32_t> own;
      for (auto partition = number; partition < kPartitions; partition += workers) own.push_back(partition);
      const auto consumer = log->consumer({"windows", {storage::Topic::measurement}, own}).value();
      Worker worker("windows", *consumer, windows, log->state(), clock, counters,
                    [](std::span<const std::uint32_t>) { return base::Result<void>{}; });
      while (static_cast<double>(done) < uplinks) done += worker.run_once({}, kMost).value();
    };
    std::vector<std::jthread> threads;
    for (std::uint32_t number = 0; number < workers; ++number) threads.emplace_back(work, number);
  }
  state.counters["uplinks_per_s"] = benchmark::Counter(uplinks, benchmark::Counter::kIsRate);
  state.counters["cpu_us_per_uplink"] = (bench::processor_seconds() - before) * 1e6 / uplinks;
  state.counters["finals"] = static_cast<double>(counters.value("windows.finals"));
  state.counters["bytes_of_a_bag"] = bytes_of_a_bag(log->state());
  log.reset();
  std::filesystem::remove_all(path);
}
BENCHMARK(log_to_windows)->Arg(1)->Arg(2)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lenne::processing

BENCHMARK_MAIN();
