#include "api/measure_names.hpp"

#include "processing/meters/obis.hpp"

namespace lenne::api {

namespace meters = processing::meters;

base::Result<std::string> measure_named(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return std::string(text);
  const auto code = meters::parse_obis(text);
  if (!code) return base::fail("bad_parameter", code.error().message);
  const auto measure = meters::measure_of(*code);
  if (!measure) return base::fail("bad_parameter", "no measure here is the register " + meters::to_string(*code));
  return std::string(*measure);
}

}  // namespace lenne::api
