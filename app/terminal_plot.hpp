#pragma once
// A series of windows as a plot of braille dots for a terminal. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lenne::app {

struct PlotWindow {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::optional<double> value;     ///< nothing: the window has none
  std::optional<double> coverage;  ///< 0 to 1; nothing: unknown
  bool valid = true;               ///< enough of it is covered
  bool final = true;
};

struct TerminalPlot {
  enum class Shape : std::uint8_t {
    line,   ///< means: between the least and the greatest
    share,  ///< from 0 to 1
    bars,   ///< sums, from 0 on
  };
  std::string title = {};
  Shape shape = Shape::line;
  std::vector<PlotWindow> windows = {};  ///< by start
};

/// Lines of `columns` characters at most (at least 40 are taken), `rows` of them for the plot itself (at least 4). Each
/// window is as wide as its time, so that what is missing is a gap; one that is not final is dotted. Below, how much of
/// the windows is covered: a full block for enough, a shaded one for less. Times are UTC. Empty when there is no value.
[[nodiscard]] std::string to_text(const TerminalPlot& plot, std::size_t columns, std::size_t rows);

}  // namespace lenne::app
