#pragma once
// The time on the air of what gateways hear and send. A gateway is heard in every partition, and windows are of one
// partition: so each partition keeps sums of five minutes, and hands them over to the one that measures gateways when
// the five minutes are over. What it hands over is a record of that partition's network-in like any other: no
// partition's time is moved by another one.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_state.pb.h"
#include "storage/batch.hpp"

namespace lenne::network {

struct Step;

/// The sums of one partition. One thread.
class AirtimeTable {
 public:
  /// Keys in store network: this, start (8 bytes), gateway id (8), big-endian. Values: GatewayAirtime without these.
  static constexpr char kPrefix = 'a';
  static constexpr std::int64_t kBucketUs = 300 * base::kSecondUs;
  /// After the end of the five minutes: copies are on their way so long, and no longer as a rule.
  static constexpr std::int64_t kWaitUs = 10 * base::kSecondUs;

  /// The sums that a moment belongs to, yet without start and gateway, marked as changed; null when there would be more
  /// than `most`. `time_us` is not negative.
  [[nodiscard]] v1::GatewayAirtime* at(std::uint64_t gateway_id, std::int64_t time_us, std::size_t most);
  /// Takes the first sums, by start and gateway, whose five minutes are over at `now_us`.
  [[nodiscard]] std::optional<v1::GatewayAirtime> take_due(std::int64_t now_us);
  [[nodiscard]] std::optional<std::int64_t> next_due_us() const;

  /// Writes each changed row once.
  void flush(storage::Batch& out, std::uint32_t partition);
  /// False when it is no row of ours.
  [[nodiscard]] bool load_row(std::string_view key, std::string_view value);

 private:
  using Name = std::pair<std::int64_t, std::uint64_t>;  ///< start, gateway
  struct Entry {
    v1::GatewayAirtime row;
    bool dirty = false;
  };

  void mark(const Name& name, Entry& entry);

  std::map<Name, Entry> entries_;
  std::vector<Name> changed_;  ///< with repeats; those that are gone are to be erased
};

/// A gateway heard a transmission that it had not heard yet: `phy_size` bytes of PHYPayload.
void note_heard(Step& step, const v1::NetworkCopy& copy, std::size_t phy_size);
/// A gateway heard a data frame whose address no device has. Anybody can send such ones: they take at most half of the
/// sums that there may be, so that those of our own devices keep theirs.
void note_foreign(Step& step, const v1::GatewayFrame& frame);
/// How long a downlink of `phy_size` bytes is on the air this way.
[[nodiscard]] std::chrono::microseconds airtime_of(const v1::NetworkWay& way, std::size_t phy_size);
/// A gateway said that it has sent a frame this way.
void note_sent(Step& step, const v1::NetworkWay& way, std::size_t phy_size);

/// Hands over what is due.
void hand_over_airtime(Step& step);
/// What a partition has handed over: measured as events of the gateway, if it is declared.
void measure_airtime(Step& step, const v1::GatewayAirtime& airtime);

}  // namespace lenne::network
