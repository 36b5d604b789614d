// The fuzz targets over their corpora and over seeded mutations of them, in the ordinary test run.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/random.hpp"
#include "tests/fuzz/api/documents_target.hpp"
#include "tests/fuzz/api/request_target.hpp"

namespace lenne::api {
namespace {

std::vector<std::string> corpus(const std::string& name) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(LENNE_SOURCE_DIR "/tests/fuzz/api/corpus/" + name)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

std::string mutate(std::string bytes, base::Random& random) {
  constexpr std::string_view kInteresting = "\"{}[],:0-9.eE\\\xff\x00%&=+/~ tnf";
  for (auto edits = 1 + random.below(6); edits > 0 && !bytes.empty(); --edits) {
    const auto at = random.below(bytes.size());
    switch (random.below(5)) {
      case 0:
        bytes[at] = static_cast<char>(random.next());
        break;
      case 1:
        bytes[at] = kInteresting[random.below(kInteresting.size())];
        break;
      case 2:
        bytes.erase(at, 1 + random.below(8));
        break;
      case 3:
        bytes.insert(at, bytes.substr(random.below(bytes.size()), 8));
        break;
      default:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

void run(const std::string& name, void (*target)(std::string_view)) {
  const auto inputs = corpus(name);
  ASSERT_GE(inputs.size(), 3U);
  base::Random random(20'261'124);
  for (const auto& input : inputs) {
    target(input);
    for (int round = 0; round < 2'000; ++round) target(mutate(input, random));
  }
}

TEST(ApiCorpus, Documents) { run("documents", fuzz_documents); }
TEST(ApiCorpus, Requests) { run("request", fuzz_request); }

}  // namespace
}  // namespace lenne::api
