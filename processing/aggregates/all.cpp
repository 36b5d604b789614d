#include <array>

#include "processing/aggregates/counter.hpp"
#include "processing/aggregates/engine.hpp"
#include "processing/aggregates/gauge.hpp"
#include "processing/aggregates/state_duration.hpp"

namespace lenne::processing::aggregates {

std::span<const Engine* const> engines() noexcept {
  static const std::array<const Engine*, 4> all{
      &gauge_engine(),
      &event_engine(),
      &counter_engine(),
      &state_duration_engine(),
  };
  return all;
}

const Engine* engine_of(v1::Kind kind) noexcept {
  for (const auto* engine : engines()) {
    if (engine->kind() == kind) return engine;
  }
  return nullptr;
}

}  // namespace lenne::processing::aggregates
