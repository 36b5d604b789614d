// sim_universe --seed N [--seeds K] [--verbose]: lives through K universes from seed N on. Exit code 1 when a rule
// broke.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include "universe.hpp"

int main(int argc, char** argv) {
  using namespace lenne::sim;
  google::protobuf::SetLogHandler(nullptr);
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--verbose") {
      verbose = true;
    } else if ((word == "--seed" || word == "--seeds") && i + 1 < argc) {
      (word == "--seed" ? first : count) = std::strtoull(argv[++i], nullptr, 10);
    } else {
      fmt::print(stderr, "usage: sim_universe --seed N [--seeds K] [--verbose]\n");
      return 2;
    }
  }
  Tally tally;
  std::uint64_t failed = 0;
  std::uint64_t records = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const auto outcome = run_universe(scenario_of(seed));
    tally.add(outcome.tally);
    records += outcome.records;
    if (verbose)
      fmt::print("seed {}: {} records, {} writes, fingerprint {:016x}\n", seed, outcome.records, outcome.writes,
                 outcome.fingerprint);
    if (outcome.findings.empty()) continue;
    ++failed;
    for (const auto& finding : outcome.findings) fmt::print("seed {}: {}\n", seed, finding);
    fmt::print("again: {} --seed {} --verbose\n", argv[0], seed);
    std::fflush(stdout);
  }
  fmt::print("{}{} universes, {} records, {} broken\n", tally.to_text(), count, records, failed);
  for (const auto name : tally.missing()) fmt::print("never happened: {}\n", name);
  return failed == 0 ? 0 : 1;
}
