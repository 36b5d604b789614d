#include "processing/derived/parameters.hpp"

#include <string>

#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {

std::optional<std::int64_t> parameter_micro(const v1::Device& device, std::string_view name) {
  for (const auto& parameter : device.parameters()) {
    if (parameter.name() == name)
      return to_micro(parameter.value().value(), parameter.value().exponent()).value_or(INT64_MIN);
  }
  return std::nullopt;
}

base::Result<int> whole_parameter(const v1::Device& device, std::string_view name, int absent, int least, int most) {
  const auto micro = parameter_micro(device, name);
  if (!micro) return absent;
  if (*micro < least * kMicro || *micro > most * kMicro || *micro % kMicro != 0)
    return base::fail("bad_parameter", std::string(name) + " is a whole number from " + std::to_string(least) + " to " +
                                           std::to_string(most));
  return static_cast<int>(*micro / kMicro);
}

}  // namespace lenne::processing::derived
