#pragma once
// Noise of a local day: equivalent levels of day, evening and night, and Lden, from hours of sound_energy.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {

/// When day, evening and night begin by the local clock (hours), and how Lden weighs them: so many hours of 24, so many
/// dB on top. The weights stay when a night of a changed clock has 7 or 9 hours.
struct NoiseHours {
  std::string_view name;
  int day;
  int evening;
  int night;
  std::uint32_t version;
  std::string_view source;
};
/// The first one is the default: Germany's ("de"); the European Union's default is "eu".
[[nodiscard]] std::span<const NoiseHours> noise_hours() noexcept;

/// Lden in dB of the levels of day, evening and night, each in steps of 10^-6 dB, half away from zero:
/// 10 lg((12 10^(Ld/10) + 4 10^((Le+5)/10) + 8 10^((Ln+10)/10)) / 24) (2002/49/EC, annex I).
[[nodiscard]] std::int64_t lden(std::int64_t day, std::int64_t evening, std::int64_t night);

struct NoiseLevel {
  std::int64_t micro = 0;  ///< LAeq in steps of 10^-6 dB: of the mean energy of its usable hours, in real time
  int hours = 0;           ///< that have a result covered to 75 %, or of unknown coverage
  int possible_hours = 0;
  std::optional<bool> valid;  ///< at least 75 % of them; nothing: their coverage is unknown
};

struct NoiseDay {
  std::optional<NoiseLevel> day, evening, night;
  std::optional<std::int64_t> lden;  ///< when all three are there
  std::optional<bool> valid;         ///< all three are
};

/// `hours`: one series' results of 1 h of sound_energy, ascending; others are not looked at. The night is the one that
/// begins on `day`, and ends on the `next` one. Levels by sensors that are no calibrated sound level meters are
/// indicative. Any thread.
[[nodiscard]] NoiseDay noise_of(std::span<const v1::Aggregate> hours, const LocalDay& day, const LocalDay& next,
                                const NoiseHours& table);

}  // namespace lenne::processing::derived
