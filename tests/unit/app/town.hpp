#pragma once
// A small town on a real data directory, driven by hand: one gateway that answers downlinks, a climate sensor that
// joins and sends confirmed uplinks, a parking sensor with fixed keys whose address and DevEUI are of different
// partitions.

#include <boost/json.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "app/replay/recorder.hpp"
#include "app/virtual_server.hpp"
#include "base/clock.hpp"
#include "base/crypto/aes128.hpp"
#include "base/crypto/key_vault.hpp"
#include "network/lorawan/crypto.hpp"

namespace lenne::app::testing {

inline const base::Timestamp kMorning = base::from_us(1'795'500'000'000'000);
inline constexpr base::DevEui kClimate{0x70b3d5499a3d1c02};
inline constexpr base::DevEui kParking{0x70b3d5499a3d1c77};

[[nodiscard]] boost::json::array town_documents();
[[nodiscard]] Settings town_settings();

class Town {
 public:
  /// Makes the data directory; a recording, if one is named, says all that comes and goes.
  explicit Town(std::filesystem::path data, const std::filesystem::path& recording = {});
  ~Town();

  /// A PULL_DATA every 20 s, an uplink of each sensor every minute; the climate sensor joins first.
  void live(base::Duration time);
  /// An application asks for a downlink to the climate sensor.
  void order(std::string_view payload, bool confirmed);
  /// The process ends between two commits; another one goes on.
  void restart();
  /// The end: what is on the disk stays.
  void close();

  [[nodiscard]] std::size_t downlinks() const noexcept { return downlinks_; }

 private:
  struct Session {
    base::DevAddr address{};
    network::lorawan::SessionKeys keys{};
    std::uint32_t next = 0;
    bool active = false;
  };

  void start();
  void pass(base::Duration time);
  void send_all();
  void hear(const base::Bytes& phy);
  void receive(base::Bytes datagram);
  void settle();
  void answer(base::ByteView datagram);
  [[nodiscard]] base::Bytes uplink(Session& session, const base::Bytes& payload, bool confirmed);

  const std::filesystem::path data_;
  const Settings settings_ = town_settings();
  base::ManualClock clock_{kMorning};
  base::Counters counters_;
  base::crypto::KeyVault vault_;
  std::shared_ptr<const decode::SchemaCatalog> catalog_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<storage::Log> log_;
  std::unique_ptr<VirtualServer> server_;
  base::crypto::Aes128 aes_;
  Session climate_;
  Session parking_;
  std::uint16_t next_token_ = 1;
  std::size_t downlinks_ = 0;
  std::uint64_t orders_ = 0;
};

}  // namespace lenne::app::testing
