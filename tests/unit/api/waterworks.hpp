#pragma once
// A tenant with an inflow and two houses' meters, and results of such meters.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "tests/unit/api/world.hpp"

namespace lenne::api {

inline constexpr std::int64_t kOctober25 = 1'792'879'200'000'000;  // 2026-10-24T22:00:00Z: a local day of 25 h

/// Local days of Berlin in 2026.
inline Hooks berlin_2026() {
  using namespace std::chrono;
  Hooks hooks;
  hooks.day_start = [](std::string_view, sys_days date) {
    const bool summer = date > sys_days{2026y / March / 29} && date <= sys_days{2026y / October / 25};
    return std::optional(base::Timestamp{date} - hours{summer ? 2 : 1});
  };
  return hooks;
}

/// A result of a water meter that was read at both edges: `ml` ran in [start, start + length).
inline v1::Aggregate counted(std::uint64_t eui, const std::string& window, std::int64_t start_us,
                             std::int64_t length_us, std::int64_t ml) {
  v1::Aggregate row;
  row.set_tenant("menden");
  row.set_dev_eui(eui);
  row.set_measure("water_volume");
  row.set_unit("m3");
  row.set_exponent(-6);
  row.set_kind(v1::KIND_COUNTER);
  row.set_window(window);
  row.set_start_us(start_us);
  row.set_end_us(start_us + length_us);
  row.set_covered_us(length_us);
  row.set_final(true);
  auto& counter = *row.mutable_counter();
  counter.set_count(1);
  counter.mutable_amount()->set_low(static_cast<std::uint64_t>(ml));
  counter.mutable_first()->set_time_us(start_us);
  counter.mutable_first()->set_value(5'000'000);
  counter.mutable_last()->set_time_us(start_us);
  counter.mutable_last()->set_value(5'000'000);
  return row;
}

class Waterworks : public World {
 public:
  explicit Waterworks(HttpSettings settings = {}, Hooks hooks = {}) : World(std::move(settings), std::move(hooks)) {
    EXPECT_EQ(apply(R"([{"kind":"Tenant","name":"menden"},{"kind":"Site","name":"zone-1","tenant":"menden"},
      {"kind":"Device","dev_eui":"0000000000000001","join_eui":"0000000000000000","name":"In","tenant":"menden","site":"zone-1","app_key":"00112233445566778899aabbccddeeff"},
      {"kind":"Device","dev_eui":"0000000000000002","join_eui":"0000000000000000","name":"House 2","tenant":"menden","site":"zone-1","app_key":"00112233445566778899aabbccddeeff"},
      {"kind":"Device","dev_eui":"0000000000000003","join_eui":"0000000000000000","name":"House 3","tenant":"menden","site":"zone-1","app_key":"00112233445566778899aabbccddeeff"}])"),
              "created, created, created, created, created");
  }
  void put(const v1::Aggregate& row) {
    append(storage::Topic::aggregate, row.tenant(),
           base::hex_of(row.dev_eui(), 16) + "/" + row.window() + "/" + std::to_string(row.start_us()),
           row.SerializeAsString());
  }
  void wait_for(const std::string& target, std::size_t rows) {
    wait_until([&] { return get(target).items().size() == rows; });
  }
};

}  // namespace lenne::api
