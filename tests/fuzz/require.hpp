#pragma once
// What every fuzz target needs: its input's type, and laws. A broken law throws: libFuzzer and GoogleTest both notice.

#include <stdexcept>

#include "base/bytes.hpp"

namespace lenne::fuzz {

inline void require(bool holds, const char* law) {
  if (!holds) throw std::logic_error(law);
}

}  // namespace lenne::fuzz
