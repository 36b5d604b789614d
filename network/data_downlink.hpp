#pragma once
// A data frame for a device, built with the next FCntDown of its session.

#include <optional>

#include "base/bytes.hpp"
#include "network/step.hpp"

namespace lenne::network {

struct DataDownlink {
  bool ack = false;
  base::ByteView f_opts = {};
  bool from_queue = false;  ///< carries the first of the queue
};

/// PHYPayload bytes of such a frame.
[[nodiscard]] std::size_t frame_size(const DeviceEntry& entry, std::size_t f_opts, bool from_queue);

/// Builds the frame and spends its counter; the row is marked as changed. `ways` are not set. Nothing (counted under
/// network.downlink.*): no keys, no counter left, or it cannot be built.
[[nodiscard]] std::optional<v1::NetworkDownlink> build_data_downlink(Step& step, DeviceEntry& entry,
                                                                     const DataDownlink& what,
                                                                     std::uint64_t input_offset);

}  // namespace lenne::network
