#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/crypto/aes128.hpp"
#include "base/crypto/key_vault.hpp"

namespace lenne::base::crypto {
namespace {

Key128 key_of(std::string_view hex) {
  Key128 key;
  EXPECT_TRUE(from_hex_exactly(hex, key.bytes)) << hex;
  return key;
}
Bytes bytes_of(std::string_view hex) { return from_hex(hex).value(); }

// FIPS-197 appendix C.1.
TEST(Aes128, block_of_fips_197) {
  Aes128 aes;
  const auto key = key_of("000102030405060708090a0b0c0d0e0f");
  auto block = bytes_of("00112233445566778899aabbccddeeff");
  aes.encrypt(key, block, block.data());
  EXPECT_EQ(to_hex(block), "69c4e0d86a7b0430d8cdb78070b4c55a");
  aes.decrypt(key, block, block.data());
  EXPECT_EQ(to_hex(block), "00112233445566778899aabbccddeeff");
}

// RFC 4493 section 4.
TEST(Aes128, cmac_of_rfc_4493) {
  Aes128 aes;
  const auto key = key_of("2b7e151628aed2a6abf7158809cf4f3c");
  const auto message = bytes_of(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  const std::pair<std::size_t, const char*> published[] = {{0, "bb1d6929e95937287fa37d129b756746"},
                                                           {16, "070a16b46b4d4144f79bdd9dd04a287c"},
                                                           {40, "dfa66747de9ae63030ca32611497c827"},
                                                           {64, "51f0bebf7e3b9d92fc49741779363cfe"}};
  for (const auto& [size, mac] : published) {
    const auto view = ByteView(message).first(size);
    EXPECT_EQ(to_hex(aes.cmac(key, view)), mac) << size;
    for (std::size_t cut = 0; cut <= size; ++cut)
      EXPECT_EQ(to_hex(aes.cmac(key, view.first(cut), view.subspan(cut))), mac);
  }
}

TEST(Aes128, decrypt_undoes_encrypt_while_keys_change) {
  Aes128 aes;
  EXPECT_TRUE(rc::check([&](const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b) {
    const auto size = *rc::gen::inRange<std::size_t>(0, 20) * 16;
    const auto clear = *rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>());
    auto other = clear, text = clear;
    aes.encrypt(Key128{a}, text, text.data());
    aes.encrypt(Key128{b}, other, other.data());
    RC_ASSERT((a == b || size == 0) == (text == other));
    aes.decrypt(Key128{a}, text, text.data());
    RC_ASSERT(text == clear);
  }));
}

TEST(Aes128, can_be_moved) {
  Aes128 first;
  Aes128 second = std::move(first);
  first = Aes128();
  const Key128 key{};
  EXPECT_EQ(first.cmac(key, {}), second.cmac(key, {}));
}

std::array<std::uint8_t, 32> counting_key() {
  std::array<std::uint8_t, 32> key{};
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  return key;
}

// RFC 3394 section 4.3: 128 bits of key data with a 256-bit key-encryption key.
TEST(KeyVault, wraps_as_rfc_3394) {
  const auto vault = KeyVault::of(counting_key());
  const std::array keys{key_of("00112233445566778899aabbccddeeff")};
  EXPECT_EQ(to_hex(vault.wrap(keys)), "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7");
}

TEST(KeyVault, unwrap_undoes_wrap_and_notices_every_changed_bit) {
  const auto vault = KeyVault::of(counting_key());
  EXPECT_TRUE(rc::check([&] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 6);
    std::vector<Key128> keys(count);
    for (auto& key : keys) key.bytes = *rc::gen::arbitrary<std::array<std::uint8_t, 16>>();
    auto blob = vault.wrap(keys);
    RC_ASSERT(blob.size() == 16 * count + 8);
    RC_ASSERT(vault.unwrap(blob).value() == keys);
    const auto bit = *rc::gen::inRange<std::size_t>(0, blob.size() * 8);
    blob[bit / 8] = static_cast<std::uint8_t>(blob[bit / 8] ^ (1U << (bit % 8)));
    RC_ASSERT(vault.unwrap(blob).error().code == "key_unwrap");
  }));
}

TEST(KeyVault, refuses_blobs_of_other_sizes_or_keys) {
  const auto vault = KeyVault::of(counting_key());
  for (const std::size_t size : {0U, 8U, 16U, 23U, 25U, 32U, 16U * 1024U + 8U}) {
    EXPECT_EQ(vault.unwrap(Bytes(size)).error().code, "key_unwrap") << size;
  }
  auto other = counting_key();
  other[31] ^= 1;
  EXPECT_FALSE(KeyVault::of(other).unwrap(vault.wrap(std::array{Key128{}})));
}

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "lenne-vault-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "kek"; }
  void write(std::string_view text, mode_t mode = 0600) const {
    std::ofstream(file()) << text;
    ASSERT_EQ(::chmod(file().c_str(), mode), 0);
  }

  std::filesystem::path folder_;
};

const std::string kDigits(64, 'a');

TEST_F(KeyFile, is_made_once_and_found_again) {
  const std::array keys{key_of("00112233445566778899aabbccddeeff")};
  const auto blob = KeyVault::open_or_create(file()).value().wrap(keys);
  struct stat status{};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_EQ(KeyVault::open_or_create(file()).value().unwrap(blob).value()[0], keys[0]);
  EXPECT_EQ(KeyVault::open(file()).value().unwrap(blob).value()[0], keys[0]);
}

TEST_F(KeyFile, two_new_keys_differ) {
  const std::array keys{Key128{}};
  const auto blob = KeyVault::open_or_create(file()).value().wrap(keys);
  EXPECT_FALSE(KeyVault::open_or_create(folder_ / "other").value().unwrap(blob));
}

TEST_F(KeyFile, missing_is_an_error_unless_it_may_be_made) {
  EXPECT_EQ(KeyVault::open(file()).error().code, "kek_missing");
  EXPECT_EQ(KeyVault::open_or_create(folder_ / "no" / "such").error().code, "kek_create");
}

TEST_F(KeyFile, is_refused_when_others_may_read_it) {
  for (const mode_t mode : {0640U, 0604U, 0400U, 0644U, 0700U}) {
    write(kDigits, mode);
    EXPECT_EQ(KeyVault::open(file()).error().code, "kek_mode") << mode;
    std::filesystem::remove(file());
  }
  std::filesystem::create_directory(file());
  EXPECT_EQ(KeyVault::open(file()).error().code, "kek_mode");
}

TEST_F(KeyFile, is_refused_in_any_other_form_without_quoting_it) {
  for (const auto& text :
       {std::string(), kDigits.substr(1), kDigits + "a", kDigits + "\n\n", kDigits + " ", kDigits.substr(1) + "g"}) {
    write(text);
    const auto opened = KeyVault::open_or_create(file());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "kek_format");
    EXPECT_EQ(opened.error().message.find("aaaa"), std::string::npos);
  }
  for (const auto& text : {kDigits, kDigits + "\n"}) {
    write(text);
    EXPECT_TRUE(KeyVault::open(file()));
  }
}

TEST(RandomBytes, fill_and_differ) {
  std::array<std::uint8_t, 32> a{}, b{};
  random_bytes(a);
  random_bytes(b);
  EXPECT_NE(a, b);
  random_bytes({});
}

}  // namespace
}  // namespace lenne::base::crypto
