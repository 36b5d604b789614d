#pragma once
// The state stores as data. Keys are (store, partition, key); numbers are part of the stored format.

#include <array>
#include <cstddef>
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
  ingest = 11,       ///< ingest: incarnation, duty-cycle ledger
  token = 12,        ///< api: read tokens (hashed)
  network_key = 13,  ///< app: by which a key-encryption key is known
  outbox = 14,       ///< storage: by which an outbox's target knows who mirrors the log
  alert = 15,        ///< processing: one row per device with a use case; definitions; time of the partition
  view_alert = 16,
  rollup = 17,  ///< processing: members and results of sites and what they are part of
  view_rollup = 18,
  view_open = 19,  ///< what everybody may see
};

/// Whose rows they are when several processes share a log. An embedded log has one process: there it makes no
/// difference.
enum class Home : std::uint8_t {
  partition,  ///< written by the commits of the consumer that has the partition; goes with it to another process
  process,    ///< each process has its own
  everyone,   ///< written by put_state of any process, read by all
};

struct StoreInfo {
  Store store;
  std::string_view name;
  Home home;
};

inline constexpr std::array kStores{
    StoreInfo{Store::device, "device", Home::partition},
    StoreInfo{Store::network, "network", Home::partition},
    StoreInfo{Store::pane, "pane", Home::partition},
    StoreInfo{Store::window, "window", Home::partition},
    StoreInfo{Store::view_object, "view-object", Home::process},
    StoreInfo{Store::view_latest, "view-latest", Home::process},
    StoreInfo{Store::view_series, "view-series", Home::process},
    StoreInfo{Store::view_aggregate, "view-aggregate", Home::process},
    StoreInfo{Store::view_event, "view-event", Home::process},
    StoreInfo{Store::view_meta, "view-meta", Home::process},
    StoreInfo{Store::ingest, "ingest", Home::process},
    StoreInfo{Store::token, "token", Home::everyone},
    StoreInfo{Store::network_key, "network-key", Home::everyone},
    StoreInfo{Store::rollup, "rollup", Home::partition},
    StoreInfo{Store::view_rollup, "view-rollup", Home::process},
    StoreInfo{Store::view_open, "view-open", Home::process},
    StoreInfo{Store::outbox, "outbox", Home::process},
    StoreInfo{Store::alert, "alert", Home::partition},
    StoreInfo{Store::view_alert, "view-alert", Home::process},
};

// A compiler looks at switches only for two names of one number.
static_assert([] {
  for (std::size_t i = 0; i < kStores.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (kStores[i].store == kStores[j].store) return false;
    }
  }
  return true;
}());

[[nodiscard]] constexpr std::string_view name_of(Store store) noexcept {
  for (const auto& info : kStores) {
    if (info.store == store) return info.name;
  }
  return "?";
}

/// `store` is one of kStores.
[[nodiscard]] constexpr Home home_of(Store store) noexcept {
  for (const auto& info : kStores) {
    if (info.store == store) return info.home;
  }
  return Home::process;
}

}  // namespace lenne::storage
