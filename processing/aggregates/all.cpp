#include <array>

#include "processing/aggregates/counter.hpp"
#include "processing/aggregates/engine.hpp"
#include "processing/aggregates/gauge.hpp"
#include "processing/aggregates/held.hpp"
#include "processing/aggregates/state_duration.hpp"

namespace lenne::processing::aggregates {

std::span<const Engine* const> engines() noexcept {
  static const std::array<const Engine*, 5> all{
      &gauge_engine(), &held_engine(), &event_engine(), &counter_engine(), &state_duration_engine(),
  };
  return all;
}

const Engine* engine_of(v1::Kind kind) noexcept {
  static const auto by_kind = [] {
    std::array<const Engine*, v1::Kind_ARRAYSIZE> table{};
    for (const auto* engine : engines()) table[static_cast<std::size_t>(engine->kind())] = engine;
    return table;
  }();
  return v1::Kind_IsValid(kind) ? by_kind[static_cast<std::size_t>(kind)] : nullptr;
}

}  // namespace lenne::processing::aggregates
