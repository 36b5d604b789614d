#pragma once
// What an aggregate is: how samples form a pane's mergeable state, and how panes form a window's result.
// A new one = one file with an Engine, and one line in all.cpp.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lenne/v1/aggregate.pb.h"
#include "processing/window_settings.hpp"

namespace lenne::processing::aggregates {

/// Where a series' samples lie, and how often the device should report (0 = unknown).
struct PaneFrame {
  Window pane;
  std::uint32_t nominal_interval_s = 0;
};

/// One series' share of one pane, as a fold reads it.
struct PaneShare {
  PaneFrame frame;
  const v1::SeriesPane* series = nullptr;
};

/// The newest entry before a window, and until when it says something.
struct Carry {
  v1::SequenceEntry entry;
  std::int64_t hold_us = 0;
};

/// What a window's result is computed from: the shares in time order, all inside the window.
struct FoldInput {
  Window window;
  std::int64_t until_us = 0;  ///< the window's end, or earlier (now) for provisional results
  std::span<const PaneShare> shares;
  std::optional<Carry> carry = std::nullopt;
  std::optional<v1::SequenceEntry> next = std::nullopt;  ///< counters: the first entry after the window
  std::uint64_t rollover_at = 0;                         ///< counters: SeriesPane.rollover_at
};

struct Folded {
  bool empty = true;  ///< nothing to publish for this window
};

/// Pure functions over one kind of samples. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual v1::Kind kind() const noexcept = 0;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// Adds one sample, which lies inside the pane and is not flagged.
  virtual void add(v1::SeriesPane& into, const PaneFrame& frame, const v1::SequenceEntry& sample) const = 0;
  /// Merges two states of the same pane: commutative, associative, an empty state changes nothing. A bag's states must
  /// be of disjoint samples; a sequence's may share samples, which count once.
  virtual void merge(v1::SeriesPane& into, const v1::SeriesPane& other) const = 0;
  /// How many samples the state holds.
  [[nodiscard]] virtual std::uint64_t count(const v1::SeriesPane& pane) const noexcept = 0;
  /// Computes a window's state into `out` (state and covered_us).
  [[nodiscard]] virtual Folded fold(const FoldInput& input, v1::Aggregate& out) const = 0;
};

/// Every engine.
[[nodiscard]] std::span<const Engine* const> engines() noexcept;
/// The engine of a kind; null when that kind has no aggregate.
[[nodiscard]] const Engine* engine_of(v1::Kind kind) noexcept;

}  // namespace lenne::processing::aggregates
