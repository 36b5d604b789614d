#pragma once
// Any bytes as a stored row of the windows: refused with an error, or harmless to all that reads it.
// Input: which row | what follows, 0 to 7: ticks only (1), with a meter (2), a week more (4), which takes long |
// the row's value.

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <span>

#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "processing/fold.hpp"
#include "processing/keys.hpp"
#include "processing/window_processor.hpp"
#include "tests/fuzz/map_state.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {
namespace window_rows_detail {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kStart = 1'792'886'400 * kSecond;
inline constexpr std::uint64_t kEui = 1;

inline std::string record(std::int64_t now_us, bool tick, bool meter) {
  v1::Measurement m;
  m.set_received_us(now_us);
  m.set_tick(tick);
  if (tick) return m.SerializeAsString();
  m.set_dev_eui(kEui);
  m.set_tenant("menden");
  m.set_f_cnt(static_cast<std::uint32_t>(now_us / kSecond));
  m.set_nominal_interval_s(900);
  constexpr std::pair<const char*, v1::Kind> kSeries[] = {
      {"temperature", v1::KIND_GAUGE}, {"parking_occupied", v1::KIND_STATE}, {"water_volume", v1::KIND_COUNTER}};
  for (const auto& [measure, kind] : kSeries) {
    if (kind == v1::KIND_COUNTER && !meter) continue;
    auto& sample = *m.add_samples();
    sample.set_measure(measure);
    sample.set_unit("1");
    sample.set_kind(kind);
    sample.set_value(kind == v1::KIND_COUNTER ? now_us / kSecond : 1);
    sample.set_time_us(now_us - 10 * kSecond);
  }
  return m.SerializeAsString();
}

/// True when the windows went on; false when they said that their state cannot be read.
inline bool step(processing::WindowProcessor& windows, std::int64_t now_us, bool tick, bool meter, MapState& state) {
  storage::Batch batch;
  const auto value = record(now_us, tick, meter);
  while (windows.step({storage::Topic::measurement, 0, 1, base::from_us(0), {}, {}, value, false}, batch) ==
         processing::Progress::more) {
  }
  if (const auto fault = windows.fault()) {
    require(fault->code == "bad_row", "only a damaged row is a fault");
    return false;
  }
  windows.flush(batch);
  state.apply(batch);
  return true;
}

/// Two panes with samples, a correction, time.
inline const MapState& state_as_it_is(bool with_meter) {
  static const auto make = [](bool meter) {
    const processing::WindowSettings settings;
    base::Counters counters;
    MapState state;
    processing::WindowProcessor windows(settings, counters);
    require(windows.assigned(0, state).has_value(), "nothing is a state");
    for (const auto at : {kStart + 100 * kSecond, kStart + 1'000 * kSecond, kStart + 1'900 * kSecond})
      require(step(windows, at, false, meter, state), "good records");
    return state;
  };
  static const auto kWithout = make(false);
  static const auto kWith = make(true);
  return with_meter ? kWith : kWithout;
}

}  // namespace window_rows_detail

inline void window_rows(base::ByteView bytes) {
  using namespace window_rows_detail;
  static const google::protobuf::LogSilencer quiet;
  static const processing::WindowSettings settings;
  if (bytes.size() < 2) return;
  base::Counters counters;
  const auto follows = bytes[1] < 8 ? bytes[1] : std::uint8_t{0};
  const bool ticks = (follows & 1) != 0;
  const bool meter = (follows & 2) != 0;
  auto state = state_as_it_is(meter);
  const auto value = base::as_text(bytes.subspan(2));
  const processing::Window pane{kStart, 900};
  switch (bytes[0] % 7) {
    case 0:
      state.put(storage::Store::pane, 0, processing::pane_key(pane, kEui), value);
      break;
    case 1:
      state.put(storage::Store::window, 0, processing::sequence_key(kEui, "parking_occupied", pane), value);
      break;
    case 2:
      state.put(storage::Store::window, 0, processing::revision_key({kStart, 3600}, kEui, "temperature"), value);
      break;
    case 3:
      state.put(storage::Store::window, 0, processing::kTimeKey, value);
      break;
    case 4:
      state.put(storage::Store::window, 0, processing::kPurgeKey, value);
      break;
    case 5:  // a key of any bytes
      state.put(storage::Store::pane, 0, value.substr(0, 20), value.substr(std::min<std::size_t>(20, value.size())));
      break;
    default:
      // one of a sequence with a name of three letters, or of another kind
      state.put(storage::Store::window, 0, value.substr(0, 25), value.substr(std::min<std::size_t>(25, value.size())));
  }
  const auto check = [](const base::Error& error) { require(error.code == "bad_row", "a damaged row is named so"); };
  if (const auto now = processing::provisional(state, 0, settings, base::DevEui{kEui}, base::from_us(kStart),
                                               base::from_us(kStart + 7200 * kSecond));
      !now)
    check(now.error());
  processing::WindowProcessor windows(settings, counters);
  if (const auto loaded = windows.assigned(0, state); !loaded) return check(loaded.error());
  std::int64_t now = kStart + 1'950 * kSecond;
  if (!step(windows, now, false, meter, state)) return;
  constexpr std::int64_t kJumps[] = {600, 3'600, 90'000, 604'800};
  for (const auto jump : std::span(kJumps).first((follows & 4) != 0 ? 4 : 2)) {
    now += jump * kSecond;
    if (!step(windows, now, ticks, meter, state)) return;
  }
  processing::WindowProcessor again(settings, counters);
  if (const auto loaded = again.assigned(0, state); !loaded) check(loaded.error());
}

}  // namespace lenne::fuzz
