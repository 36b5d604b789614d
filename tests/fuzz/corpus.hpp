#pragma once
// A fuzz target as an ordinary test: over its corpus, and over seeded mutations of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace lenne::fuzz {

using Target = void (*)(base::ByteView);

/// The files of tests/fuzz/<folder>/corpus/<parser>, in the order of their names.
inline std::vector<base::Bytes> corpus_of(const std::string& folder, const std::string& parser) {
  std::vector<std::filesystem::path> files;
  const auto at = std::filesystem::path(LENNE_SOURCE_DIR) / "tests/fuzz" / folder / "corpus" / parser;
  for (const auto& entry : std::filesystem::directory_iterator(at)) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<base::Bytes> corpus;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

/// One to six small edits; bytes come from `alphabet` as often as from anywhere.
inline void mutate(base::Bytes& bytes, base::Random& random, std::string_view alphabet) {
  const auto byte = [&] {
    if (alphabet.empty() || random.chance(0.5)) return static_cast<std::uint8_t>(random.next());
    return static_cast<std::uint8_t>(alphabet[random.below(alphabet.size())]);
  };
  for (auto edits = 1 + random.below(6); edits > 0; --edits) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(bytes.size() + 1));
    const auto here = bytes.begin() + at;
    switch (random.below(6)) {
      case 0:
        bytes.insert(here, byte());
        break;
      case 1:
        bytes.erase(here, here + std::min<std::ptrdiff_t>(bytes.end() - here,
                                                          1 + static_cast<std::ptrdiff_t>(random.below(8))));
        break;
      case 2:
        bytes.resize(static_cast<std::size_t>(at));
        break;
      case 3: {
        const base::Bytes part(here, here + std::min<std::ptrdiff_t>(bytes.end() - here, 8));
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size() + 1)), part.begin(),
                     part.end());
        break;
      }
      case 4:
        if (here != bytes.end()) *here = static_cast<std::uint8_t>(*here ^ (1U << random.below(8)));
        break;
      default:
        if (here != bytes.end()) *here = byte();
    }
  }
}

/// Runs the corpus, then `rounds` mutations of it.
inline void run_corpus(const std::string& folder, const std::string& parser, Target target, int rounds,
                       std::string_view alphabet = {}) {
  const auto corpus = corpus_of(folder, parser);
  ASSERT_FALSE(corpus.empty());
  for (const auto& input : corpus) EXPECT_NO_THROW(target(input)) << base::to_hex(input);
  base::Random random(868);
  for (int round = 0; round < rounds; ++round) {
    auto input = corpus[random.below(corpus.size())];
    mutate(input, random, alphabet);
    ASSERT_NO_THROW(target(input)) << base::to_hex(input);
  }
}

}  // namespace lenne::fuzz
