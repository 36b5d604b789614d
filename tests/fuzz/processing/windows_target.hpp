#pragma once
// A sequence of measurement records: those that a program of bytes makes, damaged ones, and jumps of time. The results
// do not depend on where commits and restarts fall, a final comes once, and no record is a fault.
//
// Input: settings | restarts | one instruction after another; see Program.

#include <google/protobuf/stubs/logging.h>

#include <set>

#include "base/int128.hpp"
#include "base/random.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "processing/window_processor.hpp"
#include "tests/fuzz/byte_source.hpp"
#include "tests/fuzz/map_state.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {
namespace windows_detail {

using Outputs = std::vector<std::string>;

/// One partition's windows; `restarts`, a bit for each record modulo 8: committed, forgotten and loaded again after it.
class Rig {
 public:
  Rig(const processing::WindowSettings& settings, std::uint8_t restarts) : settings_(settings), restarts_(restarts) {
    load();
  }

  void feed(std::uint64_t offset, std::string_view value, Outputs& outputs) {
    const storage::Record record{storage::Topic::measurement, 0, offset, base::from_us(0), {}, "key", value, false};
    const bool restart = (restarts_ >> (offset & 7) & 1) != 0;
    for (auto progress = processing::Progress::more; progress == processing::Progress::more;) {
      storage::Batch batch;
      progress = processor_->step(record, batch);
      require(!processor_->fault(), "no record is a fault");
      for (std::size_t i = 0; i < batch.appends(); ++i) {
        const auto a = batch.append_at(i);
        outputs.push_back(std::to_string(static_cast<int>(a.topic)) + '|' + std::string(a.tenant) + '|' +
                          std::string(a.key) + '|' + std::string(a.value));
        if (a.topic == storage::Topic::aggregate) check(a.value);
      }
      if (!restart) continue;
      commit();
      load();
    }
  }
  void commit() {
    storage::Batch batch;
    processor_->flush(batch);
    state.apply(batch);
  }

  MapState state;

 private:
  void load() {
    // The one that is restarted closes windows in small parts, and keeps few panes.
    const auto bounds = restarts_ == 0 ? processing::WindowBounds{} : processing::WindowBounds{1 << 16, 1 << 12};
    processor_ = std::make_unique<processing::WindowProcessor>(settings_, counters_, bounds);
    require(processor_->assigned(0, state).has_value(), "its own rows can be read");
  }
  void check(std::string_view value) {
    v1::Aggregate aggregate;
    require(aggregate.ParseFromArray(value.data(), static_cast<int>(value.size())) && aggregate.final(), "a final");
    require(aggregate.covered_us() >= 0 && aggregate.covered_us() <= aggregate.end_us() - aggregate.start_us(),
            "no more is covered than there is");
    if (aggregate.has_duration())
      require(aggregate.duration().occupied_us() <= aggregate.duration().known_us(), "occupied is known");
    if (aggregate.has_counter()) {
      const auto& counter = aggregate.counter();
      const auto forwards = base::int128_of(counter.amount().high(), counter.amount().low()) +
                            base::int128_of(counter.reverse().high(), counter.reverse().low());
      require(forwards >= 0 && counter.reverse().high() >= 0, "what does not run backwards runs forwards");
      require(counter.interpolated_us() <= aggregate.covered_us() && counter.estimated_us() >= 0 &&
                  counter.estimated_us() <= aggregate.end_us() - aggregate.start_us() - aggregate.covered_us(),
              "a moment is measured or estimated");
    }
    const auto name = std::tuple(aggregate.dev_eui(), aggregate.measure(), aggregate.start_us(), aggregate.window(),
                                 aggregate.revision());
    require(published_.insert(name).second, "a revision of a result comes once");
  }

  const processing::WindowSettings& settings_;
  std::uint8_t restarts_;
  base::Counters counters_;
  std::unique_ptr<processing::WindowProcessor> processor_;
  std::set<std::tuple<std::uint64_t, std::string, std::int64_t, std::string, std::uint32_t>> published_;
};

/// Turns bytes into records. Times are near the log's own, so that windows close and are corrected.
class Program {
 public:
  explicit Program(base::ByteView bytes) : in_(bytes) {}

  [[nodiscard]] bool more() const { return !in_.empty() && steps_ < 16; }
  [[nodiscard]] std::string next() {
    ++steps_;
    const auto op = in_.byte();
    if ((op & 7) == 7 && !last_.empty()) {  // the last record again, with one byte changed or none
      auto copy = last_;
      if ((op & 8) != 0) copy[in_.byte() % copy.size()] = static_cast<char>(in_.byte());
      return copy;
    }
    v1::Measurement m;
    auto step = step_of(op >> 4);
    if (step > 7'200 * kSecond && ++long_steps_ > 1) step = kSecond;
    now_us_ += step;
    m.set_received_us(now_us_);
    if ((op & 7) == 6) {
      m.set_tick(true);
      return m.SerializeAsString();
    }
    m.set_dev_eui(1 + (op & 1));
    m.set_tenant((op & 6) == 4 && in_.byte() > 200 ? "olpe" : "menden");
    m.set_session(op & 2);
    m.set_f_cnt(in_.byte());
    constexpr std::uint32_t kIntervals[] = {0, 60, 900, 3600, 1, 86400, 7200, 600};
    m.set_nominal_interval_s(kIntervals[in_.byte() & 7]);
    for (auto n = 1 + (in_.byte() & 3); n > 0; --n) add(*m.add_samples());
    return last_ = m.SerializeAsString();
  }

 private:
  static constexpr std::int64_t kSecond = 1'000'000;

  [[nodiscard]] static std::int64_t step_of(int choice) {
    constexpr std::int64_t kSteps[] = {0,    1,  10,     60,     300,     900, 1'800,  3'600,
                                       7200, 30, 86'400, 43'200, 604'800, 5,   -3'600, 86'400 * 400LL};
    return kSteps[choice & 15] * kSecond;
  }
  void add(v1::Sample& sample) {
    constexpr const char* kMeasures[] = {"temperature", "parking_occupied", "water_volume", "", "humidity"};
    const auto choice = in_.byte();
    sample.set_measure(kMeasures[choice % 5]);
    sample.set_unit((choice & 64) != 0 ? "Cel" : "1");
    sample.set_kind((choice & 32) != 0 ? v1::KIND_GAUGE : (choice & 16) != 0 ? v1::KIND_COUNTER : v1::KIND_STATE);
    sample.set_exponent((choice & 128) != 0 ? -6 : 0);
    const auto value = in_.byte();
    constexpr std::int64_t kValues[] = {
        0, 1, -1, 21'500'000, std::int64_t{1} << 52, -(std::int64_t{1} << 52), INT64_MAX, INT64_MIN};
    sample.set_value(kValues[value & 7]);
    if ((value & 8) != 0) sample.set_flags(1);
    sample.set_reverse((value & 32) != 0);
    sample.set_index(value >> 6);
    if ((choice & 8) != 0) sample.set_rollover_at(std::uint64_t{1} << (value & 63));
    sample.set_time_us(now_us_ - static_cast<std::int64_t>(in_.byte()) * kSecond * (1 + 10 * (value >> 4)));
  }

  ByteSource in_;
  int steps_ = 0;
  int long_steps_ = 0;  ///< a week of silence once, so that an execution stays short
  std::int64_t now_us_ = 1'792'886'400 * kSecond;
  std::string last_;
};

}  // namespace windows_detail

inline void windows(base::ByteView bytes) {
  using namespace windows_detail;
  static const google::protobuf::LogSilencer quiet;
  if (bytes.size() < 2) return;
  processing::WindowSettings settings;
  // Long ones: a silent meter makes a week of them, and an execution is to be short.
  settings.windows_s = {3600, 12 * 3600};
  settings.spread = (bytes[0] & 1) != 0;
  if ((bytes[0] & 2) != 0) settings.windows_s = {3600, 86400};
  if ((bytes[0] & 4) != 0) settings.horizon = base::Duration{0};
  if ((bytes[0] & 8) != 0) settings.grace = base::Duration{0};
  Rig whole(settings, 0);
  Rig restarted(settings, bytes[1]);
  Program program(bytes.subspan(2));
  for (std::uint64_t offset = 1; program.more(); ++offset) {
    const auto record = program.next();
    Outputs first;
    Outputs second;
    whole.feed(offset, record, first);
    restarted.feed(offset, record, second);
    require(first == second, "restarts change nothing");
  }
  whole.commit();
  restarted.commit();
  require(whole.state.rows() == restarted.state.rows(), "the state is the same");
}

}  // namespace lenne::fuzz
