// Results are a function of the log alone: not of how it is cut into polls and commits, of how partitions interleave,
// or of where the process dies.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/random.hpp"
#include "base/slot.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

using storage::Topic;
using Outputs = std::map<std::uint32_t, std::vector<Output>>;  // by the partition whose record caused them

constexpr std::uint32_t kPartitions = 3;

[[nodiscard]] NetworkSettings small_network() {
  NetworkSettings settings;
  settings.partitions = kPartitions;
  return settings;
}

// A random life of five devices and three gateways, written down as a log.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed), rig(small_network()) {
    for (std::uint8_t i = 0; i < 5; ++i) {
      Sensor s;
      s.eui.value = 0x70b3d50000000000 + random_.below(1'000'000);
      s.app_key.bytes.fill(static_cast<std::uint8_t>(i + 1));
      s.version = i % 2 == 0 ? "1.0.3" : "1.0.4";
      if (i >= 2) {
        s.address.value = i == 4 ? 0x01020305 : 0x01020304;  // two share one
        s.keys.f_nwk_s_int_key.bytes.fill(static_cast<std::uint8_t>(50 + i));
        s.keys.s_nwk_s_int_key = s.keys.nwk_s_enc_key = s.keys.f_nwk_s_int_key;
        s.keys.app_s_key.bytes.fill(static_cast<std::uint8_t>(90 + i));
      }
      sensors_.push_back({.sensor = s, .abp = i >= 2});
    }
  }

  void live(std::size_t acts) {
    for (int i = 0; i < 4; ++i) write_use_case();
    for (auto& s : sensors_) declare(s);
    for (std::size_t i = 0; i < acts; ++i) {
      now_ += static_cast<std::int64_t>(random_.below(900)) * kMs;
      release(now_);
      act();
      react();
    }
    release(now_ + 10 * kSecond);
    now_ += 60 * kSecond;
    for (std::uint32_t p = 0; p < kPartitions; ++p) append(tick(now_), p);
  }

  [[nodiscard]] const std::vector<Input>& log() const { return rig.inputs; }

 private:
  struct Living {
    Sensor sensor;
    bool abp = false;
    std::uint16_t nonce = 0;
    std::uint32_t f_cnt = 0;
    bool joined = false;
    std::vector<base::Bytes> sent = {};
  };

  [[nodiscard]] static std::uint32_t home(const Living& s, bool of_frames) {
    const auto slot = of_frames ? base::slot_of(s.sensor.address) : base::slot_of(s.sensor.eui);
    return base::partition_of(slot, kPartitions);
  }

  void append(v1::NetworkIn in, std::uint32_t partition) {
    in.mutable_origin()->set_instance(1);
    in.mutable_origin()->set_incarnation(1);
    in.mutable_origin()->set_sequence(++sequence_);
    rig.feed(in, partition);
    if (random_.chance(0.05)) rig.feed(in, partition);  // its answer was lost, so it was written again
    hand_over();
  }

  // What one partition hands over to another one is in the log, as all else.
  void hand_over() {
    for (; looked_through_ < rig.outputs.size(); ++looked_through_) {
      if (rig.outputs[looked_through_].topic != Topic::network_in) continue;
      const auto handed = rig.outputs[looked_through_];
      v1::NetworkIn in;
      RC_ASSERT(in.ParseFromString(handed.value));
      rig.feed(in, handed.partition);
    }
  }

  void declare(Living& s) {
    auto device = s.abp ? s.sensor.abp(rig.vault) : s.sensor.otaa(rig.vault);
    device.set_f_cnt_reset(s.abp && s.sensor.address.value == 0x01020305);
    if (random_.chance(0.8)) device.set_use_case(random_.chance(0.5) ? "rooms" : "streets");
    append(put(device, now_), home(s, false));
    if (s.abp && home(s, true) != home(s, false)) append(put(device, now_), home(s, true));
  }

  // Written to every partition, or to some of them, as a server does whose append is cut short.
  void write_use_case() {
    v1::Object object;
    auto& use_case = *object.mutable_use_case();
    use_case.set_name(random_.chance(0.5) ? "rooms" : "streets");
    v1::NetworkIn in = put(object, now_);
    if (random_.chance(0.2)) {
      in.mutable_control()->mutable_remove()->Swap(&object);
    } else {
      use_case.add_derive()->set_measure(random_.chance(0.5) ? "dew_point" : "humidex");
      auto& rule = *use_case.add_quality();
      rule.set_measure(random_.chance(0.7) ? "temperature" : "dew_point");
      rule.mutable_step_per_minute()->set_value(1 + static_cast<std::int64_t>(random_.below(40)));
      rule.mutable_max()->set_value(60);
      rule.set_flat_after(random_.chance(0.5) ? 2 : 0);
      *in.mutable_control()->mutable_put() = object;
    }
    append(in, 0);
    for (std::uint32_t p = 1; p < kPartitions; ++p) {
      if (random_.chance(0.7)) append(in, p);
    }
  }

  [[nodiscard]] std::string payload() {
    std::string bytes(random_.chance(0.6) ? 3 : 1, '\0');
    bytes.front() = static_cast<char>(random_.chance(0.3) ? 20 : random_.below(80));
    if (bytes.size() == 3) bytes.back() = static_cast<char>(30 + random_.below(60));
    return bytes;
  }

  void transmit(const base::Bytes& phy, std::uint32_t partition) {
    const auto ears = 1 + random_.below(3);
    const std::uint32_t frequency = 868'100'000 + 200'000 * static_cast<std::uint32_t>(random_.below(3));
    for (std::uint64_t g = 0; g < ears; ++g) {
      const std::int64_t late = random_.chance(0.1) ? 800 : 120;
      Ear ear{.gateway = kGateway + g,
              .rssi = -60 - static_cast<std::int32_t>(random_.below(60)),
              .snr_tenths = static_cast<std::int32_t>(random_.below(200)) - 150,
              .frequency = frequency,
              .tmst = static_cast<std::uint32_t>(now_)};
      if (g == 2) ear.gps_us = base::to_gps(base::from_us(now_)).count();
      if (random_.chance(0.1)) ear.path.clear();
      const auto at = now_ + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(late))) * kMs;
      air_.emplace(at, std::pair(hear(phy, at, ear), partition));
    }
  }

  void release(std::int64_t until) {
    while (!air_.empty() && air_.begin()->first <= until) {
      const auto [in, partition] = air_.begin()->second;
      air_.erase(air_.begin());
      append(in, partition);
      react();
    }
  }

  void act() {
    auto& s = sensors_[random_.below(sensors_.size())];
    const auto dice = random_.below(100);
    if (dice < 12 && !s.abp) {
      transmit(s.sensor.join_request(s.nonce++), home(s, false));
    } else if (dice < 65 && (s.abp || s.joined)) {
      if (s.abp && s.sensor.address.value == 0x01020305 && random_.chance(0.05)) s.f_cnt = 0;
      s.sent.push_back(s.sensor.uplink(s.f_cnt++, payload(), 2, random_.chance(0.4)));
      transmit(s.sent.back(), home(s, true));
    } else if (dice < 72 && !s.sent.empty()) {
      transmit(s.sent.back(), home(s, true));
    } else if (dice < 78 && !s.sent.empty()) {
      transmit(s.sent[random_.below(s.sent.size())], home(s, true));
    } else if (dice < 82 && !s.sent.empty()) {
      auto broken = s.sent.back();
      broken[random_.below(broken.size())] ^= static_cast<std::uint8_t>(1 + random_.below(255));
      transmit(broken, home(s, true));
    } else if (dice < 84) {
      declare(s);
    } else if (dice < 86) {
      append(remove_device(s.sensor.eui, now_), home(s, false));
    } else if (dice < 90) {
      write_use_case();
    } else {
      append(tick(now_), static_cast<std::uint32_t>(random_.below(kPartitions)));
    }
  }

  // Gateways answer, devices hear their join-accepts.
  void react() {
    const auto downlinks = rig.downlinks();
    for (; answered_ < downlinks.size(); ++answered_) {
      const auto& d = downlinks[answered_];
      const auto s = std::ranges::find_if(sensors_, [&](const Living& l) { return l.sensor.eui.value == d.dev_eui(); });
      const bool sent = random_.chance(0.6);
      if (sent && d.join_accept()) {
        auto copy = s->sensor;
        for (std::uint16_t back = 1; back <= 3 && back <= s->nonce; ++back) {
          if (!copy.take_accept(d.phy_payload(), static_cast<std::uint16_t>(s->nonce - back))) continue;
          s->sensor = copy;
          s->joined = true;
          s->f_cnt = 0;
          s->sent.clear();
          break;
        }
      }
      if (random_.chance(0.1)) continue;  // no answer
      const auto error =
          sent ? v1::TX_ERROR_NONE : (random_.chance(0.3) ? v1::TX_ERROR_NO_PATH : v1::TX_ERROR_COLLISION_PACKET);
      append(tx_result(d, error, now_ + 20 * kMs), home(*s, s->abp));
    }
  }

  base::Random random_;
  std::vector<Living> sensors_;
  std::multimap<std::int64_t, std::pair<v1::NetworkIn, std::uint32_t>> air_;
  std::int64_t now_ = kStart;
  std::uint64_t sequence_ = 0;
  std::size_t answered_ = 0;
  std::size_t looked_through_ = 0;  // of the outputs, for what is handed over

 public:
  Rig rig;
};

// Handles the log again: partitions interleave at random, commits and deaths come at random.
class Replay {
 public:
  Replay(const std::vector<Input>& log, std::uint64_t seed) : random_(seed) {
    for (const auto& input : log) queues_[input.partition].push_back(&input);
  }

  Outputs run(double commit, double death) {
    start();
    for (std::uint32_t p; choose(p);) {
      handle(p);
      if (random_.chance(commit)) store();
      if (random_.chance(death)) start();
    }
    store();
    return committed_;
  }

 private:
  [[nodiscard]] bool choose(std::uint32_t& partition) {
    std::vector<std::uint32_t> ready;
    for (const auto& [p, queue] : queues_) {
      if (done_[p] < queue.size()) ready.push_back(p);
    }
    if (ready.empty()) return false;
    partition = ready[random_.below(ready.size())];
    return true;
  }
  void start() {
    processor_ = std::make_unique<NetworkProcessor>(settings_, vault_, decoder_, counters_);
    for (std::uint32_t p = 0; p < kPartitions; ++p) RC_ASSERT(processor_->assigned(p, state_).has_value());
    done_ = committed_done_;
    open_.clear();
  }
  void handle(std::uint32_t p) {
    const auto& input = *queues_[p][done_[p]++];
    storage::Batch batch;
    processor_->step({Topic::network_in, p, input.offset, base::from_us(input.appended_us), {}, {}, input.value, false},
                     batch);
    for (std::size_t i = 0; i < batch.appends(); ++i) {
      const auto a = batch.append_at(i);
      open_[p].push_back(
          {a.topic, a.partition, std::string(a.tenant), std::string(a.key), std::string(a.value), a.tombstone});
    }
  }
  void store() {
    storage::Batch batch;
    processor_->flush(batch);
    state_.apply(batch);
    committed_done_ = done_;
    for (auto& [p, outputs] : open_) std::ranges::move(outputs, std::back_inserter(committed_[p]));
    open_.clear();
  }

  base::Random random_;
  NetworkSettings settings_ = small_network();
  base::crypto::KeyVault vault_ = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{7});
  FirstByteDecoder decoder_;
  base::Counters counters_;
  MapState state_;
  std::unique_ptr<NetworkProcessor> processor_;
  std::map<std::uint32_t, std::vector<const Input*>> queues_;
  std::map<std::uint32_t, std::size_t> done_, committed_done_;
  Outputs open_, committed_;
};

void expect_equal(const Outputs& a, const Outputs& b) {
  for (std::uint32_t p = 0; p < kPartitions; ++p) {
    const auto left = a.contains(p) ? a.at(p) : std::vector<Output>{};
    const auto right = b.contains(p) ? b.at(p) : std::vector<Output>{};
    RC_ASSERT(left.size() == right.size());
    RC_ASSERT(left == right);
  }
}

void expect_rules(const Outputs& outputs) {
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>> accepted;
  std::set<std::uint64_t> ids;
  std::map<std::uint64_t, std::uint32_t> join_nonces;
  std::map<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>, std::string> frames;
  for (const auto& [p, list] : outputs) {
    for (const auto& output : list) {
      if (output.topic == Topic::event) {
        v1::DeviceEvent event;
        RC_ASSERT(event.ParseFromString(output.value));
        if (event.has_uplink()) {
          const auto& u = event.uplink();
          RC_ASSERT(accepted.emplace(event.dev_eui(), u.session(), u.f_cnt()).second);
          RC_ASSERT(ids.insert(u.id()).second);
        }
        if (event.has_reception()) RC_ASSERT(ids.contains(event.reception().uplink_id()));
        if (event.has_join()) {
          RC_ASSERT(event.join().join_nonce() > join_nonces[event.dev_eui()]);
          join_nonces[event.dev_eui()] = event.join().join_nonce();
        }
      }
      if (output.topic == Topic::gateway_downlink) {
        v1::GatewayDownlink d;
        RC_ASSERT(d.ParseFromString(output.value));
        // The device whose counters start anew by its operator's word is left out.
        if (d.join_accept() || d.dev_addr() == 0x01020305) continue;
        const auto [known, fresh] =
            frames.emplace(std::tuple(d.dev_eui(), d.dev_addr(), d.f_cnt_down()), d.phy_payload());
        RC_ASSERT(known->second == d.phy_payload());
      }
    }
  }
}

RC_GTEST_PROP(NetworkReplay, CutsInterleavingsAndDeathsChangeNothing, (std::uint64_t seed)) {
  Life life(seed);
  life.live(120);
  const auto plain = Replay(life.log(), 1).run(0.0, 0.0);
  expect_rules(plain);
  expect_equal(plain, Replay(life.log(), seed + 1).run(0.2, 0.0));
  expect_equal(plain, Replay(life.log(), seed + 2).run(0.3, 0.1));
  expect_equal(plain, Replay(life.log(), seed + 3).run(0.05, 0.01));
}

RC_GTEST_PROP(NetworkReplay, ADeathAtEveryCommitChangesNothing, (std::uint64_t seed)) {
  Life life(seed);
  life.live(60);
  expect_equal(Replay(life.log(), 1).run(0.0, 0.0), Replay(life.log(), seed).run(1.0, 1.0));
}

// The rules that a partition follows, as it stored them and as it told them to those behind it.
std::pair<std::map<std::string, std::string>, std::map<std::string, std::string>> use_cases_of(
    const Rig& rig, std::uint32_t partition) {
  std::map<std::string, std::string> stored, told;
  for (const auto& [key, value] : rig.state.rows) {
    const auto& [store, at, name] = key;
    if (store == storage::Store::network && at == partition && name.starts_with('u')) stored[name.substr(1)] = value;
  }
  for (const auto& output : rig.on(Topic::measurement)) {
    v1::Measurement measurement;
    RC_ASSERT(measurement.ParseFromString(output.value));
    if (output.partition != partition) continue;
    if (measurement.has_definition())
      told[measurement.definition().name()] = measurement.definition().SerializeAsString();
    if (!measurement.removed_definition().empty()) told.erase(measurement.removed_definition());
  }
  return {stored, told};
}

RC_GTEST_PROP(NetworkReplay, AllPartitionsEndWithTheSameUseCases, (std::uint64_t seed)) {
  Life life(seed);
  life.live(100);
  life.rig.commit();
  const auto [stored, told] = use_cases_of(life.rig, 0);
  RC_ASSERT(stored == told);
  for (std::uint32_t p = 1; p < kPartitions; ++p) {
    const auto [stored_there, told_there] = use_cases_of(life.rig, p);
    RC_ASSERT(stored_there == stored);
    RC_ASSERT(told_there == stored);
  }
}

RC_GTEST_PROP(NetworkReplay, EachFrameIsAccountedForOnce, (std::uint64_t seed)) {
  Life life(seed);
  life.live(150);
  std::uint64_t sum = 0;
  for (const auto& [name, value] : life.rig.counters.snapshot()) {
    static const std::set<std::string> kOutcomes{"network.uplinks", "network.joins",       "network.repetitions",
                                                 "network.copies",  "network.late_copies", "network.dropped.late_copy"};
    if (kOutcomes.contains(name) || name.starts_with("network.refused.")) sum += value;
  }
  RC_ASSERT(sum == life.rig.counter("network.frames"));
  RC_ASSERT(life.rig.counter("network.uplinks") > 0U);
}

}  // namespace
}  // namespace lenne::network::test
