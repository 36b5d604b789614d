#include "processing/window_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hash.hpp"
#include "base/int128.hpp"
#include "processing/network_measures.hpp"
#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

constexpr std::int64_t kDefaultGraceUs = 300 * kSecondUs;  ///< environment, utilisation, network
/// Who looks for a free bay does not wait five minutes.
constexpr std::int64_t kParkingGraceUs = 120 * kSecondUs;
/// Many meters send the readings of a day at once, and some not every day.
constexpr std::int64_t kMeterGraceUs = 48 * 3600 * kSecondUs;
constexpr std::int64_t kDefaultHorizonUs = 7 * 86400 * kSecondUs;
/// A month's readings may come with the next month's.
constexpr std::int64_t kMeterHorizonUs = 45 * 86400 * kSecondUs;
constexpr std::array<std::string_view, 5> kMeters{"energy", "gas_volume", "heat_energy", "pulses", "water_volume"};
constexpr std::array<std::string_view, 1> kParking{"parking_occupied"};

Window day_at(const LocalDays& days, std::int64_t time_us) noexcept {
  const auto day = days.at(time_us);
  return {day.start_us, static_cast<std::uint32_t>((day.end_us - day.start_us) / kSecondUs), true};
}

/// The name without the number that tells several alike apart.
std::string_view stem_of(std::string_view measure) { return measure.substr(0, measure.find('.')); }

constexpr std::int64_t kMaxSpreadUs = 60 * kSecondUs;
constexpr std::uint32_t kDayS = 86400;
constexpr std::uint32_t kMaxPaneS = 3600;

base::Result<std::uint32_t> parse_length(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::uint32_t factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (error != std::errc{} || factor == 0 || number == 0 || number > kDayS / factor || kDayS % (number * factor) != 0) {
    return base::fail("bad_windows", fmt::format("'{}' is no length like 15m or 1h that divides a day", text));
  }
  return number * factor;
}

/// "1h/10m"; a hop as long as the window makes a tumbling one.
base::Result<Hopping> parse_size(std::string_view text) {
  const auto slash = text.find('/');
  const auto length = parse_length(text.substr(0, slash));
  if (!length) return std::unexpected(length.error());
  if (slash == std::string_view::npos) return Hopping{*length, *length};
  const auto hop = parse_length(text.substr(slash + 1));
  if (!hop) return std::unexpected(hop.error());
  if (*length % *hop != 0)
    return base::fail("bad_windows", fmt::format("'{}': the hop does not divide the window", text));
  return Hopping{*length, *hop};
}

std::string duration_name(std::uint32_t length_s) {
  std::string name = "PT";
  if (length_s >= 3600) name += fmt::format("{}H", length_s / 3600);
  if (length_s / 60 % 60 != 0) name += fmt::format("{}M", length_s / 60 % 60);
  if (length_s % 60 != 0 || length_s == 0) name += fmt::format("{}S", length_s % 60);
  return name;
}

/// The smallest tumbling window, the pane, must tile all others.
base::Result<void> check_tiling(const WindowSizes& sizes) {
  const auto pane = sizes.lengths_s.front();
  const auto tiled = [&](std::uint32_t length) -> base::Result<void> {
    if (length % pane == 0) return {};
    return base::fail("bad_windows",
                      fmt::format("{} is no multiple of {}", duration_name(length), duration_name(pane)));
  };
  for (const auto length : sizes.lengths_s) {
    if (auto good = tiled(length); !good) return good;
  }
  std::size_t overlap = 0;
  for (std::size_t i = 0; i < sizes.hopping.size(); ++i) {
    const auto [length, hop] = sizes.hopping[i];
    if (auto good = tiled(hop); !good) return good;
    if (i > 0 && sizes.hopping[i - 1].length_s == length)
      return base::fail("bad_windows", fmt::format("{} has two hops", duration_name(length)));
    overlap += length / hop;
  }
  if (overlap > kMaxOverlap) return base::fail("bad_windows", "more than 24 hopping windows contain a moment");
  return {};
}

}  // namespace

std::string window_name(const Window& window) {
  if (window.local_day) return "P1D";
  if (window.hop_s != 0) return duration_name(window.length_s) + "/" + duration_name(window.hop_s);
  return duration_name(window.length_s);
}

base::Result<WindowSizes> parse_windows(std::string_view text) {
  WindowSizes sizes;
  auto& lengths = sizes.lengths_s;
  for (bool more = true; more;) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    if (part == "day_local") {
      sizes.local_day = true;
    } else {
      const auto size = parse_size(part);
      if (!size) return std::unexpected(size.error());
      if (size->hop_s == size->length_s) {
        lengths.push_back(size->length_s);
      } else {
        sizes.hopping.push_back(*size);
      }
    }
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  if (lengths.empty()) return base::fail("bad_windows", "longer windows are merged from smaller ones; name one");
  std::ranges::sort(lengths);
  lengths.erase(std::ranges::unique(lengths).begin(), lengths.end());
  std::ranges::sort(sizes.hopping);
  sizes.hopping.erase(std::ranges::unique(sizes.hopping).begin(), sizes.hopping.end());
  if (lengths.size() + sizes.hopping.size() > kMaxWindows) return base::fail("bad_windows", "more than 8 windows");
  if (lengths.front() > kMaxPaneS) return base::fail("bad_windows", "the smallest window is longer than 1h");
  if (auto tiled = check_tiling(sizes); !tiled) return std::unexpected(tiled.error());
  return sizes;
}

SeriesClass series_class_of(std::string_view measure) noexcept {
  if (is_network_measure(measure)) return SeriesClass::network;
  const auto stem = stem_of(measure);
  if (std::ranges::find(kMeters, stem) != kMeters.end()) return SeriesClass::meter;
  return std::ranges::find(kParking, stem) != kParking.end() ? SeriesClass::parking : SeriesClass::other;
}

bool has_windows(SeriesClass series, const Window& size) noexcept {
  constexpr std::uint32_t kShortestOfMetersS = 900;
  constexpr std::uint32_t kShortestOfNetworkS = 3600;
  if (series == SeriesClass::network) return size.length_s >= kShortestOfNetworkS;
  return size.length_s >= kShortestOfMetersS || series != SeriesClass::meter;
}

std::int64_t WindowSettings::grace_us(SeriesClass series) const noexcept {
  if (grace) return grace->count();
  if (series == SeriesClass::meter) return kMeterGraceUs;
  return series == SeriesClass::parking ? kParkingGraceUs : kDefaultGraceUs;
}

std::int64_t WindowSettings::horizon_us(SeriesClass series) const noexcept {
  if (horizon) return horizon->count();
  return series == SeriesClass::meter ? kMeterHorizonUs : kDefaultHorizonUs;
}

std::int64_t WindowSettings::due_us(const Window& window, std::uint64_t dev_eui, std::int64_t grace_us) const noexcept {
  const auto range = spread ? std::min(grace_us, kMaxSpreadUs) : 0;
  const auto share = (static_cast<base::UInt128>(base::mix64(dev_eui)) * static_cast<std::uint64_t>(range)) >> 64;
  return window.end_us() + grace_us + static_cast<std::int64_t>(share);
}

std::int64_t WindowSettings::longest_delay_us(bool meters) const noexcept {
  const auto longest = grace ? grace->count() : meters ? kMeterGraceUs : kDefaultGraceUs;
  return longest + (spread ? std::min(longest, kMaxSpreadUs) : 0);
}

std::int64_t WindowSettings::keep_us(bool meters) const noexcept {
  const auto corrected = horizon ? horizon->count() : meters ? kMeterHorizonUs : kDefaultHorizonUs;
  return std::max(corrected, longest_delay_us(meters));
}

WindowsAt WindowSettings::windows_at(std::int64_t time_us) const noexcept {
  WindowsAt windows;
  for (const auto length : windows_s) windows.push(window_at(time_us, length));
  for (const auto& size : hopping) {
    const auto hop_us = std::int64_t{size.hop_s} * kSecondUs;
    const auto last = window_at(time_us, size.hop_s).start_us;
    for (auto start = last - std::int64_t{size.length_s} * kSecondUs + hop_us; start <= last; start += hop_us) {
      if (start >= 0) windows.push({start, size.length_s, false, size.hop_s});
    }
  }
  if (local_days) windows.push(day_at(*local_days, time_us));
  return windows;
}

WindowsAt WindowSettings::windows_of(SeriesClass series, std::int64_t time_us) const noexcept {
  auto windows = windows_at(time_us);
  windows.keep([&](const Window& window) { return has_windows(series, window); });
  return windows;
}

Window WindowSettings::next(const Window& window) const noexcept {
  if (window.local_day && local_days) return day_at(*local_days, window.end_us());
  if (window.hop_s == 0) return {window.end_us(), window.length_s};
  return {window.start_us + std::int64_t{window.hop_s} * kSecondUs, window.length_s, false, window.hop_s};
}

std::int64_t WindowSettings::longest_us() const noexcept {
  auto longest = std::max(windows_s.back(), local_days ? 2 * kDayS : 0);
  for (const auto& size : hopping) longest = std::max(longest, size.length_s);
  return std::int64_t{longest} * kSecondUs;
}

std::int64_t WindowSettings::latest_end_us(std::int64_t time_us) const noexcept {
  std::int64_t latest = time_us;
  for (const auto& window : windows_at(time_us)) latest = std::max(latest, window.end_us());
  return latest;
}

}  // namespace lenne::processing
