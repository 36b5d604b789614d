#include "base/time.hpp"

#include <gtest/gtest.h>

namespace lenne::base {
namespace {

Timestamp at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(Time, prints_and_reads_back) {
  for (const auto* text :
       {"1970-01-01T00:00:00.000000Z", "2026-03-29T01:00:00.000001Z", "2028-02-29T23:59:59.999999Z"}) {
    EXPECT_EQ(to_rfc3339(at(text)), text);
  }
}

TEST(Time, reads_offsets_and_any_precision) {
  EXPECT_EQ(at("2026-10-25T02:30:00+02:00"), at("2026-10-25T00:30:00Z"));
  EXPECT_EQ(at("2026-10-25T02:30:00.1234567+01:00"), at("2026-10-25T01:30:00.123456Z"));
  EXPECT_EQ(at("2026-01-01T00:00:00-00:30"), at("2026-01-01T00:30:00Z"));
}

TEST(Time, refuses_what_is_ambiguous_or_wrong) {
  for (const auto* text :
       {"", "2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+2:00", "x026-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

// LoRaWAN 1.1 section 5.9's example and published GPS seconds around the leap second of 2012.
TEST(Time, gps_matches_published_numbers) {
  const std::pair<const char*, std::int64_t> published[] = {{"2016-02-12T14:24:31Z", 1139322288},
                                                            {"2010-01-28T16:36:24Z", 948731799},
                                                            {"2012-06-30T23:59:59Z", 1025136014},
                                                            {"2012-07-01T00:00:00Z", 1025136016},
                                                            {"2025-07-14T00:00:00Z", 1436486418}};
  for (const auto& [utc, gps] : published) {
    EXPECT_EQ(to_gps(at(utc)).count(), gps * 1'000'000) << utc;
    EXPECT_EQ(from_gps(GpsTime{gps * 1'000'000}), at(utc)) << utc;
  }
}

}  // namespace
}  // namespace lenne::base
