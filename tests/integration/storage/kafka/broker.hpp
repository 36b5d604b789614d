#pragma once
// The broker that the program's tests share; kafka_log_test.cpp starts and stops it.

#include <string>

namespace lenne::storage::conformance {

/// host:port of it. Set once, before the tests.
inline std::string bootstrap;  // NOLINT

}  // namespace lenne::storage::conformance
