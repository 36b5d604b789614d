// The fuzzers' corpora as ordinary tests, and seeded mutations of them.

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/fuzz/network/lorawan/targets.hpp"

namespace lenne::network::lorawan {
namespace {

using base::Bytes;

std::vector<Bytes> corpus_of(const char* parser) {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(LENNE_SOURCE_DIR) / "tests/fuzz/network/lorawan/corpus" / parser;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

void mutate(Bytes& bytes, base::Random& random) {
  for (auto steps = 1 + random.below(4); steps > 0; --steps) {
    const auto at = bytes.empty() ? 0 : random.below(bytes.size());
    const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(5)) {
      case 0:
        bytes.insert(here, static_cast<std::uint8_t>(random.next()));
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:
        bytes.resize(bytes.size() + random.below(24));
        break;
      default:
        if (!bytes.empty())
          *here = static_cast<std::uint8_t>(random.chance(0.5) ? *here ^ (1U << random.below(8)) : random.next());
    }
  }
}

void run(const char* parser, void (*target)(base::ByteView)) {
  const auto corpus = corpus_of(parser);
  ASSERT_GE(corpus.size(), 10U);
  for (const auto& input : corpus) EXPECT_NO_THROW(target(input));
  base::Random random(868);
  for (int round = 0; round < 50'000; ++round) {
    auto input = corpus[random.below(corpus.size())];
    mutate(input, random);
    ASSERT_NO_THROW(target(input)) << base::to_hex(input);
  }
}

TEST(FrameCorpus, frame) { run("frame", fuzz::frame); }
TEST(FrameCorpus, frame_report) { run("frame_report", fuzz::frame_report); }

}  // namespace
}  // namespace lenne::network::lorawan
