#pragma once
// Which windows there are, and when each is final.

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "processing/calendar.hpp"
#include "processing/day_table.hpp"

namespace lenne::processing {

/// A window [start, start + length): tumbling or hopping, aligned to UTC, or the day of a calendar.
struct Window {
  std::int64_t start_us = 0;
  std::uint32_t length_s = 0;
  Calendar calendar = Calendar::none;
  std::uint32_t hop_s = 0;  ///< a hopping one: the next of its size begins so much after it; 0 = where it ends

  [[nodiscard]] constexpr std::int64_t length_us() const noexcept { return std::int64_t{length_s} * 1'000'000; }
  [[nodiscard]] constexpr std::int64_t end_us() const noexcept { return start_us + length_us(); }
  friend constexpr auto operator<=>(const Window&, const Window&) = default;
};

/// The tumbling window of `length_s` that contains `time_us`.
[[nodiscard]] constexpr Window window_at(std::int64_t time_us, std::uint32_t length_s) noexcept {
  const auto length = std::int64_t{length_s} * 1'000'000;
  const auto rest = time_us % length;
  return {time_us - (rest < 0 ? rest + length : rest), length_s};
}

inline constexpr std::size_t kMaxWindows = 8;   ///< sizes, beside the days of calendars
inline constexpr std::size_t kMaxOverlap = 24;  ///< how many hopping windows of all sizes contain a moment

/// All windows that contain a moment: one of each tumbling size, length / hop of each hopping one.
class WindowsAt {
 public:
  void push(const Window& window) noexcept { windows_[size_++] = window; }
  [[nodiscard]] const Window* begin() const noexcept { return windows_.data(); }
  [[nodiscard]] const Window* end() const noexcept { return windows_.data() + size_; }

 private:
  std::array<Window, kMaxWindows + kMaxOverlap + kCalendars.size()> windows_;
  std::size_t size_ = 0;
};

/// ISO 8601 duration: 900 s -> "PT15M", 3600 s -> "PT1H", 5400 s -> "PT1H30M"; of a hopping window with the hop:
/// "PT1H/PT10M"; a calendar's day as kCalendars says: "P1D", "P1D-RAIN".
[[nodiscard]] std::string window_name(const Window& window);
/// The window of such a name that begins and ends then; of another name: one that has another name.
[[nodiscard]] Window window_named(std::string_view name, std::int64_t start_us, std::int64_t end_us) noexcept;

/// Windows of one length that begin one hop after another.
struct Hopping {
  std::uint32_t length_s = 0;
  std::uint32_t hop_s = 0;  ///< divides the length
  friend constexpr auto operator<=>(const Hopping&, const Hopping&) = default;
};

struct WindowSizes {
  std::vector<std::uint32_t> lengths_s;  ///< tumbling; ascending, without repeats
  std::vector<Calendar> calendars = {};  ///< ascending, without repeats
  std::vector<Hopping> hopping = {};     ///< ascending, each length once
  friend bool operator==(const WindowSizes&, const WindowSizes&) = default;
};
/// "1m,15m,1h,day_local" -> {60, 900, 3600} and days of a calendar; "1h/10m" -> an hour from each ten minutes on; units
/// s, m, h. Error: bad_windows (empty or malformed; a length or hop that does not divide a day, or is no multiple of
/// the smallest tumbling length; a hop that does not divide its length; one length with two hops; the smallest above
/// one hour; more than 8 sizes; more than 24 hopping windows at a moment).
[[nodiscard]] base::Result<WindowSizes> parse_windows(std::string_view text);

/// Series of a class have the same windows, grace and horizon. `network`: what the network server measures itself;
/// `condition`: what a device says of itself, its battery, that it is opened, its alarms.
enum class SeriesClass : std::uint8_t { other, parking, meter, network, condition, rain, air, gas, sound };
inline constexpr std::size_t kSeriesClasses = static_cast<std::size_t>(SeriesClass::sound) + 1;
[[nodiscard]] SeriesClass series_class_of(std::string_view measure) noexcept;

/// Some of them.
class SeriesClasses {
 public:
  constexpr void insert(SeriesClass series) noexcept { bits_ |= bit_of(series); }
  [[nodiscard]] constexpr bool contains(SeriesClass series) const noexcept { return (bits_ & bit_of(series)) != 0; }
  friend bool operator==(const SeriesClasses&, const SeriesClasses&) = default;

 private:
  using Bits = std::uint16_t;
  static_assert(kSeriesClasses <= std::numeric_limits<Bits>::digits);
  [[nodiscard]] static constexpr Bits bit_of(SeriesClass series) noexcept {
    return static_cast<Bits>(1U << static_cast<unsigned>(series));
  }
  Bits bits_ = 0;
};

/// Whether percentiles of it are asked for: of noise the levels that are exceeded 10, 50 and 90 % of the time, of
/// traffic the speed that 85 % do not exceed. Its panes count samples in buckets.
[[nodiscard]] bool has_percentiles(std::string_view measure) noexcept;

/// Whether its samples are readings of a meter's counter, which may come days late.
[[nodiscard]] constexpr bool is_meter(SeriesClass series) noexcept {
  return series == SeriesClass::meter || series == SeriesClass::gas;
}

/// Whether a series has results for windows of that size. Meters have none shorter than 15 minutes: they are read by
/// the hour or the day, so that shorter ones would say nothing, a week long. What the network server measures
/// itself has none shorter than an hour: devices send a few times in it. Nor has what a device says of itself: who
/// must know of it at once has alerts, which judge samples. A trade's days are for what it measures.
[[nodiscard]] bool has_windows(SeriesClass series, const Window& size) noexcept;
/// When a measure never has results for windows of that name, for they are too short: its shortest window.
/// "low_battery", "PT15M" -> "PT1H". Nothing when they are long enough, and of names that are no length ("P1D").
[[nodiscard]] std::optional<std::string> shortest_instead_of(std::string_view name, std::string_view measure);
/// Those that have.
[[nodiscard]] SeriesClasses classes_with(const Window& size) noexcept;

/// Settings of the windows. One value for all partitions of a process and all roles that fold panes.
struct WindowSettings {
  std::vector<std::uint32_t> windows_s{900, 3600};  ///< tumbling; ascending; the first is the pane
  std::vector<Hopping> hopping = {};                ///< multiples of the pane
  std::array<std::shared_ptr<const DayTable>, kCalendars.size()> days = {};  ///< by index_of(calendar); null = none of
                                                                             ///< these days. Multiples of the pane
  base::Duration watermark_delay = std::chrono::seconds{30};                 ///< watermark = the partition's now - this
  std::optional<base::Duration> grace = std::nullopt;    ///< one for all series instead of their class's
  bool spread = true;                                    ///< emission spread over min(grace, 60 s) by device
  std::optional<base::Duration> horizon = std::nullopt;  ///< one for all series instead of their class's; 0 = none

  [[nodiscard]] std::uint32_t pane_s() const noexcept { return windows_s.front(); }
  [[nodiscard]] Window pane_at(std::int64_t time_us) const noexcept { return window_at(time_us, pane_s()); }

  /// The windows that contain `time_us`, of all sizes; and of those for which a series has results.
  [[nodiscard]] WindowsAt windows_at(std::int64_t time_us) const noexcept;
  [[nodiscard]] WindowsAt windows_of(SeriesClass series, std::int64_t time_us) const noexcept;
  /// The next window of the same size: it begins where this one ends, or a hop after its start.
  [[nodiscard]] Window next(const Window& window) const noexcept;

  /// The grace of a series by its class (a table in window_settings.cpp).
  [[nodiscard]] std::int64_t grace_us(SeriesClass series) const noexcept;
  /// Results of one grace are emitted over so long, each device's at its own moment.
  [[nodiscard]] std::int64_t spread_us(std::int64_t grace_us) const noexcept;
  /// Those that have windows of that size, and this grace.
  [[nodiscard]] SeriesClasses classes_due(const Window& size, std::int64_t grace_us) const noexcept;
  /// Results of a series are corrected until their window's end plus this, by its class.
  [[nodiscard]] std::int64_t horizon_us(SeriesClass series) const noexcept;
  /// When a window's results of one device and one grace are emitted: end + grace + the device's share of the spread.
  [[nodiscard]] std::int64_t due_us(const Window& window, std::uint64_t dev_eui, std::int64_t grace_us) const noexcept;
  /// No window is due later than its end plus this: of meters, and of all other series.
  [[nodiscard]] std::int64_t longest_delay_us(bool meters) const noexcept;
  /// How long after the end of all windows a pane with meters, or without, may be needed.
  [[nodiscard]] std::int64_t keep_us(bool meters) const noexcept;
  /// No window is longer.
  [[nodiscard]] std::int64_t longest_us() const noexcept;
  /// The latest end of all windows that contain `time_us`.
  [[nodiscard]] std::int64_t latest_end_us(std::int64_t time_us) const noexcept;

 private:
  [[nodiscard]] WindowsAt windows_where(std::int64_t time_us, auto wanted) const noexcept;
};

}  // namespace lenne::processing
