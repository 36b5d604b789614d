#pragma once
// Random choices as a universe makes them.

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"

namespace lenne::sim {

/// A random duration between two.
[[nodiscard]] inline base::Duration between(base::Random& random, base::Duration least, base::Duration most) {
  return least + base::Duration{
                     static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>((most - least).count()) + 1))};
}

/// An exponential pause: what comes independently of what came before.
[[nodiscard]] inline base::Duration pause_of(base::Random& random, base::Duration mean) {
  return base::Duration{static_cast<std::int64_t>(-std::log(1.0 - random.unit()) * static_cast<double>(mean.count()))};
}

/// A whole number between two, both included.
[[nodiscard]] inline int whole(base::Random& random, int least, int most) {
  return least + static_cast<int>(random.below(static_cast<std::uint64_t>(most - least) + 1));
}

/// Roughly normal with mean 0: four uniform draws.
[[nodiscard]] inline double spread(base::Random& random, double deviation) {
  double sum = -2;
  for (int i = 0; i < 4; ++i) sum += random.unit();
  return sum * std::sqrt(3.0) * deviation;
}

template <typename T>
[[nodiscard]] const T& one_of(base::Random& random, const std::vector<T>& choices) {
  return choices[random.below(choices.size())];
}

}  // namespace lenne::sim
