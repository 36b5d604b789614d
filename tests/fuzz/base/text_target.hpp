#pragma once
// Any text as a time, hex digits, an id or a fixed-point number's neighbour: what is read is written as it was.

#include <string>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void text(base::ByteView bytes) {
  const auto text = base::as_text(bytes);
  if (const auto time = base::parse_rfc3339(text)) {
    const auto written = base::to_rfc3339(*time);
    // Offsets may carry a time out of the four digits of a year; within them it comes back.
    const auto year = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(*time)}.year();
    if (year >= std::chrono::year{0} && year <= std::chrono::year{9999})
      require(base::parse_rfc3339(written) == *time, "a time comes back");
    require(base::from_gps(base::to_gps(*time)) == *time || *time < base::Timestamp{}, "GPS time and back");
  }
  if (const auto raw = base::from_hex(text)) {
    require(raw->size() * 2 == text.size(), "two digits a byte");
    require(base::from_hex(base::to_hex(*raw)) == raw, "hex comes back");
  }
  if (const auto eui = base::parse_id<base::DevEui>(text))
    require(base::parse_id<base::DevEui>(base::to_hex(*eui)) == eui, "a DevEUI comes back");
  if (const auto addr = base::parse_id<base::DevAddr>(text))
    require(base::parse_id<base::DevAddr>(base::to_hex(*addr)) == addr, "a DevAddr comes back");
  if (const auto net = base::parse_id<base::NetId>(text)) {
    require(net->value <= 0xffffff, "a NetID has 24 bits");
    require(base::parse_id<base::NetId>(base::to_hex(*net)) == net, "a NetID comes back");
  }
}

}  // namespace lenne::fuzz
