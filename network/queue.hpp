#pragma once
// Downlinks of applications: they wait in their device's queue, leave in order, one at a time, and each ends with an
// event. What a gateway certainly did not send is tried again with a counter of its own; what may have been sent is
// not.

#include <string_view>

#include "network/step.hpp"

namespace lenne::network {

/// A downlink asked for by an application. Errors go to the log events: unknown_device, f_port, downlink_too_long,
/// queue_full.
void handle_downlink_request(Step& step, const v1::DownlinkRequest& request);

/// The downlink that may leave next; null while one is on its way or waits for its ACK.
[[nodiscard]] const v1::NetworkQueued* next_in_queue(const DeviceEntry& entry);

/// The first of the queue is in a frame that leaves.
void carry(Step& step, DeviceEntry& entry, std::uint32_t f_cnt_down);

/// What an application asked for and a frame carries; null: none.
[[nodiscard]] const v1::NetworkQueued* carried_request(const DeviceEntry& entry, const v1::NetworkDownlink& downlink);

enum class Ended : std::uint8_t {
  sent,     ///< a gateway says so
  unknown,  ///< no gateway said anything: it may have been sent
  refused,  ///< no gateway would send it
};
/// A frame has come to its end; what it carried goes on from here.
void downlink_ended(Step& step, DeviceEntry& entry, const v1::NetworkDownlink& downlink, Ended how);

/// A new uplink says whether the device got a confirmed downlink. No ACK is a no only for class A: a class C device may
/// have begun to send before it heard us, and has its own time to answer.
void take_ack(Step& step, DeviceEntry& entry, bool ack);

/// The carried downlink was not acknowledged.
void give_up_ack(Step& step, DeviceEntry& entry);

/// All that waits is told as dropped.
void drop_queue(Step& step, DeviceEntry& entry, std::string_view why);

[[nodiscard]] bool is_class_c(const DeviceEntry& entry);

}  // namespace lenne::network
