#pragma once
// Collection windows: which hearings are copies of one transmission, which are its repetition by the device, and what
// follows when a window closes.

#include <cstdint>
#include <vector>

#include "network/step.hpp"

namespace lenne::network {

/// Transmissions that are remembered of a device, open windows among them.
inline constexpr int kTransmissions = 4;

/// Levels beyond these are none that a radio has: they are cut, so that they can be reckoned with.
inline constexpr std::int32_t kMostRssiDbm = 255;
inline constexpr std::int32_t kMostSnrTenthsDb = 1'000;

/// What names a frame: the hash of its PHYPayload; and how long that is, in bytes.
struct HeardFrame {
  explicit HeardFrame(const v1::GatewayFrame& frame);
  std::uint64_t hash;
  std::size_t size;
};

/// A frame's hearing as it is kept.
[[nodiscard]] v1::NetworkCopy copy_of(const v1::GatewayFrame& frame, std::int64_t received_us);

/// Whether a hearing of the same frame belongs to this transmission. Radio time is GPS time; on the same gateway the
/// difference of its microsecond counter; else the arrival, and then only a distance beyond the RX delay + 1 s, or
/// another frequency after the window, tells another transmission.
[[nodiscard]] bool same_transmission(const v1::NetworkTransmission& transmission, const v1::NetworkCopy& copy,
                                     bool window_open, std::int64_t rx_delay_us);

/// Whether a hearing that comes now may have been on the air before one of the device that is known: by GPS time, or by
/// the same gateway's counter. Where neither compares it with the newest, for a minute after that: longer than any
/// datagram is on its way. So a late frame is no new beginning.
[[nodiscard]] bool may_be_late(const DeviceEntry& entry, const v1::NetworkCopy& copy);

/// What became of a frame that is known byte for byte.
enum class Known : std::uint8_t {
  no,          ///< never seen, or of a transmission long forgotten
  copy,        ///< a hearing of a known transmission: handled here
  repetition,  ///< sent again by the device
};

/// Looks for the frame among the device's transmissions; adds the hearing when it is a copy.
[[nodiscard]] Known take_copy(Step& step, DeviceEntry& entry, const HeardFrame& frame, const v1::NetworkCopy& copy);

/// Opens the window of a new transmission. The oldest one is forgotten when there are too many.
v1::NetworkTransmission& open_window(Step& step, DeviceEntry& entry, const HeardFrame& frame,
                                     const v1::NetworkCopy& copy);

/// The newest transmission of a frame; null when it is not known.
[[nodiscard]] const v1::NetworkTransmission* newest_of(const DeviceEntry& entry, std::uint64_t frame_hash);

/// A timer of kind window.
void fire_window(Step& step, const Timer& timer);

/// Closes all open windows of a device at once: before it is removed or its session is replaced.
void close_windows(Step& step, DeviceEntry& entry);

/// The copies, the best to answer through first: by SNR up to 5 dB, where it says no more, then by RSSI.
[[nodiscard]] std::vector<const v1::NetworkCopy*> ranked(const v1::NetworkTransmission& transmission);

}  // namespace lenne::network
