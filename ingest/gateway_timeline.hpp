#pragma once
// When one gateway is on the air, by its own counter, and how long it was in the last hour. Pure: the caller brings the
// time.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "network/lorawan/region.hpp"

namespace lenne::ingest {

/// Between two emissions the forwarder needs 1.5 ms to start the second and keeps 1 ms of margin (Semtech's jitqueue).
inline constexpr base::Duration kEmissionGuard = std::chrono::milliseconds{3};
/// A reservation is kept this long: longer than any receive window is ahead, far shorter than the counter's 71.6 min.
inline constexpr base::Duration kReservationLifetime = std::chrono::seconds{60};
/// A counter that is this far from where it should be belongs to a gateway that was started anew.
inline constexpr base::Duration kCounterTolerance = std::chrono::seconds{30};
inline constexpr std::size_t kMaxReservations = 1'024;  ///< more than a radio can send in that time

/// Airtime of the last hour by sub-band, in minutes. A minute counts until all of it, and what was planned in it, is
/// more than an hour past: never less than the truth.
class AirtimeLedger {
 public:
  /// What a gateway sent in a sub-band (named by its lower edge, Hz) since now - 1 h, microseconds.
  [[nodiscard]] std::int64_t used_us(std::uint32_t sub_band, base::Timestamp now) const;
  void add(std::uint32_t sub_band, base::Duration airtime, base::Timestamp at);
  /// Takes back what was added at `at` and not sent.
  void remove(std::uint32_t sub_band, base::Duration airtime, base::Timestamp at);
  void forget_old(base::Timestamp now);
  [[nodiscard]] bool empty() const noexcept { return minutes_.empty(); }

  /// As a lenne.v1.AirtimeLedger.
  [[nodiscard]] std::string encode() const;
  /// False when it is none.
  [[nodiscard]] bool decode(std::string_view bytes);

  friend bool operator==(const AirtimeLedger&, const AirtimeLedger&) = default;

 private:
  struct Minute {
    std::int64_t minute;
    std::uint32_t sub_band;
    std::int64_t airtime_us;
    friend bool operator==(const Minute&, const Minute&) = default;
  };
  std::vector<Minute> minutes_;  // at most 62 minutes x sub-bands
};

/// Why an emission has no place.
enum class Conflict : std::uint8_t { collision, duty_cycle, frequency };

/// The sub-band that a whole emission lies in, of any of the regions; nullptr when there is none.
[[nodiscard]] const network::lorawan::SubBand* sub_band_of(std::span<const network::lorawan::Region* const> regions,
                                                           std::uint32_t frequency_hz,
                                                           std::uint32_t bandwidth_hz) noexcept;

struct Emission {
  std::optional<std::uint32_t> tmst;  ///< start by the gateway's counter; nothing = at once
  base::Duration airtime{};
  const network::lorawan::SubBand* sub_band = nullptr;  ///< nullptr = none allows it
};

/// One gateway. One thread.
class GatewayTimeline {
 public:
  using Reservation = std::uint64_t;

  /// A frame ended at `tmst` by the gateway's counter and reached us at `received`. A counter that jumped frees the
  /// plan.
  void observe(std::uint32_t tmst, base::Timestamp received);
  /// The counter at `now`, as far as it is known.
  [[nodiscard]] std::optional<std::uint32_t> counter_at(base::Timestamp now) const;

  /// Takes the emission's time and airtime, or says why not.
  [[nodiscard]] std::expected<Reservation, Conflict> reserve(const Emission& emission, base::Timestamp now);
  /// It never left us: gives both back.
  void release(Reservation reservation);
  /// The gateway says that it did not send: gives the time back, but not the airtime. A datagram that came twice on its
  /// way may be sent once and refused once, and nothing tells which answer comes first.
  void refused(Reservation reservation);

  [[nodiscard]] AirtimeLedger& ledger() noexcept { return ledger_; }
  [[nodiscard]] const AirtimeLedger& ledger() const noexcept { return ledger_; }
  [[nodiscard]] std::size_t reservations() const noexcept { return reservations_.size(); }
  /// True when nothing would be lost by forgetting this gateway.
  [[nodiscard]] bool idle(base::Timestamp now);

 private:
  struct Reserved {
    Reservation id;
    std::optional<std::uint32_t> start;
    base::Duration airtime;
    std::uint32_t sub_band;
    base::Timestamp at;
  };
  struct Observation {
    std::uint32_t tmst;
    base::Timestamp received;
  };
  void forget_old(base::Timestamp now);
  [[nodiscard]] bool collides(std::uint32_t start, base::Duration airtime) const;

  AirtimeLedger ledger_;
  std::vector<Reserved> reservations_;
  std::optional<Observation> last_;
  Reservation next_ = 1;
};

}  // namespace lenne::ingest
