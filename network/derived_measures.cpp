#include "network/derived_measures.hpp"

#include "processing/derived/derive.hpp"

namespace lenne::network {

void add_derived(const Step& step, const v1::UseCase& use_case, v1::Measurement& measurement) {
  const auto counts = processing::derived::derive(use_case, measurement);
  const auto count = [&](std::string_view name, std::uint32_t n) {
    if (n > 0) step.services.counters.count(name, n);
  };
  count("network.derived.added", counts.added);
  count("network.derived.undefined", counts.undefined);
  count("network.derived.refused.unknown_measure", counts.unknown_measure);
  count("network.derived.refused.no_parameter", counts.no_parameter);
  count("network.derived.refused.taken", counts.taken);
  count("network.derived.refused.too_many", counts.too_many);
}

}  // namespace lenne::network
