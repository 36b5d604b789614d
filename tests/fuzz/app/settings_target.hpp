#pragma once
// Any text as a settings file, as an assignment on the command line, as a duration and as an address.
// Input: choice | text.

#include "app/settings.hpp"
#include "base/bytes.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void settings(base::ByteView bytes) {
  if (bytes.empty()) return;
  const std::string text(base::as_text(bytes.subspan(1)));
  if (const auto duration = app::parse_duration(text))
    require(*duration >= base::Duration{0}, "a duration is not negative");
  if (const auto address = app::parse_address(text))
    require(app::parse_address(app::to_text(*address)) == *address, "an address comes back");
  const auto read = (bytes[0] & 1) != 0 ? app::read_settings({}, {text}) : app::parse_settings("lenne.yaml", text);
  if (!read) {
    require(!read.error().message.empty(), "refused with a reason");
    return;
  }
  require(read->network.partitions >= 1 && read->network.partitions <= 256, "partitions in their bounds");
  require(!read->network.regions.empty() && !read->windows.sizes.lengths_s.empty(), "no list is empty");
  require(!read->data.empty(), "data has a place");
}

}  // namespace lenne::fuzz
