#pragma once
// Runs a plan over a payload: Protobuf wire bytes of the device's message and, in the same pass, the measured values.

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "decode/plan.hpp"

namespace lenne::decode {

/// Why a payload could not be read, or not to its end.
enum class Fault : std::uint8_t {
  kNone,
  kShort,     // the frame ends inside a field
  kLeftOver,  // bytes after the last field
  kUnknownPort,
  kUnknownType,
  kUnknownKey,  // cannot be skipped: records carry no length
  kRepeatedKey,
  kCheck,     // a fixed value is not there
  kBadDigit,  // BCD
  kBadText,   // not 7-bit
  kNoBase,    // a series whose start is absent
  kBadCount,
  kTooLong,   // a payload that cannot come by radio
  kTooLarge,  // the message would be larger than a payload can make it
};

enum class Outcome : std::uint8_t {
  kComplete,
  kPartial,  // what stood before the fault's offset is in the message
  kFailed,   // nothing could be used
};

/// One measured value, not yet in steps.
struct RawSample {
  std::uint16_t spec = 0;     // index into Plan::samples
  std::uint16_t element = 0;  // position in a repeated field
  bool whole = true;
  bool has_time = false;
  bool reverse = false;     // of a counter: the meter says that it ran backwards
  std::uint64_t bits = 0;   // of the integer (whole) or the double
  std::int64_t time_s = 0;  // Unix seconds as the payload says

  [[nodiscard]] std::int64_t integer() const noexcept { return static_cast<std::int64_t>(bits); }
  [[nodiscard]] double real() const noexcept { return std::bit_cast<double>(bits); }
};

/// The result of one payload. The views live until the decoder's next call.
struct Decoded {
  Outcome outcome = Outcome::kFailed;
  Fault fault = Fault::kNone;
  std::uint16_t op = kNoIndex;  // the field that failed, if one did: index into Plan::ops
  std::size_t offset = 0;       // byte where the fault stands
  std::uint64_t found = 0;      // port, type, key or value that was found
  base::ByteView message;       // wire bytes; empty when failed
  std::span<const RawSample> samples;
  std::optional<std::int64_t> time_s;  // the frame's own time, Unix seconds
};

/// Reads payloads. Holds only scratch memory of fixed size; one per thread.
class Decoder {
 public:
  Decoder();
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Never throws, never reads or writes outside; the same input gives the same result.
  [[nodiscard]] Decoded decode(const Plan& plan, std::uint32_t f_port, base::ByteView payload);

 private:
  class Run;
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

/// The fault as a sentence with the byte offset; empty for a complete frame.
[[nodiscard]] std::string explain(const Plan& plan, const Decoded& decoded, std::size_t payload_size);

}  // namespace lenne::decode
