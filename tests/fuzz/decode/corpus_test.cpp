// The fuzz targets' corpus and seeded mutations of it, as ordinary tests.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "tests/fuzz/decode/payload_fuzz.hpp"

namespace lenne::decode::tests {
namespace {

std::vector<base::Bytes> corpus(const std::string& name) {
  std::vector<base::Bytes> all;
  for (const auto& entry : std::filesystem::directory_iterator{LENNE_SOURCE_DIR "/tests/fuzz/decode/corpus/" + name}) {
    std::ifstream in{entry.path(), std::ios::binary};
    all.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
  }
  return all;
}

template <typename Target>
void mutate(const std::vector<base::Bytes>& seeds, int rounds, Target target) {
  std::mt19937 random{20260101};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int i = 0; i < rounds; ++i) {
    base::Bytes bytes = seeds[below(seeds.size())];
    for (std::size_t edits = 1 + below(6); edits > 0 && !bytes.empty(); --edits) {
      const std::size_t at = below(bytes.size());
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<std::uint8_t>(random());
          break;
        case 1:
          bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        case 2:
          bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random()));
          break;
        default:
          bytes.resize(at);
          break;
      }
    }
    target(bytes);
  }
}

TEST(PayloadCorpus, KeepsTheRules) {
  const auto seeds = corpus("payload");
  ASSERT_GE(seeds.size(), 8U);
  for (const auto& seed : seeds) fuzz_payload(seed);
  mutate(seeds, 20'000, fuzz_payload);
}

TEST(PayloadCorpus, RandomBytesOnEveryPlan) {
  std::mt19937 random{7};
  for (int i = 0; i < 30'000; ++i) {
    base::Bytes bytes(2 + random() % 250);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (i % 2 == 0) bytes[1] = static_cast<std::uint8_t>(i % 3 == 0 ? 100 : 1 + i % 3);
    fuzz_payload(bytes);
  }
}

TEST(JsonCorpus, KeepsTheRules) {
  const auto seeds = corpus("json");
  ASSERT_GE(seeds.size(), 4U);
  for (const auto& seed : seeds) fuzz_json(seed);
  mutate(seeds, 20'000, fuzz_json);
}

}  // namespace
}  // namespace lenne::decode::tests
