#pragma once
// A server that knows local days (Berlin in winter), and devices with parameters.

#include "tests/unit/api/world.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::api {

/// The local day of 24 November 2026, a Tuesday.
inline const std::string kOneDay = "&from=2026-11-23T23:00:00Z&to=2026-11-24T23:00:00Z";

class DaysWorld : public World {
 public:
  DaysWorld() : World({}, winter()) { two_towns(); }

  void publish(const v1::Aggregate& row) {
    append(
        storage::Topic::aggregate, row.tenant(),
        std::to_string(row.dev_eui()) + "/" + row.measure() + "/" + row.window() + "/" + std::to_string(row.start_us()),
        row.SerializeAsString());
  }
  void device_with(const std::string& parameters) {
    ASSERT_EQ(apply(R"([{"kind":"Device","dev_eui":"0000000000000001","join_eui":"0000000000000000","name":"Menden 1",
      "tenant":"menden","site":"school","app_key":"00112233445566778899aabbccddeeff","parameters":)" +
                    parameters + "}]"),
              "updated");
  }

 private:
  static Hooks winter() {
    Hooks hooks;
    hooks.day_start = [](std::string_view, std::chrono::sys_days date) {
      return std::optional(base::Timestamp{date} - std::chrono::hours{1});
    };
    return hooks;
  }
};

}  // namespace lenne::api
