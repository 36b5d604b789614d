#include "network/dev_nonces.hpp"

#include <cstddef>

namespace lenne::network {
namespace {

constexpr std::size_t kBitmapBytes = 8192;
constexpr std::size_t kMostSorted = kBitmapBytes / 2 - 1;

[[nodiscard]] unsigned byte_at(const std::string& text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

[[nodiscard]] std::uint16_t number_at(const std::string& seen, std::size_t index) {
  return static_cast<std::uint16_t>(byte_at(seen, 2 * index) | (byte_at(seen, 2 * index + 1) << 8));
}

// Index of the first number that is not smaller.
[[nodiscard]] std::size_t lower_bound(const std::string& seen, std::uint16_t nonce) {
  std::size_t low = 0;
  std::size_t high = seen.size() / 2;
  while (low < high) {
    const auto middle = (low + high) / 2;
    if (number_at(seen, middle) < nonce) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void set_bit(std::string& bitmap, std::uint16_t nonce) {
  bitmap[nonce / 8] = static_cast<char>(byte_at(bitmap, nonce / 8) | (1U << (nonce % 8)));
}

}  // namespace

bool seen_dev_nonce(const std::string& seen, std::uint16_t nonce) {
  if (seen.size() >= kBitmapBytes) return (byte_at(seen, nonce / 8) >> (nonce % 8)) & 1U;
  const auto index = lower_bound(seen, nonce);
  return index < seen.size() / 2 && number_at(seen, index) == nonce;
}

bool is_dev_nonce_set(const std::string& seen) {
  if (seen.size() >= kBitmapBytes) return seen.size() == kBitmapBytes;
  if (seen.size() % 2 != 0) return false;
  for (std::size_t i = 1; i < seen.size() / 2; ++i) {
    if (number_at(seen, i - 1) >= number_at(seen, i)) return false;
  }
  return true;
}

void mark_dev_nonce(std::string& seen, std::uint16_t nonce) {
  if (seen.size() < kBitmapBytes) {
    if (seen_dev_nonce(seen, nonce)) return;
    if (seen.size() / 2 < kMostSorted) {
      const char number[2] = {static_cast<char>(nonce & 0xFF), static_cast<char>(nonce >> 8)};
      seen.insert(2 * lower_bound(seen, nonce), number, 2);
      return;
    }
    std::string bitmap(kBitmapBytes, '\0');
    for (std::size_t i = 0; i < seen.size() / 2; ++i) set_bit(bitmap, number_at(seen, i));
    seen = std::move(bitmap);
  }
  set_bit(seen, nonce);
}

}  // namespace lenne::network
