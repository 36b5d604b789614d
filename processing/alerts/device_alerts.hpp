#pragma once
// The alerts of one device: what a record makes of its row. docs/internals/alerts.md has the rules.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/counters.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "processing/alerts/definition.hpp"

namespace lenne::processing::alerts {

/// Of the rules above; told with each alert.
inline constexpr std::uint32_t kAlertRuleVersion = 1;

/// When a record is handled, in the partition's time.
struct Moment {
  std::int64_t now_us = 0;
  std::int64_t listening_since_us = 0;  ///< no silence is counted before it
};

/// Works on a row that its caller has read and will write. What changes is appended to `told`. One thread.
/// Counters: alerts.late (not newer than what was judged), .flagged, .incomplete (a result of too little),
/// .no_statistic.
class DeviceAlerts {
 public:
  DeviceAlerts(v1::AlertDevice& row, const Moment& moment, base::Counters& counters, std::vector<v1::Alert>& told)
      : row_(row), moment_(moment), counters_(counters), told_(told) {}

  /// Judges what is open anew when the definition is another one than before.
  void follow(const Definition& definition);
  /// Judges the samples of a record of this device by (time, index), however they lie in it.
  void take(const Definition& definition, const v1::Measurement& measurement);
  /// Judges a window's result of this device.
  void take(const Definition& definition, const v1::Aggregate& result);
  /// False: what is meant is not firing (any more).
  [[nodiscard]] bool acknowledge(const v1::AlertAcknowledgement& request);
  /// When the device counts as silent if nothing comes; nothing when it never does, or when that is told already.
  [[nodiscard]] std::optional<std::int64_t> silent_at(const Definition& definition) const;
  /// Tells that it is, if it is.
  void fall_silent(const Definition& definition);
  /// Ends all that is pending or open: the row is about to be deleted.
  void end_all(v1::AlertReason reason);

 private:
  struct Observed {
    Decimal value;
    std::string unit;
    std::int64_t time_us;
    /// Of results that miss samples: what they prove nevertheless.
    bool proves_bad = true;
    bool proves_good = true;
  };

  [[nodiscard]] v1::AlertTrack& track_of(std::string_view rule);
  [[nodiscard]] const v1::AlertTrack* find_track(std::string_view rule) const;
  [[nodiscard]] v1::AlertSeries& series_of(std::string_view measure);
  void take_sample(const Definition& definition, const v1::Sample& sample);
  void judge(const Definition& definition, const Rule& rule, const Observed& observed);
  void judge_anew(const Rule& rule, v1::AlertTrack& track);
  void tell(v1::AlertTrack& track, const Rule* rule, v1::AlertState state, v1::AlertReason reason,
            std::int64_t since_us);
  void end(v1::AlertTrack& track, v1::AlertReason reason);
  void note_forecast(const Definition& definition, const Rule& rule, v1::Alert& alert) const;
  [[nodiscard]] std::int64_t silence_us(const Definition& definition) const;
  [[nodiscard]] const v1::AlertSeries* most_silent() const;
  void end_silence(const Definition& definition, v1::AlertReason reason);

  v1::AlertDevice& row_;
  const Moment& moment_;
  base::Counters& counters_;
  std::vector<v1::Alert>& told_;
};

}  // namespace lenne::processing::alerts
