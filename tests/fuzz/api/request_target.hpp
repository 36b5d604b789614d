#pragma once
// Addresses, parameters and positions from any bytes.

#include <cstdlib>
#include <string_view>

#include "api/context.hpp"
#include "api/json_writer.hpp"
#include "api/request.hpp"
#include "api/routes.hpp"
#include "api/rows.hpp"

namespace lenne::api {

inline void fuzz_request(std::string_view bytes) {
  (void)percent_decode(bytes, true);
  (void)match_route("GET", bytes);
  (void)window_of_resolution(bytes);
  (void)bearer_of(bytes);
  if (const auto query = QueryParameters::parse(bytes)) {
    (void)query->time("t");
    (void)query->size("n", 1, 10);
    (void)query->dev_eui("d");
    (void)query->boolean("b", false);
  }
  if (const auto positions = parse_positions(bytes)) {
    if (parse_positions(positions_text(*positions)) != positions) std::abort();
  }
  std::string text;
  append_json_string(text, bytes);
}

}  // namespace lenne::api
