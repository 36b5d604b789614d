#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

TEST(PositionCorpus, EveryFileAndItsMutations) {
  std::vector<std::string> corpus;
  for (const auto& entry :
       std::filesystem::directory_iterator(LENNE_SOURCE_DIR "/tests/fuzz/storage/corpus/position")) {
    std::ifstream file(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  ASSERT_FALSE(corpus.empty());
  lenne::base::Random random(1);
  for (const auto& text : corpus) run(text);
  for (int i = 0; i < 50'000; ++i) {
    auto text = corpus[random.below(corpus.size())];
    for (auto n = 1 + random.below(4); n > 0 && !text.empty(); --n) {
      const auto at = random.below(text.size());
      static constexpr std::string_view kBytes = "0123456789-:_.fsabcz\xff";
      if (random.chance(0.3)) {
        text.erase(at, 1 + random.below(3));
      } else {
        text[at] = kBytes[random.below(kBytes.size())];
      }
    }
    run(text);
  }
}

}  // namespace
