#include "app/terminal_plot.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "base/time.hpp"

namespace lenne::app {
namespace {

constexpr std::size_t kLabel = 9;  ///< characters before the axis
constexpr std::size_t kLeastColumns = 40;
constexpr std::size_t kLeastRows = 4;
constexpr std::size_t kDotsWide = 2;  ///< of a braille character
constexpr std::size_t kDotsHigh = 4;

/// Characters of 2 by 4 dots (Unicode block U+2800).
class Dots {
 public:
  Dots(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows), cells_(columns * rows) {}

  [[nodiscard]] std::size_t width() const { return columns_ * kDotsWide; }
  [[nodiscard]] std::size_t height() const { return rows_ * kDotsHigh; }

  /// From the left and from the top.
  void set(std::size_t x, std::size_t y) {
    constexpr std::uint8_t kBits[kDotsHigh][kDotsWide] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    cells_[y / kDotsHigh * columns_ + x / kDotsWide] |= kBits[y % kDotsHigh][x % kDotsWide];
  }
  [[nodiscard]] std::string row(std::size_t y) const {
    std::string text;
    for (std::size_t x = 0; x < columns_; ++x) {
      const auto bits = cells_[y * columns_ + x];
      text += bits == 0 ? " " : utf8(bits);
    }
    return text;
  }

 private:
  static std::string utf8(std::uint8_t bits) {
    const unsigned code = 0x2800U + bits;
    return {static_cast<char>(0xE0U | code >> 12U), static_cast<char>(0x80U | (code >> 6U & 0x3FU)),
            static_cast<char>(0x80U | (code & 0x3FU))};
  }

  std::size_t columns_;
  std::size_t rows_;
  std::vector<std::uint8_t> cells_;
};

struct Range {
  double low = 0;
  double high = 1;
};

Range range_of(const TerminalPlot& plot) {
  if (plot.shape == TerminalPlot::Shape::share) return {0, 1};
  std::optional<Range> range;
  for (const auto& window : plot.windows) {
    if (!window.value) continue;
    if (!range) range = Range{*window.value, *window.value};
    range->low = std::min(range->low, *window.value);
    range->high = std::max(range->high, *window.value);
  }
  if (plot.shape == TerminalPlot::Shape::bars) {
    range->low = std::min(range->low, 0.0);
    range->high = std::max(range->high, 0.0);
  }
  // A flat line lies in the middle.
  if (range->high - range->low <= std::abs(range->high) * 1e-9) return {range->low - 1, range->high + 1};
  return *range;
}

/// Where the times of the windows lie in a row of so many places.
struct Times {
  std::int64_t from_us;
  std::int64_t to_us;

  [[nodiscard]] std::size_t place(std::int64_t at_us, std::size_t places) const {
    const auto share = static_cast<double>(at_us - from_us) / static_cast<double>(to_us - from_us);
    return static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(places));
  }
};

std::size_t height_of(double value, const Range& range, std::size_t dots) {
  const auto share = std::clamp((range.high - value) / (range.high - range.low), 0.0, 1.0);
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(dots - 1)));
}

void draw(const TerminalPlot& plot, const Range& range, const Times& times, Dots& dots) {
  const auto zero = height_of(0, range, dots.height());
  const PlotWindow* before = nullptr;
  for (const auto& window : plot.windows) {
    if (!window.value) {
      before = nullptr;
      continue;
    }
    const auto y = height_of(*window.value, range, dots.height());
    const auto from = std::min(times.place(window.start_us, dots.width()), dots.width() - 1);
    const auto to = std::min(std::max(times.place(window.end_us, dots.width()), from + 1), dots.width());
    const bool joined = before != nullptr && before->end_us == window.start_us;
    const auto other = plot.shape == TerminalPlot::Shape::bars ? zero
                       : joined                                ? height_of(*before->value, range, dots.height())
                                                               : y;
    const auto [top, bottom] = std::minmax(y, other);
    for (std::size_t x = from; x < to; ++x) {
      if (!window.final && x % 2 == 1) continue;
      dots.set(x, y);
      if (plot.shape != TerminalPlot::Shape::bars && x != from) continue;
      for (auto dot = top; dot <= bottom; ++dot) dots.set(x, dot);
    }
    before = &window;
  }
}

/// One character for each column; of several windows in one the worst counts.
std::string coverage_row(const TerminalPlot& plot, const Times& times, std::size_t columns) {
  enum class Mark : std::uint8_t { none, enough, little };
  std::vector<Mark> marks(columns, Mark::none);
  for (const auto& window : plot.windows) {
    if (!window.coverage) continue;
    const auto from = std::min(times.place(window.start_us, columns), columns - 1);
    const auto to = std::min(std::max(times.place(window.end_us, columns), from + 1), columns);
    for (auto x = from; x < to; ++x) marks[x] = std::max(marks[x], window.valid ? Mark::enough : Mark::little);
  }
  std::string text;
  for (const auto mark : marks) text += mark == Mark::enough ? "█" : mark == Mark::little ? "░" : " ";
  return text;
}

std::string time_label(std::int64_t us) {
  auto text = base::to_rfc3339(base::from_us(us)).substr(0, 16);
  text[10] = ' ';
  return text;
}

/// The first and the last time at the ends of a line.
std::string time_row(const Times& times, std::size_t columns) {
  const auto from = time_label(times.from_us);
  const auto to = time_label(times.to_us) + " UTC";
  const auto between = columns > from.size() + to.size() ? columns - from.size() - to.size() : 1;
  return from + std::string(between, ' ') + to;
}

std::string value_label(std::size_t row, std::size_t rows, const Range& range) {
  const bool middle = row == rows / 2;
  if (row != 0 && row != rows - 1 && !middle) return std::string(kLabel, ' ') + "│";
  // The middle of the row's dots.
  const auto share = row == 0          ? 0.0
                     : row == rows - 1 ? 1.0
                                       : (static_cast<double>(row) + 0.5) / static_cast<double>(rows);
  return fmt::format("{:>{}.4g} ┤", range.high - share * (range.high - range.low), kLabel - 1);
}

}  // namespace

std::string to_text(const TerminalPlot& plot, std::size_t columns, std::size_t rows) {
  const auto has_value = [](const PlotWindow& window) { return window.value.has_value(); };
  if (std::ranges::none_of(plot.windows, has_value)) return {};
  const auto width = std::max(columns, kLeastColumns) - kLabel - 1;
  const auto height = std::max(rows, kLeastRows);
  const auto range = range_of(plot);
  Times times{plot.windows.front().start_us, plot.windows.front().end_us};
  for (const auto& window : plot.windows) {
    times.from_us = std::min(times.from_us, window.start_us);
    times.to_us = std::max(times.to_us, window.end_us);
  }
  Dots dots(width, height);
  draw(plot, range, times, dots);
  std::string text = plot.title + "\n";
  const auto line = [&text](std::string_view label, std::string content) {
    content.erase(content.find_last_not_of(' ') + 1);
    text += std::string(label) + content + "\n";
  };
  for (std::size_t row = 0; row < height; ++row) line(value_label(row, height, range), dots.row(row));
  std::string axis = "└";
  for (std::size_t x = 0; x < width; ++x) axis += "─";
  line(std::string(kLabel, ' '), axis);
  if (std::ranges::any_of(plot.windows, [](const PlotWindow& window) { return window.coverage.has_value(); }))
    line("coverage  ", coverage_row(plot, times, width));
  line(std::string(kLabel + 1, ' '), time_row(times, width));
  return text;
}

}  // namespace lenne::app
