#pragma once
// The state stores as data. Keys are (store, partition, key); numbers are part of the stored format.

#include <array>
#include <cstdint>
#include <string_view>

namespace lenne::storage {

enum class Store : std::uint8_t {
  device = 1,   ///< network: one row per device with its sessions
  network = 2,  ///< network: what is not of one device (open windows, time of the partition)
  pane = 3,     ///< processing: one row per device and pane
  window = 4,   ///< processing: time of the partition, what is due
  view_object = 5,
  view_latest = 6,
  view_series = 7,
  view_aggregate = 8,
  view_event = 9,
  view_meta = 10,
  ingest = 11,  ///< ingest: incarnation, duty-cycle ledger
  token = 12,   ///< api: read tokens (hashed)
};

struct StoreInfo {
  Store store;
  std::string_view name;
};

inline constexpr std::array kStores{
    StoreInfo{Store::device, "device"},
    StoreInfo{Store::network, "network"},
    StoreInfo{Store::pane, "pane"},
    StoreInfo{Store::window, "window"},
    StoreInfo{Store::view_object, "view-object"},
    StoreInfo{Store::view_latest, "view-latest"},
    StoreInfo{Store::view_series, "view-series"},
    StoreInfo{Store::view_aggregate, "view-aggregate"},
    StoreInfo{Store::view_event, "view-event"},
    StoreInfo{Store::view_meta, "view-meta"},
    StoreInfo{Store::ingest, "ingest"},
    StoreInfo{Store::token, "token"},
};

[[nodiscard]] constexpr std::string_view name_of(Store store) noexcept {
  for (const auto& info : kStores) {
    if (info.store == store) return info.name;
  }
  return "?";
}

}  // namespace lenne::storage
