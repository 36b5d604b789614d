#include "processing/derived/parameters.hpp"

#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {

std::optional<std::int64_t> parameter_micro(const v1::Device& device, std::string_view name) {
  for (const auto& parameter : device.parameters()) {
    if (parameter.name() == name)
      return to_micro(parameter.value().value(), parameter.value().exponent()).value_or(INT64_MIN);
  }
  return std::nullopt;
}

}  // namespace lenne::processing::derived
