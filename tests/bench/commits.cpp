// How long a network step's commit on Kafka takes when it has something of each of so many tenants: for each tenant one
// event, one measurement and one changed row, and so two records in topics of its own. Prints a line of JSON,
// milliseconds.
//   commits BROKERS PREFIX TENANTS COMMITS REST_MS
// The parts: `records` until all records are taken (a transaction's partitions are announced before, and the broker
// checks each), `positions` (the coordinator takes the group's, once the markers of the last transaction are written),
// `end`.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lenne/v1/event.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "storage/kafka/kafka_log.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace {

using namespace lenne;
using namespace lenne::storage;
using Steady = std::chrono::steady_clock;

constexpr std::uint32_t kPartitions = 16;
constexpr std::size_t kPayload = 20;
constexpr int kWarm = 20;  ///< commits that are not measured

/// A quantile of milliseconds.
double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.at(std::min(values.size() - 1, static_cast<std::size_t>(static_cast<double>(values.size()) * share)));
}

template <typename T>
T value_of(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}: {}\n", result.error().code, result.error().message);
  std::exit(1);
}

std::string tenant(int i) { return fmt::format("tenant-{}", i); }

void add_uplink(Batch& batch, int i, std::uint64_t number) {
  v1::DeviceEvent event;
  event.set_tenant(tenant(i));
  event.set_dev_eui(static_cast<std::uint64_t>(i) + 1);
  event.mutable_uplink()->set_f_cnt(static_cast<std::uint32_t>(number));
  event.mutable_uplink()->set_payload(std::string(kPayload, 'x'));
  v1::Measurement measurement;
  measurement.set_tenant(tenant(i));
  measurement.set_dev_eui(static_cast<std::uint64_t>(i) + 1);
  measurement.set_f_cnt(static_cast<std::uint32_t>(number));
  const auto key = fmt::format("{:08}", i);
  const auto partition = static_cast<std::uint32_t>(i) % kPartitions;
  batch.append(Topic::event, partition, tenant(i), key, event.SerializeAsString());
  batch.append(Topic::measurement, partition, tenant(i), key, measurement.SerializeAsString());
  batch.put(Store::device, partition, key, std::string(300, 'r'));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    fmt::print(stderr, "usage: commits BROKERS PREFIX TENANTS COMMITS REST_MS\n");
    return 2;
  }
  const auto tenants = std::atoi(arguments[3]);
  const auto commits = std::atoi(arguments[4]);
  const std::chrono::milliseconds rest{std::atoi(arguments[5])};
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("lenne-commits-{}", ::getpid());
  std::filesystem::create_directories(folder);

  std::array<Steady::time_point, 2> at{};  ///< of the last commit: positions, end
  KafkaSettings settings;
  settings.bootstrap = arguments[1];
  settings.prefix = arguments[2];
  settings.network_partitions = kPartitions;
  settings.fault = [&](std::string_view request) {
    if (request == "offsets") at[0] = Steady::now();
    if (request == "commit") at[1] = Steady::now();
    return false;
  };
  std::vector<std::string> names;
  for (int i = 0; i < tenants; ++i) names.push_back(tenant(i));
  if (const auto made = KafkaTopics::make(settings, names); !made) {
    fmt::print(stderr, "{}\n", made.error().message);
    return 1;
  }
  {
    base::SystemClock clock;
    base::Counters counters;
    RocksDbSettings local;
    local.directory = folder.string();
    local.sync = false;
    const auto log = value_of(KafkaLog::open(settings, value_of(RocksDbLog::families(local)), clock, counters));
    const auto consumer = value_of(log->consumer({"network", {Topic::network_in}}));
    for (std::set<std::uint32_t> own; own.size() < kPartitions;) {
      for (const auto p : value_of(consumer->poll(std::chrono::milliseconds{200}, 1)).assigned) own.insert(p);
    }
    std::vector<double> whole;
    std::vector<double> records;
    std::vector<double> positions;
    std::vector<double> end;
    const auto ms = [](Steady::duration time) { return std::chrono::duration<double, std::milli>(time).count(); };
    for (int i = 0; i < commits + kWarm; ++i) {
      static_cast<void>(value_of(consumer->poll(std::chrono::milliseconds{0}, 1)));
      Batch batch;
      for (int t = 0; t < tenants; ++t) add_uplink(batch, t, static_cast<std::uint64_t>(i));
      const auto begin = Steady::now();
      static_cast<void>(value_of(consumer->commit(batch)));
      const auto done = Steady::now();
      if (i >= kWarm) {
        whole.push_back(ms(done - begin));
        records.push_back(ms(at[0] - begin));
        positions.push_back(ms(at[1] - at[0]));
        end.push_back(ms(done - at[1]));
      }
      std::this_thread::sleep_for(rest);
    }
    const auto row = [](const std::vector<double>& values) {
      return fmt::format("{{\"p50\": {:.1f}, \"p99\": {:.1f}}}", quantile(values, 0.5), quantile(values, 0.99));
    };
    fmt::print(
        "{{\"what\": \"commit\", \"tenants\": {}, \"commits\": {}, \"rest_ms\": {}, \"ms\": {}, \"records\": {}, "
        "\"positions\": {}, \"end\": {}}}\n",
        tenants, commits, rest.count(), row(whole), row(records), row(positions), row(end));
  }
  std::filesystem::remove_all(folder);
  return 0;
}
