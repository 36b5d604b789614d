#pragma once
// Any text as the sizes of windows: refused, or sizes that divide a day and one another.

#include "processing/window_settings.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void window_sizes(base::ByteView bytes) {
  const auto sizes = processing::parse_windows(base::as_text(bytes));
  if (!sizes) return;
  const auto& lengths = sizes->lengths_s;
  require(!lengths.empty() && lengths.size() <= processing::kMaxWindows && lengths.front() <= 3600,
          "1 to 8 lengths, the smallest up to an hour");
  std::string text;
  for (const auto calendar : sizes->calendars)
    text += (text.empty() ? "" : ",") + std::string(processing::info_of(calendar).setting);
  for (const auto length : lengths) {
    require(length > 0 && 86400 % length == 0 && length % lengths.front() == 0, "whole in a day, and in panes");
    text += (text.empty() ? "" : ",") + std::to_string(length) + "s";
    require(processing::window_name({0, length}).starts_with("PT"), "a name");
  }
  std::size_t overlap = 0;
  for (const auto& [length, hop] : sizes->hopping) {
    require(hop > 0 && hop < length && length % hop == 0 && 86400 % length == 0, "hops divide a window");
    require(hop % lengths.front() == 0, "hops are whole in panes");
    text += "," + std::to_string(length) + "s/" + std::to_string(hop) + "s";
    overlap += length / hop;
  }
  require(overlap <= processing::kMaxOverlap, "not too many at a moment");
  require(processing::parse_windows(text) == *sizes, "sizes come back");
}

}  // namespace lenne::fuzz
