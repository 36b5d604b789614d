#include "processing/window_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hash.hpp"
#include "base/int128.hpp"
#include "processing/meters/measures.hpp"
#include "processing/network_measures.hpp"
#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

/// What series of a class have in common.
struct ClassRules {
  std::int64_t grace_us;
  std::int64_t horizon_us;
  std::uint32_t shortest_s;  ///< window
};
constexpr std::int64_t kDayUs = 86400 * kSecondUs;
constexpr ClassRules kEnvironment{300 * kSecondUs, 7 * kDayUs, 0};
/// Neither what the network did nor how a device is doing is looked at by the quarter of an hour.
constexpr ClassRules kByTheHour{kEnvironment.grace_us, kEnvironment.horizon_us, 3600};
/// Many meters send the readings of a day at once, and some not every day; a month's readings may come with the next
/// month's.
constexpr ClassRules kMeter{2 * kDayUs, 45 * kDayUs, 900};

constexpr ClassRules rules_of(SeriesClass series) noexcept {
  switch (series) {
    case SeriesClass::meter:
    case SeriesClass::gas:
      return kMeter;
    case SeriesClass::parking:
      // Who looks for a free bay does not wait five minutes.
      return {120 * kSecondUs, 7 * kDayUs, 0};
    case SeriesClass::network:
    case SeriesClass::condition:
      return kByTheHour;
    case SeriesClass::rain:
    case SeriesClass::air:
    case SeriesClass::sound:
    case SeriesClass::other:
      break;
  }
  return kEnvironment;
}

/// By name, without what tells several alike apart behind a dot; all others are SeriesClass::other.
constexpr auto kClasses = std::to_array<std::pair<std::string_view, SeriesClass>>({
    {"alarm", SeriesClass::condition},
    {"battery_level", SeriesClass::condition},
    {"battery_voltage", SeriesClass::condition},
    {"energy", SeriesClass::meter},
    {"gas_volume", SeriesClass::gas},
    {"heat_energy", SeriesClass::meter},
    {"low_battery", SeriesClass::condition},
    {"no2", SeriesClass::air},
    {"o3", SeriesClass::air},
    {"parking_occupied", SeriesClass::parking},
    {"pm10", SeriesClass::air},
    {"pm2_5", SeriesClass::air},
    {"precipitation", SeriesClass::rain},
    {"pulses", SeriesClass::meter},
    {"so2", SeriesClass::air},
    {"sound_level", SeriesClass::sound},
    {"tamper", SeriesClass::condition},
    {"water_volume", SeriesClass::meter},
});

// Who may see what of meters is decided by the same names.
static_assert(std::ranges::all_of(kClasses, [](const auto& each) {
  return meters::is_register(each.first) == is_meter(each.second);
}));
static_assert(std::ranges::all_of(meters::kRegisters, [](std::string_view name) {
  return std::ranges::find(kClasses, name, &std::pair<std::string_view, SeriesClass>::first) != kClasses.end();
}));

/// Whose days a calendar counts: everybody's, or those of one class.
constexpr bool counts(Calendar calendar, SeriesClass series) noexcept {
  switch (calendar) {
    case Calendar::day_cet:
      return series == SeriesClass::air;
    case Calendar::rain_day:
      return series == SeriesClass::rain;
    case Calendar::gas_day:
      return series == SeriesClass::gas;
    case Calendar::none:
    case Calendar::day_local:
      break;
  }
  return true;
}

Window day_at(const DayTable& days, Calendar calendar, std::int64_t time_us) noexcept {
  const auto day = days.at(time_us);
  return {day.start_us, static_cast<std::uint32_t>((day.end_us - day.start_us) / kSecondUs), calendar};
}

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
  const auto add = [&name](std::uint32_t number, char unit) { (name += std::to_string(number)) += unit; };
  if (length_s >= 3600) add(length_s / 3600, 'H');
  if (length_s / 60 % 60 != 0) add(length_s / 60 % 60, 'M');
  if (length_s % 60 != 0 || length_s == 0) add(length_s % 60, 'S');
  return name;
}

/// What duration_name wrote; 0 for other texts.
std::uint32_t duration_named(std::string_view name) noexcept {
  if (!name.starts_with("PT")) return 0;
  name.remove_prefix(2);
  std::uint32_t sum = 0;
  while (!name.empty()) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end == name.data() + name.size() || number > kDayS) return 0;
    sum += number * (*end == 'H' ? 3600 : *end == 'M' ? 60 : *end == 'S' ? 1 : 0);
    name.remove_prefix(static_cast<std::size_t>(end - name.data()) + 1);
  }
  return sum;
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
  if (window.calendar != Calendar::none) return std::string(info_of(window.calendar).window);
  if (window.hop_s != 0) return duration_name(window.length_s) + "/" + duration_name(window.hop_s);
  return duration_name(window.length_s);
}

Window window_named(std::string_view name, std::int64_t start_us, std::int64_t end_us) noexcept {
  const auto calendar = std::ranges::find(kCalendars, name, &CalendarInfo::window);
  const auto slash = name.find('/');
  return {start_us, static_cast<std::uint32_t>((end_us - start_us) / kSecondUs),
          calendar == kCalendars.end() ? Calendar::none : calendar->calendar,
          slash == std::string_view::npos ? 0 : duration_named(name.substr(slash + 1))};
}

base::Result<WindowSizes> parse_windows(std::string_view text) {
  WindowSizes sizes;
  auto& lengths = sizes.lengths_s;
  for (bool more = true; more;) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    const auto calendar = std::ranges::find(kCalendars, part, &CalendarInfo::setting);
    if (calendar != kCalendars.end()) {
      sizes.calendars.push_back(calendar->calendar);
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
  std::ranges::sort(sizes.calendars);
  sizes.calendars.erase(std::ranges::unique(sizes.calendars).begin(), sizes.calendars.end());
  std::ranges::sort(sizes.hopping);
  sizes.hopping.erase(std::ranges::unique(sizes.hopping).begin(), sizes.hopping.end());
  if (lengths.size() + sizes.hopping.size() > kMaxWindows) return base::fail("bad_windows", "more than 8 windows");
  if (lengths.front() > kMaxPaneS) return base::fail("bad_windows", "the smallest window is longer than 1h");
  if (auto tiled = check_tiling(sizes); !tiled) return std::unexpected(tiled.error());
  return sizes;
}

SeriesClass series_class_of(std::string_view measure) noexcept {
  if (is_network_measure(measure)) return SeriesClass::network;
  const auto found = std::ranges::find(kClasses, stem_of(measure), &std::pair<std::string_view, SeriesClass>::first);
  return found == kClasses.end() ? SeriesClass::other : found->second;
}

bool has_percentiles(std::string_view measure) noexcept {
  constexpr std::array<std::string_view, 2> kMeasures{"sound_level", "speed"};
  return std::ranges::find(kMeasures, stem_of(measure)) != kMeasures.end();
}

bool has_windows(SeriesClass series, const Window& size) noexcept {
  return size.length_s >= rules_of(series).shortest_s && counts(size.calendar, series);
}

std::optional<std::string> shortest_instead_of(std::string_view name, std::string_view measure) {
  const auto length_s = duration_named(name.substr(0, name.find('/')));
  const auto shortest_s = rules_of(series_class_of(measure)).shortest_s;
  if (length_s == 0 || length_s >= shortest_s) return std::nullopt;
  return duration_name(shortest_s);
}

SeriesClasses classes_with(const Window& size) noexcept {
  SeriesClasses classes;
  for (std::size_t i = 0; i < kSeriesClasses; ++i) {
    if (const auto series = static_cast<SeriesClass>(i); has_windows(series, size)) classes.insert(series);
  }
  return classes;
}

SeriesClasses WindowSettings::classes_due(const Window& size, std::int64_t grace_us) const noexcept {
  SeriesClasses classes;
  for (std::size_t i = 0; i < kSeriesClasses; ++i) {
    const auto series = static_cast<SeriesClass>(i);
    if (this->grace_us(series) == grace_us && has_windows(series, size)) classes.insert(series);
  }
  return classes;
}

std::int64_t WindowSettings::grace_us(SeriesClass series) const noexcept {
  return grace ? grace->count() : rules_of(series).grace_us;
}

std::int64_t WindowSettings::spread_us(std::int64_t grace_us) const noexcept {
  return spread ? std::min(grace_us, kMaxSpreadUs) : 0;
}

std::int64_t WindowSettings::horizon_us(SeriesClass series) const noexcept {
  return horizon ? horizon->count() : rules_of(series).horizon_us;
}

std::int64_t WindowSettings::due_us(const Window& window, std::uint64_t dev_eui, std::int64_t grace_us) const noexcept {
  const auto range = spread_us(grace_us);
  const auto share = (static_cast<base::UInt128>(base::mix64(dev_eui)) * static_cast<std::uint64_t>(range)) >> 64;
  return window.end_us() + grace_us + static_cast<std::int64_t>(share);
}

std::int64_t WindowSettings::longest_delay_us(bool meters) const noexcept {
  const auto longest = grace ? grace->count() : (meters ? kMeter : kEnvironment).grace_us;
  return longest + spread_us(longest);
}

std::int64_t WindowSettings::keep_us(bool meters) const noexcept {
  const auto corrected = horizon ? horizon->count() : (meters ? kMeter : kEnvironment).horizon_us;
  return std::max(corrected, longest_delay_us(meters));
}

/// Those of which `wanted` says so; it is asked before the day of a calendar is looked for.
WindowsAt WindowSettings::windows_where(std::int64_t time_us, auto wanted) const noexcept {
  WindowsAt windows;
  const auto push = [&](const Window& window) {
    if (wanted(window)) windows.push(window);
  };
  for (const auto length : windows_s) push(window_at(time_us, length));
  for (const auto& size : hopping) {
    const auto hop_us = std::int64_t{size.hop_s} * kSecondUs;
    const auto last = window_at(time_us, size.hop_s).start_us;
    for (auto start = last - std::int64_t{size.length_s} * kSecondUs + hop_us; start <= last; start += hop_us) {
      if (start >= 0) push({start, size.length_s, Calendar::none, size.hop_s});
    }
  }
  for (const auto& [calendar, setting, window, zone, hour] : kCalendars) {
    const auto& table = days[index_of(calendar)];
    if (table && wanted({0, kDayS, calendar})) windows.push(day_at(*table, calendar, time_us));
  }
  return windows;
}

WindowsAt WindowSettings::windows_at(std::int64_t time_us) const noexcept {
  return windows_where(time_us, [](const Window&) { return true; });
}

WindowsAt WindowSettings::windows_of(SeriesClass series, std::int64_t time_us) const noexcept {
  return windows_where(time_us, [&](const Window& window) { return has_windows(series, window); });
}

Window WindowSettings::next(const Window& window) const noexcept {
  if (window.calendar != Calendar::none)
    return day_at(*days[index_of(window.calendar)], window.calendar, window.end_us());
  if (window.hop_s == 0) return {window.end_us(), window.length_s};
  return {window.start_us + std::int64_t{window.hop_s} * kSecondUs, window.length_s, Calendar::none, window.hop_s};
}

std::int64_t WindowSettings::longest_us() const noexcept {
  const bool calendars = std::ranges::any_of(days, [](const auto& table) { return table != nullptr; });
  auto longest = std::max(windows_s.back(), calendars ? 2 * kDayS : 0);
  for (const auto& size : hopping) longest = std::max(longest, size.length_s);
  return std::int64_t{longest} * kSecondUs;
}

std::int64_t WindowSettings::latest_end_us(std::int64_t time_us) const noexcept {
  std::int64_t latest = time_us;
  for (const auto& window : windows_at(time_us)) latest = std::max(latest, window.end_us());
  return latest;
}

}  // namespace lenne::processing
