#pragma once
// What an aggregate is: how samples form a pane's mergeable state, and how panes form a window's result.
// A new one = one file with an Engine, and one line in all.cpp.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "processing/pane.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::aggregates {

/// Where a series' samples lie, and how often the device should report (0 = unknown).
struct PaneFrame {
  Window pane;
  std::uint32_t nominal_interval_s = 0;
};

/// One series' share of one pane, as a fold reads it.
struct PaneShare {
  PaneFrame frame;
  const SeriesPane* series = nullptr;
};

/// The newest entry before a window, and until when it says something.
struct Carry {
  Entry entry;
  std::int64_t hold_us = 0;
  friend bool operator==(const Carry&, const Carry&) = default;
};

/// A counter's reading, and what its meter can do.
struct Reading {
  Entry entry;
  FlowLimits limits = {};
  friend bool operator==(const Reading&, const Reading&) = default;
};

/// What a window's result is computed from: the shares in time order, all inside the window.
struct FoldInput {
  Window window;
  std::int64_t until_us = 0;  ///< the window's end, or earlier (now) for provisional results
  std::span<const PaneShare> shares;
  std::optional<Carry> carry = std::nullopt;  ///< states, and values that hold
  // Counters: the nearest readings around the window, in order. kReadingsBefore and kReadingsAfter of them decide all;
  // where no reading has limits, one of each. Those that lie farther than kMaxHoldUs away need not be there.
  std::span<const Reading> before = {};
  std::span<const Reading> after = {};
  std::uint64_t rollover_at = 0;                  ///< counters: Definition.rollover_at
  std::int64_t measured_gap_us = kMeasuredGapUs;  ///< counters: measured_gap_us() of the measure
};
inline constexpr std::size_t kReadingsBefore = 4;
inline constexpr std::size_t kReadingsAfter = 3;

/// The state durations of a stretch of time.
struct DurationState {
  std::uint64_t count = 0;       ///< entries inside
  std::int64_t occupied_us = 0;  ///< time in a state other than 0
  std::int64_t known_us = 0;     ///< time in any known state
  std::uint64_t transitions_on = 0;
  std::uint64_t transitions_off = 0;
  std::optional<Entry> first = std::nullopt;
  std::optional<Entry> last = std::nullopt;
  friend bool operator==(const DurationState&, const DurationState&) = default;
};

/// What a counter counted in a stretch of time. All but first and last add up over neighbouring stretches.
struct CounterState {
  std::uint64_t count = 0;           ///< readings inside
  base::Int128 amount = 0;           ///< steps; forwards less backwards
  base::Int128 estimated = 0;        ///< the part of it between readings that lie far apart
  std::int64_t estimated_us = 0;     ///< the time of it
  base::Int128 interpolated = 0;     ///< the part of it that an edge of the window cuts off far from any reading
  std::int64_t interpolated_us = 0;  ///< the time of it
  base::Int128 reverse = 0;          ///< what ran backwards, positive
  std::uint64_t rollovers = 0;
  std::uint64_t resets = 0;
  std::uint64_t exchanges = 0;    ///< of the meter
  std::uint64_t quarantined = 0;  ///< readings that count nothing: refuted by a later one, or not confirmed yet
  std::optional<Entry> first = std::nullopt;
  std::optional<Entry> last = std::nullopt;
  friend bool operator==(const CounterState&, const CounterState&) = default;
};

/// What a value that holds says of a stretch of time. All but the extremes add up over neighbouring stretches.
struct HeldState {
  std::uint64_t samples = 0;  ///< inside
  std::int64_t known_us = 0;  ///< time in which the value is known
  base::Int128 integral = 0;  ///< of the value over that time, steps times µs
  Point lowest = {};          ///< when it first held inside, here and below; nothing when known_us is 0
  Point highest = {};
  friend bool operator==(const HeldState&, const HeldState&) = default;
};

struct Folded {
  bool empty = true;  ///< nothing to publish for this window
  std::int64_t covered_us = 0;
  std::variant<GaugeState, DurationState, CounterState, HeldState> state = {};
  friend bool operator==(const Folded&, const Folded&) = default;
};

/// Pure functions over one kind of samples. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual v1::Kind kind() const noexcept = 0;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// Adds one sample, which lies inside the pane and is not flagged.
  virtual void add(SeriesPane& into, const PaneFrame& frame, const Entry& sample) const = 0;
  /// Merges two states of the same pane: commutative, associative, an empty state changes nothing. A bag's states must
  /// be of disjoint samples; a sequence's may share samples, which count once.
  virtual void merge(SeriesPane& into, const SeriesPane& other) const = 0;
  /// How many samples the state holds.
  [[nodiscard]] virtual std::uint64_t count(const SeriesPane& pane) const noexcept = 0;
  /// A window's state.
  [[nodiscard]] virtual Folded fold(const FoldInput& input) const = 0;
};

/// Every engine.
[[nodiscard]] std::span<const Engine* const> engines() noexcept;
/// The engine of a kind; null when that kind has no aggregate.
[[nodiscard]] const Engine* engine_of(v1::Kind kind) noexcept;

}  // namespace lenne::processing::aggregates
