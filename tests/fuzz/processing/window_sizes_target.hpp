#pragma once
// Any text as the sizes of windows: refused, or sizes that divide a day and one another.

#include "processing/window_settings.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void window_sizes(base::ByteView bytes) {
  const auto sizes = processing::parse_windows(base::as_text(bytes));
  if (!sizes) return;
  require(!sizes->empty() && sizes->size() <= 8 && sizes->front() <= 3600, "1 to 8 sizes, the smallest up to an hour");
  std::string text;
  for (const auto size : *sizes) {
    require(size > 0 && 86400 % size == 0 && size % sizes->front() == 0, "whole in a day, and in panes");
    text += (text.empty() ? "" : ",") + std::to_string(size) + "s";
    require(processing::window_name(size).starts_with("PT"), "a name");
  }
  require(processing::parse_windows(text) == *sizes, "sizes come back");
}

}  // namespace lenne::fuzz
