#include "base/int128.hpp"

#include <algorithm>

namespace lenne::base {

std::string to_string(Int128 x) {
  UInt128 rest = x < 0 ? -static_cast<UInt128>(x) : static_cast<UInt128>(x);
  std::string text;
  do {
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  if (x < 0) text += '-';
  std::ranges::reverse(text);
  return text;
}

}  // namespace lenne::base
