#include "base/crypto/sha256.hpp"

#include <gtest/gtest.h>

namespace lenne::base::crypto {
namespace {

// FIPS 180-4 examples ("abc", the empty message).
TEST(Sha256, PublishedDigests) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, Compares) {
  auto other = sha256(as_bytes("abc"));
  EXPECT_TRUE(equal_in_constant_time(other, sha256(as_bytes("abc"))));
  other[31] ^= 1U;
  EXPECT_FALSE(equal_in_constant_time(other, sha256(as_bytes("abc"))));
}

}  // namespace
}  // namespace lenne::base::crypto
