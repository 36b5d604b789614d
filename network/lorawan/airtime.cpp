#include "network/lorawan/airtime.hpp"

#include <algorithm>

namespace lenne::network::lorawan {
namespace {

using std::chrono::microseconds;

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) noexcept { return (a + b - 1) / b; }

microseconds of(std::uint64_t value) noexcept { return microseconds(static_cast<microseconds::rep>(value)); }

microseconds lora(const DataRate& rate, std::size_t size, const PacketFormat& format) noexcept {
  const unsigned sf = rate.spreading_factor;
  if (sf < 7 || sf > 12 || rate.bandwidth_hz == 0) return {};
  // A symbol lasts 2^SF / BW seconds; from 16 ms on the receiver's clock drift asks for the low-data-rate mode.
  const bool low_rate = (std::uint64_t{1000} << sf) >= std::uint64_t{16} * rate.bandwidth_hz;
  const std::int64_t bits = 8 * static_cast<std::int64_t>(size) - 4 * static_cast<std::int64_t>(sf) + 28 +
                            (format.crc ? 16 : 0) - (format.explicit_header ? 0 : 20);
  const std::uint64_t groups =
      ceil_div(static_cast<std::uint64_t>(std::max<std::int64_t>(bits, 0)), 4ULL * (sf - (low_rate ? 2 : 0)));
  const std::uint64_t symbols = 8 + groups * format.coding_rate;
  const std::uint64_t quarters =
      4ULL * format.preamble_symbols + 17 + 4 * symbols;  // 4.25 symbols of sync follow the preamble
  return of(ceil_div((quarters << sf) * 1'000'000, std::uint64_t{4} * rate.bandwidth_hz));
}

microseconds fsk(const DataRate& rate, std::size_t size, const PacketFormat& format) noexcept {
  if (rate.bit_rate == 0) return {};
  const std::uint64_t bytes = format.fsk_preamble_bytes + 3U + 1U + size + (format.crc ? 2U : 0U);
  return of(ceil_div(bytes * 8 * 1'000'000, rate.bit_rate));
}

microseconds lr_fhss(const DataRate& rate, std::size_t size) noexcept {
  if (rate.coding_rate_thirds != 1 && rate.coding_rate_thirds != 2) return {};
  const std::uint64_t headers = rate.coding_rate_thirds == 1 ? 3 : 2;
  const std::uint64_t coded =
      ((size + 2) * 8 + 6) * 3 / rate.coding_rate_thirds;  // two bytes CRC, six bits to end the code
  const std::uint64_t last = coded % 48;
  const std::uint64_t bits = headers * 114 + coded / 48 * 50 + (last > 0 ? last + 2 : 0);
  return of(bits * 2048);  // 488.28125 bit/s
}

}  // namespace

microseconds time_on_air(const DataRate& data_rate, std::size_t size, const PacketFormat& format) noexcept {
  switch (data_rate.modulation) {
    case Modulation::lora:
      return lora(data_rate, size, format);
    case Modulation::fsk:
      return fsk(data_rate, size, format);
    case Modulation::lr_fhss:
      return lr_fhss(data_rate, size);
  }
  return {};
}

}  // namespace lenne::network::lorawan
