#pragma once
// From descriptors with codec options to a plan. What is contradictory is refused here: decoding needs no checks.

#include <optional>
#include <string>
#include <vector>

#include "decode/plan.hpp"

namespace lenne::decode {

/// Compiles the message and all that it contains. Each fault adds one line to `errors`, naming file and field; then the
/// result is nothing. The descriptors must outlive the plan.
[[nodiscard]] std::optional<Plan> compile_plan(const google::protobuf::Descriptor& root, std::string name,
                                               std::string id, std::vector<std::string>& errors);

}  // namespace lenne::decode
