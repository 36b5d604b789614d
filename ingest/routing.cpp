#include "ingest/routing.hpp"

#include "network/lorawan/frame.hpp"

namespace lenne::ingest {

std::uint8_t slot_of_frame(base::ByteView phy_payload) noexcept {
  return network::lorawan::slot_of(network::lorawan::routing_key(phy_payload));
}

}  // namespace lenne::ingest
