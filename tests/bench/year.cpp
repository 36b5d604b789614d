// A long time of the simulated region behind the network server: each device's payloads are decoded, judged and written
// to the log as the network step writes them, windows, alerts and roll-ups follow on threads of their own, and what is
// old enough is deleted. At its end each device's local days must add up to what it sent. Prints lines of JSON.
//   year DIRECTORY FROM DAYS[:FIRST] [TOWN…] [SETTING=VALUE…]
// With FIRST it ends after so many of the days, and the same line without it, or with more, goes on from there.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/new_directory.hpp"
#include "app/pipeline.hpp"
#include "app/replay/declaration.hpp"
#include "app/simulate/radio.hpp"
#include "app/simulate/region.hpp"
#include "app/simulate/script.hpp"
#include "app/simulate/signals.hpp"
#include "app/virtual_server.hpp"
#include "base/fixed_point.hpp"
#include "base/hash.hpp"
#include "base/int128.hpp"
#include "base/slot.hpp"
#include "base/thread_name.hpp"
#include "decode/device_decoder.hpp"
#include "decode/message_json.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "network/measuring.hpp"
#include "processing/states.hpp"
#include "tests/bench/processor_time.hpp"

namespace lenne::app::simulate {
namespace {

using namespace std::chrono_literals;
using base::Int128;
using Steady = std::chrono::steady_clock;
using storage::Topic;

constexpr std::uint32_t kPartitions = 4;
constexpr base::Duration kTurn = 1min;        ///< so much is appended at once
constexpr base::Duration kRetainEvery = 24h;  ///< of the simulated time
constexpr base::Duration kQuiet = 50h;        ///< meters' results wait for 48
constexpr std::uint64_t kMostAhead = 400'000;
constexpr std::size_t kPoll = 20'000;
constexpr std::size_t kBatchBytes = 512 << 10;
/// Of results that are corrected, the one before is known so long.
constexpr std::size_t kDaysKept = 12;

[[noreturn]] void give_up(std::string_view what, const base::Error& error) {
  fmt::print(stderr, "{}: {} ({})\n", what, error.message, error.code);
  std::exit(1);
}

template <typename T>
T value_of(base::Result<T>&& result, std::string_view what) {
  if (!result) give_up(what, result.error());
  return std::move(*result);
}

void must(const base::Result<void>& result, std::string_view what) {
  if (!result) give_up(what, result.error());
}

/// What a bag comes to: its samples and their sum, in millionths of the unit.
struct Sum {
  std::uint64_t count = 0;
  Int128 sum = 0;
  friend bool operator==(const Sum&, const Sum&) = default;
  Sum& operator+=(const Sum& other) {
    count += other.count;
    sum += other.sum;
    return *this;
  }
  Sum& operator-=(const Sum& other) {
    count -= other.count;
    sum -= other.sum;
    return *this;
  }
};
using Series = std::pair<std::uint64_t, std::string>;  ///< DevEUI, measure

/// A decimal text in millionths. The generator's have no more decimals.
std::int64_t millionths(std::string_view text) {
  auto [steps, exponent] = base::parse_decimal(text).value();
  for (; exponent > -6; --exponent) steps *= 10;
  return steps;
}

bool is_bag(std::string_view measure) {
  return measure != "parking_occupied" && measure != "water_volume" && measure != "pulses.a";
}

/// In rain the stations' sensors tell more than a hundred per cent now and then, which is left out of windows.
bool is_credible(std::string_view measure, std::string_view value) {
  return measure != "relative_humidity" || millionths(value) <= 100'000'000;
}

/// The network step without frames: what it publishes of an uplink.
class Network {
 public:
  Network(const Settings& settings, const base::crypto::KeyVault& vault,
          std::shared_ptr<const decode::SchemaCatalog> catalog, base::Counters& counters)
      : decoder_(std::move(catalog), counters),
        services_{network_settings_of(settings), vault, decoder_, counters, network::lorawan::DevAddrRange{}} {
    for (std::uint32_t p = 0; p < kPartitions; ++p) partitions_.emplace_back(p);
  }

  void load(const storage::StateReader& state) {
    for (auto& partition : partitions_) {
      must(partition.devices.load(state, partition.number), "devices");
      const std::string from(1, network::UseCaseTable::kPrefix);
      const std::string to(1, network::UseCaseTable::kPrefix + 1);
      must(state.scan(
               storage::Store::network, partition.number, from, to,
               [&](std::string_view key, std::string_view value) { return partition.use_cases.load_row(key, value); }),
           "use cases");
    }
  }

  struct Uplink {
    base::DevEui dev_eui;
    base::Timestamp sent;
    base::Timestamp received;
    std::uint32_t f_cnt;
    std::uint32_t lost;
    std::uint8_t f_port;
    base::Bytes payload;
  };

  void publish(const Uplink& uplink, storage::Batch& out) {
    auto& state = partitions_[base::partition_of(base::slot_of(uplink.dev_eui), kPartitions)];
    auto* entry = state.devices.find(uplink.dev_eui);
    if (entry == nullptr) std::abort();
    state.outbox.direct_to(out);
    network::Step step{services_, state, ++offsets_, base::to_us(uplink.received)};
    auto event = network::make_event(step, *entry, base::to_us(uplink.sent), step.received_us, step.offset);
    auto& told = *event.mutable_uplink();
    told.set_session(uplink.dev_eui.value);
    told.set_id(base::mix64(uplink.dev_eui.value ^ uplink.f_cnt));
    told.set_f_cnt(uplink.f_cnt);
    told.set_f_port(uplink.f_port);
    told.set_payload(uplink.payload.data(), uplink.payload.size());
    told.set_time_source(v1::TIME_SOURCE_GATEWAY_GPS);
    network::publish_measurement(step, *entry, uplink.lost, event);
  }

  /// Time passes in all partitions.
  static void tick(base::Timestamp now, storage::Batch& out) {
    v1::Measurement tick;
    tick.set_tick(true);
    tick.set_received_us(base::to_us(now));
    for (std::uint32_t p = 0; p < kPartitions; ++p) {
      network::Outbox outbox(p);
      outbox.direct_to(out);
      outbox.measurement(tick);
    }
  }

 private:
  decode::DeviceDecoder decoder_;
  network::Services services_;
  std::deque<network::PartitionState> partitions_;
  std::uint64_t offsets_ = 0;
};

/// The devices of a region, and what they have sent.
class Devices {
 public:
  struct Totals {
    std::uint64_t uplinks = 0;  ///< taken
    std::uint64_t lost = 0;     ///< heard by nobody
    std::uint64_t overtaken = 0;
  };

  Devices(const Region& region, base::Timestamp start, const decode::SchemaCatalog& catalog)
      : region_(region), catalog_(catalog) {
    senders_.reserve(region.devices.size());
    for (std::size_t i = 0; i < region.devices.size(); ++i) {
      auto& sender = senders_.emplace_back(region, i, start);
      const auto interval = region.interval_s(device_classes()[region.devices[i].device_class]);
      due_.emplace(start + 1s + base::Duration{static_cast<std::int64_t>(sender.random.below(interval * 1'000'000ULL))},
                   i);
    }
  }

  /// What reached the server before `until` in another process: all there is to know of it but what it published.
  void relive(base::Timestamp until) {
    const auto nothing = [](storage::Batch&) {};
    live(until, true, nullptr, nothing);
  }
  /// All that reaches the server before `until`, in its order.
  void live(base::Timestamp until, bool sending, Network* network, const std::function<void(storage::Batch&)>& append) {
    storage::Batch batch;
    for (;;) {
      const auto sends = sending && !due_.empty() ? due_.top().first : base::Timestamp::max();
      const auto arrives = kept_.empty() ? base::Timestamp::max() : kept_.begin()->first;
      if (std::min(sends, arrives) >= until) break;
      if (arrives <= sends) {
        auto [index, uplink] = std::move(kept_.begin()->second);
        kept_.erase(kept_.begin());
        take(index, uplink, network, batch);
      } else {
        const auto [at, index] = due_.top();
        due_.pop();
        send(at, index, network, batch);
        due_.emplace(senders_[index].source.next_after(at), index);
      }
      if (batch.bytes() < kBatchBytes) continue;
      append(batch);
      batch.clear();
    }
    if (network != nullptr) Network::tick(until, batch);
    append(batch);
  }

  [[nodiscard]] const Totals& totals() const { return totals_; }
  [[nodiscard]] const std::map<Series, Sum>& sums() const { return sums_; }

 private:
  struct Sender {
    Sender(const Region& region, std::size_t index, base::Timestamp start)
        : plan(region.devices[index]),
          source(region, index, start),
          links(region, plan, region.options.seed),
          random(base::Random(region.options.seed).fork(plan.dev_eui.value)) {}
    const DevicePlan& plan;
    Source source;
    Links links;
    base::Random random;
    std::uint32_t f_cnt = 0;
    std::uint32_t next_f_cnt = 0;  ///< that the server has not had
    std::vector<std::pair<std::string, Sum*>> sums = {};
  };
  struct Sent {
    Network::Uplink uplink;
    std::vector<TrueSample> samples;
  };

  void send(base::Timestamp at, std::size_t index, Network* network, storage::Batch& batch) {
    auto& sender = senders_[index];
    auto reading = sender.source.read(at);
    const auto f_cnt = sender.f_cnt++;
    std::optional<base::Timestamp> received;
    for (const auto& link : sender.links.hear(sender.random)) {
      const auto& gateway = region_.gateways[link.gateway];
      if (is_silent(region_, gateway, at)) continue;
      const auto arrives = arrival_of(region_, gateway, at);
      received = received ? std::min(*received, arrives) : arrives;
    }
    if (!received) {
      ++totals_.lost;
      return;
    }
    auto payload =
        decode::encode(catalog_, device_classes()[sender.plan.device_class].schema, reading.f_port, reading.message);
    if (!payload) give_up(reading.message, payload.error());
    Sent sent{{sender.plan.dev_eui, at, *received, f_cnt, 0, reading.f_port, std::move(*payload)},
              std::move(reading.samples)};
    if (*received == at) return take(index, sent, network, batch);
    kept_.emplace(*received, std::pair(index, std::move(sent)));
  }

  void take(std::size_t index, Sent& sent, Network* network, storage::Batch& batch) {
    auto& sender = senders_[index];
    if (sent.uplink.f_cnt < sender.next_f_cnt) {  // the network server would call it replayed
      ++totals_.overtaken;
      return;
    }
    ++totals_.uplinks;
    sent.uplink.lost = sent.uplink.f_cnt - sender.next_f_cnt;
    sender.next_f_cnt = sent.uplink.f_cnt + 1;
    if (network != nullptr) network->publish(sent.uplink, batch);
    sum_of(sender, "uplinks_lost") += {1, Int128{sent.uplink.lost} * 1'000'000};
    for (const auto& [measure, value, time] : sent.samples) {
      if (is_bag(measure) && is_credible(measure, value)) sum_of(sender, measure) += {1, millionths(value)};
    }
  }

  Sum& sum_of(Sender& sender, const std::string& measure) {
    const auto known = std::ranges::find(sender.sums, measure, &std::pair<std::string, Sum*>::first);
    if (known != sender.sums.end()) return *known->second;
    auto& sum = sums_[{sender.plan.dev_eui.value, measure}];
    sender.sums.emplace_back(measure, &sum);
    return sum;
  }

  using Due = std::pair<base::Timestamp, std::size_t>;
  const Region& region_;
  const decode::SchemaCatalog& catalog_;
  std::vector<Sender> senders_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::multimap<base::Timestamp, std::pair<std::size_t, Sent>> kept_;  ///< by gateways that are cut off
  std::map<Series, Sum> sums_;
  Totals totals_;
};

/// What the results of local days add up to, read from the log.
class Days {
 public:
  explicit Days(storage::Log& log) : reader_(value_of(log.reader({Topic::aggregate}, {}), "aggregates")) {
    must(reader_->seek({storage::SeekTo::Where::beginning}), "aggregates");
  }

  /// All that has come since the last time.
  void read() {
    v1::Aggregate aggregate;
    for (;;) {
      const auto poll = value_of(reader_->poll({}, kPoll), "aggregates");
      if (poll.records.empty()) return;
      results_ += poll.records.size();
      for (const auto& record : poll.records) {
        if (record.key.find("/P1D/") == std::string_view::npos) continue;
        if (!aggregate.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) std::abort();
        if (aggregate.window() == "P1D" && aggregate.has_gauge()) take(aggregate);
      }
    }
  }

  [[nodiscard]] std::uint64_t results() const { return results_; }
  [[nodiscard]] std::uint64_t days() const { return days_; }
  [[nodiscard]] std::uint64_t corrected() const { return corrected_; }
  [[nodiscard]] Sum sum_of(const Series& series) const {
    const auto found = all_.find(series);
    return found == all_.end() ? Sum{} : found->second.total;
  }

 private:
  struct Known {
    Sum total;
    std::deque<std::pair<std::int64_t, Sum>> newest;  ///< by start
  };

  void take(const v1::Aggregate& aggregate) {
    Sum sum{aggregate.gauge().count(), processing::from_proto(aggregate.gauge().sum())};
    for (auto exponent = aggregate.exponent(); exponent > -6; --exponent) sum.sum *= 10;
    for (auto exponent = aggregate.exponent(); exponent < -6; ++exponent) sum.sum /= 10;
    auto& known = all_[{aggregate.dev_eui(), aggregate.measure()}];
    const auto before = std::ranges::find(known.newest, aggregate.start_us(), &std::pair<std::int64_t, Sum>::first);
    if (before != known.newest.end()) {
      ++corrected_;
      known.total -= before->second;
      before->second = sum;
    } else {
      ++days_;
      known.newest.emplace_back(aggregate.start_us(), sum);
      if (known.newest.size() > kDaysKept) known.newest.pop_front();
    }
    known.total += sum;
  }

  const std::unique_ptr<storage::Reader> reader_;
  std::map<Series, Known> all_;
  std::uint64_t results_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t corrected_ = 0;
};

double megabytes_of(const std::filesystem::path& directory) {
  double bytes = 0;
  std::error_code gone;  // files come and go
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory, gone)) {
    const auto size = file.is_regular_file(gone) ? file.file_size(gone) : 0;
    if (!gone) bytes += static_cast<double>(size);
  }
  return bytes / 1e6;
}

double resident_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

class Year {
 public:
  Year(const std::string& directory, base::Timestamp from, const RegionOptions& options,
       const std::vector<std::string>& assignments)
      : directory_(directory),
        region_(make_region(options)),
        clock_(from),
        settings_(value_of(read_settings({}, assignments), "settings")),
        catalog_(value_of(decode::SchemaCatalog::load(), "schemas")),
        made_(value_of(open(), "directory")) {
    settings_.network.partitions = kPartitions;
  }

  /// Of `days` the first `first`.
  int run(int days, int first) {
    const auto start = clock_.now();
    Devices devices(region_, start, *catalog_);
    Days found(log());
    if (const auto lived = days_lived(); lived == 0) {
      declare();
    } else {
      clock_.advance_to(start + lived * 24h);
      devices.relive(clock_.now());
      found.read();
    }
    before_ = devices.totals().uplinks;
    Network network(settings_, made_.vault, catalog_, counters_);
    network.load(log().state());
    const auto end = start + days * 24h;
    const auto until_day = first < days ? start + first * 24h : end + kQuiet;
    {
      auto settings = settings_;
      settings.roles = {Role::windows};
      const auto pipeline = value_of(Pipeline::open(settings, network_settings_of(settings), log(), made_.vault,
                                                    catalog_, clock_, clock_, counters_),
                                     "pipeline");
      std::vector<std::jthread> threads;
      for (auto& stage : pipeline->stages()) {
        threads.emplace_back([&stage](const std::stop_token& stop) {
          base::name_this_thread(stage.name);
          if (const auto ran = stage.worker->run(stop); !ran) give_up(stage.name, ran.error());
        });
      }
      for (auto retained = clock_.now(); clock_.now() < until_day;) {
        const auto until = clock_.now() + kTurn;
        devices.live(until, until <= end, &network, [&](const storage::Batch& batch) { append(batch); });
        clock_.advance_to(until);
        if (until - retained < kRetainEvery) continue;
        retained = until;
        found.read();
        deleted_ += value_of(log().retain(until), "retention");
        tell(devices, (until - start) / 24h);
      }
      settle();
    }
    if (first < days) {
      std::ofstream(marker()) << first << "\n";
      return 0;
    }
    found.read();
    return compare(devices, found);
  }

 private:
  /// What ends in the middle is a file that says after which day.
  [[nodiscard]] std::filesystem::path marker() const { return directory_ / "days-lived"; }
  [[nodiscard]] int days_lived() const {
    int days = 0;
    std::ifstream(marker()) >> days;
    return days;
  }
  [[nodiscard]] base::Result<NewDirectory> open() {
    if (days_lived() == 0) return make_new_directory(directory_, kPartitions, clock_, counters_);
    return reopen_directory(directory_, kPartitions, clock_, counters_);
  }

  [[nodiscard]] storage::Log& log() const { return *made_.log; }

  void declare() {
    const VirtualServer::Parts parts{log(), clock_, made_.vault, catalog_, counters_};
    const auto server = value_of(VirtualServer::start(settings_, parts, 1), "server");
    must(declare_to(*server, documents_of(region_), settings_, parts), "documents");
    // They do not run any more, and what they have not read would be kept for them.
    for (const auto* consumer : {"network", "views"}) must(log().forget(consumer), consumer);
    measured_ = handled();
  }

  void append(const storage::Batch& batch) {
    for (std::size_t i = 0; i < batch.appends(); ++i) measured_ += batch.append_at(i).topic == Topic::measurement;
    if (const auto appended = log().append(batch); !appended) give_up("append", appended.error());
    while (measured_ - handled() > kMostAhead) std::this_thread::sleep_for(5ms);
  }

  [[nodiscard]] std::uint64_t handled() const { return counters_.value("worker.windows.records"); }

  /// Waits until all that was appended, and what followed from it, is done.
  void settle() {
    const auto done = [&] { return handled() + counters_.value("worker.rollups.records"); };
    for (auto before = done();; before = done()) {
      std::this_thread::sleep_for(3s);
      if (done() == before) return;
    }
  }

  void tell(const Devices& devices, std::int64_t day) const {
    const auto wall = std::chrono::duration<double>(Steady::now() - began_).count();
    fmt::print(R"({{"day":{},"uplinks":{},"finals":{},"wall_s":{:.0f},"cpu_s":{:.0f},"deleted_groups":{},)"
               R"("disk_mb":{:.0f},"most_resident_mb":{:.0f}}})"
               "\n",
               day, devices.totals().uplinks, counters_.value("windows.finals"), wall, bench::processor_seconds(),
               deleted_, megabytes_of(directory_), resident_megabytes());
    std::fflush(stdout);
  }

  int compare(const Devices& devices, const Days& found) {
    std::uint64_t wrong = 0;
    Sum all;
    for (const auto& [series, sum] : devices.sums()) {
      const auto told = found.sum_of(series);
      all += sum;
      if (told == sum) continue;
      if (++wrong <= 20)
        fmt::print(R"({{"wrong":"{:016x} {}","sent":[{},{}],"told":[{},{}]}})"
                   "\n",
                   series.first, series.second, sum.count, static_cast<double>(sum.sum) / 1e6, told.count,
                   static_cast<double>(told.sum) / 1e6);
    }
    const auto& totals = devices.totals();
    fmt::print(R"({{"devices":{},"uplinks":{},"lost":{},"overtaken":{},"results":{},"days":{},"corrected":{},)"
               R"("series":{},"samples":{},"wrong":{},"late":{},"dead_letters":{},"wall_s":{:.0f},"cpu_s":{:.0f},)"
               R"("cpu_us_per_uplink":{:.1f},"disk_mb":{:.0f},"most_resident_mb":{:.0f}}})"
               "\n",
               region_.devices.size(), totals.uplinks, totals.lost, totals.overtaken, found.results(), found.days(),
               found.corrected(), devices.sums().size(), all.count, wrong, counters_.value("windows.late"),
               counters_.value("windows.dead_letter"), std::chrono::duration<double>(Steady::now() - began_).count(),
               bench::processor_seconds(),
               bench::processor_seconds() * 1e6 / static_cast<double>(totals.uplinks - before_),
               megabytes_of(directory_), resident_megabytes());
    return wrong == 0 ? 0 : 1;
  }

  const std::filesystem::path directory_;
  const Region region_;
  base::ManualClock clock_;
  base::Counters counters_;
  Settings settings_;
  std::shared_ptr<const decode::SchemaCatalog> catalog_;
  NewDirectory made_;
  std::uint64_t measured_ = 0;
  std::uint64_t deleted_ = 0;
  std::uint64_t before_ = 0;  ///< uplinks of other processes
  const Steady::time_point began_ = Steady::now();
};

}  // namespace
}  // namespace lenne::app::simulate

int main(int count, char** arguments) {
  if (count < 4) {
    fmt::print(stderr, "year DIRECTORY FROM DAYS[:FIRST] [TOWN…] [SETTING=VALUE…]\n");
    return 2;
  }
  const auto from = lenne::base::parse_rfc3339(arguments[2]);
  if (!from) {
    fmt::print(stderr, "{}\n", from.error());
    return 2;
  }
  lenne::app::simulate::RegionOptions options;
  options.gps_share = 1;
  std::vector<std::string> assignments{"windows.workers=2", "windows.memory_mib=4096"};
  for (const std::string argument : std::span(arguments + 4, arguments + count)) {
    (argument.contains('=') ? assignments : options.towns).push_back(argument);
  }
  const std::string days = arguments[3];
  const auto first = days.contains(':') ? days.substr(days.find(':') + 1) : days;
  return lenne::app::simulate::Year(arguments[1], *from, options, assignments)
      .run(std::atoi(days.c_str()), std::atoi(first.c_str()));
}
