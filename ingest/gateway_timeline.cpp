#include "ingest/gateway_timeline.hpp"

#include <algorithm>

#include "lenne/v1/ingest.pb.h"

namespace lenne::ingest {
namespace {

using std::chrono::minutes;

/// 60 minutes back, the one that is partly past, and one for what is planned into the next.
constexpr std::int64_t kMinutesKept = 62;
constexpr std::size_t kMaxRows = 4'096;

std::int64_t minute_of(base::Timestamp t) { return std::chrono::floor<minutes>(t).time_since_epoch().count(); }

}  // namespace

std::int64_t AirtimeLedger::used_us(std::uint32_t sub_band, base::Timestamp now) const {
  std::int64_t used = 0;
  for (const auto& row : minutes_) {
    if (row.sub_band == sub_band && row.minute > minute_of(now) - kMinutesKept) used += row.airtime_us;
  }
  return used;
}

void AirtimeLedger::add(std::uint32_t sub_band, base::Duration airtime, base::Timestamp at) {
  const auto minute = minute_of(at);
  for (auto& row : minutes_) {
    if (row.minute == minute && row.sub_band == sub_band) {
      row.airtime_us += airtime.count();
      return;
    }
  }
  minutes_.push_back({minute, sub_band, airtime.count()});
}

void AirtimeLedger::remove(std::uint32_t sub_band, base::Duration airtime, base::Timestamp at) {
  for (auto& row : minutes_) {
    if (row.minute == minute_of(at) && row.sub_band == sub_band) {
      row.airtime_us = std::max<std::int64_t>(0, row.airtime_us - airtime.count());
    }
  }
  std::erase_if(minutes_, [](const Minute& row) { return row.airtime_us == 0; });
}

void AirtimeLedger::forget_old(base::Timestamp now) {
  std::erase_if(minutes_, [&](const Minute& row) { return row.minute <= minute_of(now) - kMinutesKept; });
}

std::string AirtimeLedger::encode() const {
  v1::AirtimeLedger ledger;
  for (const auto& row : minutes_) {
    auto& minute = *ledger.add_minutes();
    minute.set_minute(row.minute);
    minute.set_sub_band_hz(row.sub_band);
    minute.set_airtime_us(static_cast<std::uint64_t>(row.airtime_us));
  }
  return ledger.SerializeAsString();
}

bool AirtimeLedger::decode(std::string_view bytes) {
  v1::AirtimeLedger ledger;
  if (!ledger.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  if (ledger.minutes_size() > static_cast<int>(kMaxRows)) return false;
  minutes_.clear();
  for (const auto& row : ledger.minutes()) {
    // No minute holds more than a minute of each emission that begins in it; a damaged number must not overflow the
    // sum.
    const auto airtime = std::min<std::uint64_t>(row.airtime_us(), 3'600'000'000);
    minutes_.push_back({row.minute(), row.sub_band_hz(), static_cast<std::int64_t>(airtime)});
  }
  return true;
}

const network::lorawan::SubBand* sub_band_of(std::span<const network::lorawan::Region* const> regions,
                                             std::uint32_t frequency_hz, std::uint32_t bandwidth_hz) noexcept {
  for (const auto* region : regions) {
    if (const auto* band = network::lorawan::sub_band_of(*region, frequency_hz, bandwidth_hz)) return band;
  }
  return nullptr;
}

void GatewayTimeline::observe(std::uint32_t tmst, base::Timestamp received) {
  if (const auto expected = counter_at(received)) {
    const auto off = static_cast<std::int32_t>(tmst - *expected);
    // A late copy (a slow backhaul) lags a little and says nothing new; a jump means that the counter began anew.
    if (off <= 0 && off > -kCounterTolerance.count()) return;
    if (off > kCounterTolerance.count() || off < -kCounterTolerance.count()) {
      for (auto& reserved : reservations_) reserved.start.reset();
    }
  }
  last_ = Observation{tmst, received};
}

std::optional<std::uint32_t> GatewayTimeline::counter_at(base::Timestamp now) const {
  // Half a turn later the counter says nothing about itself any more.
  if (!last_ || now < last_->received || now - last_->received > minutes{30}) return std::nullopt;
  return last_->tmst + static_cast<std::uint32_t>((now - last_->received).count());
}

void GatewayTimeline::forget_old(base::Timestamp now) {
  std::erase_if(reservations_, [&](const Reserved& r) {
    return now - r.at > kReservationLifetime || now < r.at - kReservationLifetime;
  });
  ledger_.forget_old(now);
}

bool GatewayTimeline::collides(std::uint32_t start, base::Duration airtime) const {
  return std::any_of(reservations_.begin(), reservations_.end(), [&](const Reserved& other) {
    if (!other.start) return false;
    const auto distance = static_cast<std::int32_t>(start - *other.start);
    return distance >= 0 ? distance < (other.airtime + kEmissionGuard).count()
                         : -std::int64_t{distance} < (airtime + kEmissionGuard).count();
  });
}

std::expected<GatewayTimeline::Reservation, Conflict> GatewayTimeline::reserve(const Emission& emission,
                                                                               base::Timestamp now) {
  forget_old(now);
  const auto* band = emission.sub_band;
  if (band == nullptr) return std::unexpected(Conflict::frequency);
  const auto budget = static_cast<std::int64_t>(band->airtime_us_per_hour());
  if (ledger_.used_us(band->min_hz, now) + emission.airtime.count() > budget)
    return std::unexpected(Conflict::duty_cycle);
  const auto start = emission.tmst ? emission.tmst : counter_at(now);
  if (reservations_.size() >= kMaxReservations) return std::unexpected(Conflict::collision);
  if (start && collides(*start, emission.airtime)) return std::unexpected(Conflict::collision);
  ledger_.add(band->min_hz, emission.airtime, now);
  reservations_.push_back({next_, start, emission.airtime, band->min_hz, now});
  return next_++;
}

void GatewayTimeline::release(Reservation reservation) {
  const auto found =
      std::find_if(reservations_.begin(), reservations_.end(), [&](const Reserved& r) { return r.id == reservation; });
  if (found == reservations_.end()) return;
  ledger_.remove(found->sub_band, found->airtime, found->at);
  reservations_.erase(found);
}

void GatewayTimeline::refused(Reservation reservation) {
  std::erase_if(reservations_, [&](const Reserved& r) { return r.id == reservation; });
}

bool GatewayTimeline::idle(base::Timestamp now) {
  forget_old(now);
  return reservations_.empty() && ledger_.empty();
}

}  // namespace lenne::ingest
