#include "app/open_vault.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.hpp"
#include "storage/memory/memory_log.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::app {
namespace {

struct OpenVault : ::testing::Test {
  base::Result<base::crypto::KeyVault> open(const std::string& file) {
    Settings settings;
    settings.keys.file = folder.path() + "/" + file;
    return open_vault(settings, log);
  }
  storage::conformance::ScratchDirectory folder;
  base::SystemClock clock;
  storage::MemoryLog log{2, clock};
};

TEST_F(OpenVault, the_first_process_makes_the_key_and_it_is_known_again) {
  const auto first = open("kek");
  ASSERT_TRUE(first) << first.error().message;
  const std::array<base::crypto::Key128, 1> keys{base::crypto::Key128{{1, 2, 3}}};
  const auto wrapped = first->wrap(keys);
  const auto again = open("kek");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->unwrap(wrapped).value().front(), keys[0]);
}

TEST_F(OpenVault, a_process_without_the_key_makes_none_of_its_own) {
  ASSERT_TRUE(open("kek"));
  const auto refused = open("missing");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "kek_missing");
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/missing"));
}

TEST_F(OpenVault, the_key_of_another_network_is_refused) {
  ASSERT_TRUE(open("kek"));
  storage::MemoryLog other{2, clock};
  Settings settings;
  settings.keys.file = folder.path() + "/other";
  ASSERT_TRUE(open_vault(settings, other));
  const auto refused = open("other");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "kek_other");
}

}  // namespace
}  // namespace lenne::app
