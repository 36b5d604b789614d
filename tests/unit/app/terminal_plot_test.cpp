#include "app/terminal_plot.hpp"

#include <gtest/gtest.h>

namespace lenne::app {
namespace {

constexpr std::int64_t kPlotStart = 1'795'478'400'000'000;  // 2026-11-24T00:00:00Z
constexpr std::int64_t kQuarter = 900'000'000;

PlotWindow quarter(std::int64_t index, std::optional<double> value, double coverage = 1) {
  return {.start_us = kPlotStart + index * kQuarter,
          .end_us = kPlotStart + (index + 1) * kQuarter,
          .value = value,
          .coverage = coverage,
          .valid = coverage >= 0.75};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  lines.pop_back();
  return lines;
}

TEST(TerminalPlot, NothingWithoutAValue) {
  EXPECT_EQ(to_text({}, 80, 8), "");
  EXPECT_EQ(to_text({.title = "x", .windows = {quarter(0, std::nullopt)}}, 80, 8), "");
}

// Six quarters on 30 characters: five each. Steps, a gap, one window that is covered too little.
TEST(TerminalPlot, DrawsStepsAndGaps) {
  const TerminalPlot plot{
      .title = "Hall",
      .windows = {quarter(0, 10), quarter(1, 20), quarter(2, std::nullopt, 0), quarter(4, 20, 0.5), quarter(5, 10)}};
  EXPECT_EQ(to_text(plot, 40, 4),
            "Hall\n"
            "      20 ┤     ⡏⠉⠉⠉⠉          ⠉⠉⠉⠉⠉⡇\n"
            "         │     ⡇                   ⡇\n"
            "   13.75 ┤     ⡇                   ⡇\n"
            "      10 ┤⣀⣀⣀⣀⣀⡇                   ⣇⣀⣀⣀⣀\n"
            "         └──────────────────────────────\n"
            "coverage  ██████████░░░░░     ░░░░░█████\n"
            "          2026-11-24 00:00 2026-11-24 01:30 UTC\n");
}

TEST(TerminalPlot, BarsStandOnZeroAndSharesBetweenZeroAndOne) {
  const auto bars =
      lines_of(to_text({.shape = TerminalPlot::Shape::bars, .windows = {quarter(0, 4), quarter(1, 8)}}, 40, 4));
  EXPECT_TRUE(bars[1].starts_with("       8 ┤"));
  EXPECT_TRUE(bars[4].starts_with("       0 ┤⣿⣿")) << bars[4];
  EXPECT_TRUE(bars[1].ends_with("⣿⣿")) << bars[1];
  const auto share = lines_of(to_text({.shape = TerminalPlot::Shape::share, .windows = {quarter(0, 0.5)}}, 40, 4));
  EXPECT_TRUE(share[1].starts_with("       1 ┤"));
  EXPECT_TRUE(share[4].starts_with("       0 ┤"));
}

TEST(TerminalPlot, WhatIsNotFinalIsDotted) {
  auto open = quarter(0, 5);
  open.final = false;
  const auto text = to_text({.windows = {open}}, 40, 4);
  EXPECT_EQ(text.find("⠉"), std::string::npos) << text;
  EXPECT_NE(text.find("⠁⠁⠁"), std::string::npos) << text;
}

TEST(TerminalPlot, OneValueForAllIsALineInTheMiddle) {
  const auto lines = lines_of(to_text({.windows = {quarter(0, 7), quarter(1, 7)}}, 40, 4));
  EXPECT_TRUE(lines[1].starts_with("       8 ┤")) << lines[1];
  EXPECT_TRUE(lines[4].starts_with("       6 ┤")) << lines[4];
}

TEST(TerminalPlot, NoCoverageLineWhereNothingIsKnownOfIt) {
  auto window = quarter(0, 5);
  window.coverage.reset();
  EXPECT_EQ(to_text({.windows = {window}}, 40, 4).find("coverage"), std::string::npos);
}

}  // namespace
}  // namespace lenne::app
