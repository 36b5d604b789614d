// The windows on Kafka with the load of a benchmark of Kafka Streams: count, sum, minimum, maximum and sum of squares
// of each (site, metric) in windows of 1 and 10 minutes, and of an hour each 10 minutes; exactly once, with a
// changelog. It differs from what runs in `lenne serve` in how records are read and results written, and in that each
// record's own time moves the watermark, as Kafka Streams has it.
//
//   bench_kstreams BROKERS PREFIX PARTITIONS
//
// Topic <PREFIX>int.measurement: key {u32 site, u32 metric}, value {u32 site, u32 metric, i64 time in ms, f64 value}.
// Topic <PREFIX>int.event.v1: key {u8 minutes, i64 start in ms, u32 site, u32 metric}, value {i64 count, f64 sum, f64
// min, f64 max, f64 sum of squares}. All big-endian. Values are multiples of 1/4: a double holds every sum exactly.
// It ends when all that is there is committed, and prints a line of JSON. After a kill the next one goes on.

#include <fmt/format.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "processing/window_processor.hpp"
#include "processing/worker.hpp"
#include "storage/kafka/kafka_log.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"
#include "tests/bench/processor_time.hpp"

namespace lenne::processing {
namespace {

constexpr int kExponent = -2;  // a quarter is 25 steps
constexpr double kStepsPerUnit = 100;
constexpr std::size_t kMost = 32'768;  // records of a commit

class BenchFormat final : public WindowFormat {
 public:
  [[nodiscard]] bool read(const storage::Record& record, v1::Measurement& into) const override {
    if (record.value.size() != 24) return false;
    const auto* bytes = base::as_bytes(record.value).data();
    const auto metric = base::read_be<std::uint32_t>(std::span(bytes + 4, 4));
    const auto time_us = static_cast<std::int64_t>(base::read_be<std::uint64_t>(std::span(bytes + 8, 8))) * 1000;
    const auto value = std::bit_cast<double>(base::read_be<std::uint64_t>(std::span(bytes + 16, 8)));
    into.set_dev_eui(base::read_be<std::uint32_t>(std::span(bytes, 4)));
    into.set_received_us(time_us);
    auto& sample = into.samples_size() == 0 ? *into.add_samples() : *into.mutable_samples(0);
    sample.mutable_measure()->assign(fmt::format_int(metric).c_str());
    sample.set_kind(v1::KIND_GAUGE);
    sample.set_exponent(kExponent);
    sample.set_value(static_cast<std::int64_t>(value * kStepsPerUnit));
    sample.set_time_us(time_us);
    return true;
  }

  [[nodiscard]] bool may_repeat() const noexcept override { return false; }

  void write(const SeriesResult& result, std::uint32_t /*revision*/, std::int64_t /*emitted_us*/,
             const WindowSettings& /*settings*/, std::uint32_t partition, storage::Batch& out) const override {
    const auto& state = std::get<GaugeState>(result.folded.state);
    std::array<std::uint8_t, 17> key;
    key[0] = static_cast<std::uint8_t>(result.window.length_s / 60);
    base::write_be(&key[1], static_cast<std::uint64_t>(result.window.start_us / 1000));
    base::write_be(&key[9], static_cast<std::uint32_t>(result.newest->dev_eui));
    base::write_be(&key[13], static_cast<std::uint32_t>(std::stoul(result.definition->measure)));
    std::array<std::uint8_t, 40> value;
    base::write_be(value.data(), state.count);
    const auto number = [&](std::size_t at, double x) { base::write_be(&value[at], std::bit_cast<std::uint64_t>(x)); };
    number(8, static_cast<double>(state.sum) / kStepsPerUnit);
    number(16, static_cast<double>(state.min.value) / kStepsPerUnit);
    number(24, static_cast<double>(state.max.value) / kStepsPerUnit);
    number(32, static_cast<double>(state.sum_squares) / (kStepsPerUnit * kStepsPerUnit));
    out.append(storage::Topic::event, partition, {}, base::as_text(key), base::as_text(value));
  }

  void write_time(std::int64_t, std::uint32_t, storage::Batch&) const override {}  // the peer joins no partitions
};

template <typename T>
T required(base::Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}: {}\n", result.error().code, result.error().message);
  std::exit(1);
}

long resident_kib(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::atol(line.c_str() + name.size());
  }
  return 0;
}

/// The sum of the offsets in a consumer's position.
std::uint64_t read_until(const std::string& position) {
  std::uint64_t sum = 0;
  for (std::size_t from = 0; from < position.size();) {
    const auto end = std::min(position.find('_', from), position.size());
    sum += std::stoull(position.substr(position.rfind('.', end) + 1, end));
    from = end + 1;
  }
  return sum;
}

int run(const std::string& brokers, const std::string& prefix, std::uint32_t partitions) {
  std::string path = (std::filesystem::temp_directory_path() / "lenne-bench-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) return 1;
  const base::SystemClock clock;
  base::Counters counters;
  {
    storage::RocksDbSettings local;
    local.directory = path;
    local.sync = false;
    storage::KafkaSettings kafka;
    kafka.bootstrap = brokers;
    kafka.prefix = prefix;
    kafka.network_partitions = partitions;
    kafka.public_topics = false;
    const auto log =
        required(storage::KafkaLog::open(kafka, required(storage::RocksDbLog::families(local)), clock, counters));

    WindowSettings settings;
    settings.windows_s = {60, 600};
    settings.hopping = {{3600, 600}};
    settings.watermark_delay = {};
    settings.grace = std::chrono::seconds{120};
    settings.spread = false;
    settings.horizon = base::Duration{};
    const BenchFormat format;
    WindowProcessor windows(settings, counters, {.pane_bytes = std::size_t{48} << 20}, format);
    const auto consumer = required(log->consumer({"windows", {storage::Topic::measurement}}));
    Worker worker("windows", *consumer, windows, log->state(), clock, counters,
                  [](std::span<const std::uint32_t>) { return base::Result<void>{}; });

    std::uint64_t done = 0;
    double began_s = 0;
    base::Duration began{};
    std::uint64_t all = 0;
    for (const auto& partition : required(log->describe(storage::Topic::measurement)).partitions) all += partition.end;
    while (read_until(consumer->position()) < all) {
      const auto handled = worker.run_once(std::chrono::milliseconds{100}, kMost);
      if (!handled && worker.state() == WorkerState::failed) required(handled);
      if (done == 0) {  // what it waits for until it is given partitions is the broker's
        began = clock.monotonic();
        began_s = bench::processor_seconds();
      }
      done += handled.value_or(0);
    }
    const auto seconds = std::chrono::duration<double>(clock.monotonic() - began).count();
    const auto cpu_s = bench::processor_seconds() - began_s;
    fmt::print(
        R"({{"run":"lenne","records":{},"commits":{},"finals":{},"late":{},"s":{:.2f},"records_per_s":{:.0f},"cpu_s_per_million":{:.3f},"rss_mib":{},"rss_peak_mib":{}}})"
        "\n",
        done, counters.value("worker.windows.commits"), counters.value("windows.finals"),
        counters.value("windows.late"), seconds, static_cast<double>(done) / seconds,
        cpu_s * 1e6 / static_cast<double>(done), resident_kib("VmRSS:") / 1024, resident_kib("VmHWM:") / 1024);
    std::fflush(stdout);
  }
  std::filesystem::remove_all(path);
  return 0;
}

}  // namespace
}  // namespace lenne::processing

int main(int count, char** arguments) {
  if (count != 4) {
    fmt::print(stderr, "usage: bench_kstreams BROKERS PREFIX PARTITIONS\n");
    return 2;
  }
  return lenne::processing::run(arguments[1], arguments[2], static_cast<std::uint32_t>(std::stoul(arguments[3])));
}
