#pragma once
// What the server makes of results, as tables for a terminal: containers, noise, traffic, rooms, meters … Which answer
// has which columns is data. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace lenne::app {

struct Report {
  std::string_view name;      ///< how the command line calls it: "waste"
  std::string_view endpoint;  ///< below /v1/
  std::string_view about;
  std::string_view rows;  ///< lists in lists, the innermost being the rows: "items.days"; empty: the answer is the row
  /// Of the row, else of what it is in: "lden", "day.level", "classes.0.share"; separated by spaces.
  std::string_view columns;
};

/// By name.
[[nodiscard]] std::span<const Report> reports() noexcept;
/// Null where there is no such report.
[[nodiscard]] const Report* find_report(std::string_view name) noexcept;

/// Cells as text, a row for each of the report's. What is absent or null is "–"; times are cut to seconds, numbers to
/// three decimals. Nothing of an answer that has not that form.
[[nodiscard]] std::vector<std::vector<std::string>> cells_of(const Report& report, const boost::json::value& answer);

/// The columns' names and the rows below each other, as wide as they have to be: columns of numbers to the right.
/// Empty without rows.
[[nodiscard]] std::string table_of(const Report& report, std::span<const std::vector<std::string>> rows);

}  // namespace lenne::app
