// The fuzz target over its corpus and over seeded mutations of it, in the ordinary test run.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "semtech_udp_fuzz.cpp"  // NOLINT: the very same function

namespace lenne::ingest {
namespace {

std::vector<std::vector<std::uint8_t>> corpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(LENNE_SOURCE_DIR "/tests/fuzz/ingest/corpus/semtech_udp")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::vector<std::uint8_t>> inputs;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

TEST(SemtechUdpCorpus, HoldsForTheCorpusAndItsMutations) {
  const auto inputs = corpus();
  ASSERT_GE(inputs.size(), 8u);
  base::Random random(20'261'124);
  constexpr std::string_view kInteresting = "\"{}[],:0-9.eE\\\xff\x00 tnf";
  for (const auto& input : inputs) {
    LLVMFuzzerTestOneInput(input.data(), input.size());
    for (int round = 0; round < 3'000; ++round) {
      auto bytes = input;
      for (auto edits = 1 + random.below(6); edits > 0 && !bytes.empty(); --edits) {
        const auto at = random.below(bytes.size());
        switch (random.below(5)) {
          case 0:
            bytes[at] = static_cast<std::uint8_t>(random.next());
            break;
          case 1:
            bytes[at] = static_cast<std::uint8_t>(kInteresting[random.below(kInteresting.size())]);
            break;
          case 2:
            bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
            break;
          case 3:
            bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes[random.below(bytes.size())]);
            break;
          default:
            bytes.resize(at);
            break;
        }
      }
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
  }
}

}  // namespace
}  // namespace lenne::ingest
