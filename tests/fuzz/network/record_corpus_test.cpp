// The fuzzer's corpus as an ordinary test, and seeded mutations of it.
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/random.hpp"
#include "tests/fuzz/network/record_target.hpp"

namespace lenne::network::test {
namespace {

std::vector<base::Bytes> corpus() {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(LENNE_SOURCE_DIR) / "tests/fuzz/network/corpus/record";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<base::Bytes> inputs;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

void mutate(base::Bytes& bytes, base::Random& random) {
  for (auto steps = 1 + random.below(4); steps > 0; --steps) {
    const auto at = bytes.empty() ? 0 : random.below(bytes.size());
    switch (random.below(5)) {
      case 0:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random.next()));
        break;
      case 1:
        bytes.resize(at);
        break;
      default:
        if (!bytes.empty()) bytes[at] = static_cast<std::uint8_t>(random.next());
    }
  }
}

TEST(RecordCorpus, NoRecordBreaksTheStep) {
  const google::protobuf::LogSilencer quiet;  // it complains of each damaged text
  const auto inputs = corpus();
  ASSERT_GE(inputs.size(), 10U);
  for (const auto& input : inputs) EXPECT_NO_THROW(take_record(input));
  base::Random random(104);
  for (int round = 0; round < 1'000; ++round) {
    auto input = inputs[random.below(inputs.size())];
    mutate(input, random);
    ASSERT_NO_THROW(take_record(input)) << base::to_hex(input);
  }
}

}  // namespace
}  // namespace lenne::network::test
