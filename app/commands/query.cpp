// lenne query: windows of a measure as a table, a plot, JSON or CSV.

#include <algorithm>
#include <cstdio>
#include <vector>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "app/terminal_plot.hpp"
#include "base/time.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;

struct Options {
  ServerOptions server;
  std::string measure;
  std::string from;
  std::string to;
  std::string resolution;
  std::string group = "device";
  std::string tenant;
  std::string site;
  std::string device;
  std::string format = "table";
  bool plot = false;
};

std::string target_of(const Options& options, const std::string& cursor) {
  std::string target = "/v1/agg?measure=" + encode_query(options.measure);
  const std::pair<const char*, const std::string&> rest[] = {
      {"res", options.resolution}, {"from", options.from},     {"to", options.to}, {"tenant", options.tenant},
      {"site", options.site},      {"device", options.device}, {"cursor", cursor}, {"group", options.group}};
  for (const auto& [name, value] : rest) {
    if (!value.empty()) target += fmt::format("&{}={}", name, encode_query(value));
  }
  if (options.format == "csv" || options.format == "geojson") target += "&format=" + options.format;
  return target;
}

std::string cell(const json::object& row, std::string_view name) {
  const auto* value = row.if_contains(name);
  if (value == nullptr || value->is_null()) return "–";
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_double()) return fmt::format("{:.3f}", value->get_double());
  return json::serialize(*value);
}

void print_rows(const json::array& rows, bool& header) {
  for (const auto& item : rows) {
    const auto& row = item.as_object();
    if (std::exchange(header, false)) {
      fmt::print("{:20} {:16} {:24} {:>10} {:>10} {:>10} {:>12} {:>8} {:>9} {:>7} {:>6}\n", "start", "tenant",
                 row.contains("level") ? "site" : "device", "mean", "min", "max", "sum", "occupied", "coverage",
                 "quality", "state");
    }
    fmt::print("{:20} {:16} {:24} {:>10} {:>10} {:>10} {:>12} {:>8} {:>9} {:>7} {:>6}\n",
               cell(row, "start").substr(0, 19) + "Z", cell(row, "tenant"),
               cell(row, row.contains("level") ? "site" : "device"), cell(row, "mean"), cell(row, "min"),
               cell(row, "max"), cell(row, "sum"), cell(row, "occupied_share"), cell(row, "coverage"),
               cell(row, "quality"), cell(row, "final") == "true" ? "final" : "prov.");
  }
}

/// Collects series and draws them, one below the other.
class Plots {
 public:
  void add(const json::array& rows) {
    for (const auto& item : rows) {
      const auto& row = item.as_object();
      const auto name = cell(row, "tenant") + " " + cell(row, "dev_eui");
      auto found = std::ranges::find(plots_, name, &Named::name);
      if (found == plots_.end()) {
        if (plots_.size() == kMost) {
          left_out_ = true;
          continue;
        }
        plots_.push_back({name, {title_of(row), shape_of(cell(row, "kind")), {}}});
        found = std::prev(plots_.end());
      }
      found->plot.windows.push_back(window_of(row, found->plot.shape));
    }
  }

  void print(const std::string& measure) const {
    for (const auto& each : plots_) {
      const auto text = to_text(each.plot, columns(), kRows);
      fmt::print("{}\n", text.empty() ? each.plot.title + ": no value in this range\n" : text);
    }
    if (plots_.empty()) fmt::print("no windows of '{}' in this range\n", measure);
    if (left_out_) fmt::print("more than {} series: choose one with --device\n", kMost);
  }

 private:
  static constexpr std::size_t kMost = 8;
  static constexpr std::size_t kRows = 12;
  static constexpr std::size_t kColumns = 100;  ///< where it is no terminal

  struct Named {
    std::string name;
    TerminalPlot plot;
  };

  static std::size_t columns() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kColumns;
  }
  static std::string title_of(const json::object& row) {
    const auto unit = cell(row, "unit");
    return fmt::format("{} / {}: {}{}, {}", cell(row, "tenant"), cell(row, "device"), cell(row, "measure"),
                       unit.empty() ? "" : " in " + unit, cell(row, "window"));
  }
  static TerminalPlot::Shape shape_of(const std::string& kind) {
    if (kind == "state") return TerminalPlot::Shape::share;
    return kind == "counter" || kind == "event" ? TerminalPlot::Shape::bars : TerminalPlot::Shape::line;
  }
  static std::optional<double> number(const json::object& row, std::string_view name) {
    const auto* value = row.if_contains(name);
    return value == nullptr || !value->is_number() ? std::nullopt : std::optional(value->to_number<double>());
  }
  static PlotWindow window_of(const json::object& row, TerminalPlot::Shape shape) {
    const auto time = [&row](std::string_view name) {
      const auto parsed = base::parse_rfc3339(cell(row, name));
      return parsed ? base::to_us(*parsed) : 0;
    };
    const auto* value = shape == TerminalPlot::Shape::share  ? "occupied_share"
                        : shape == TerminalPlot::Shape::bars ? "sum"
                                                             : "mean";
    return {.start_us = time("start"),
            .end_us = time("end"),
            .value = number(row, value),
            .coverage = number(row, "coverage"),
            .valid = cell(row, "valid") == "true",
            .final = cell(row, "final") == "true"};
  }

  std::vector<Named> plots_;
  bool left_out_ = false;
};

/// Every page repeats the header line; only the first is wanted.
void print_csv(std::string_view page, bool first) { fmt::print("{}", page.substr(first ? 0 : page.find('\n') + 1)); }

/// All pages as one collection.
void print_features(std::string_view page, bool first, bool last) {
  constexpr std::string_view kHead = R"({"type":"FeatureCollection","features":[)";
  if (!page.starts_with(kHead) || !page.ends_with("]}")) return;
  const auto features = page.substr(kHead.size(), page.size() - kHead.size() - 2);
  fmt::print("{}{}{}", first ? kHead : features.empty() ? "" : ",", features, last ? "]}\n" : "");
}

int run(const Options& options) {
  const bool as_json = options.server.json || options.format == "json";
  const auto client = options.server.client();
  if (!client) return refuse(client.error(), as_json);
  bool header = true;
  Plots plots;
  for (std::string cursor;;) {
    const auto answer = client->request("GET", target_of(options, cursor));
    if (!answer) return refuse(answer.error(), as_json);
    if (answer->status != 200) return refuse(error_of(*answer), as_json);
    if (options.format == "csv" || options.format == "geojson") {
      const auto next = answer->headers.find("lenne-next");
      const bool last = next == answer->headers.end() || next->second.empty();
      options.format == "csv" ? print_csv(answer->body, cursor.empty())
                              : print_features(answer->body, cursor.empty(), last);
      if (last) return kDone;
      cursor = next->second;
      continue;
    }
    try {
      const auto page = json::parse(answer->body).as_object();
      if (as_json) {
        for (const auto& row : page.at("items").as_array()) fmt::print("{}\n", json::serialize(row));
      } else if (options.plot) {
        plots.add(page.at("items").as_array());
      } else {
        print_rows(page.at("items").as_array(), header);
      }
      if (!page.at("next").is_string()) break;
      cursor = std::string(page.at("next").get_string());
    } catch (const std::exception& problem) {
      return refuse({"http", fmt::format("the server's answer makes no sense: {}", problem.what())}, as_json);
    }
  }
  if (options.plot && !as_json) {
    plots.print(options.measure);
    return kDone;
  }
  if (header && !as_json) fmt::print("no windows of '{}' in this range\n", options.measure);
  return kDone;
}

}  // namespace

void add_query(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("query", "Show windows of a measure");
  command.value("--measure", options->measure, "e.g. temperature, parking_occupied, or an OBIS code: 8-0:1.0.0")
      .required();
  command.value("--from", options->from, "RFC 3339, inclusive").required();
  command.value("--to", options->to, "RFC 3339, exclusive").required();
  command.value("--resolution", options->resolution,
                "1m, 15m, 1h, 1h/10m, day_local, rain_day …, as the server computes them; 15m when absent, or the "
                "shortest longer one that the measure has");
  command.value("--group", options->group, "Whose: of devices, sites, areas, tenants, districts or the region")
      .one_of({"device", "site", "area", "tenant", "district", "region"})
      .shown();
  command.value("--tenant", options->tenant, "Only this tenant's");
  command.value("--site", options->site, "Only this site's");
  command.value("--device", options->device, "Only this DevEUI's");
  const auto format =
      command.value("--format", options->format, "json (one object a line), csv, geojson; a table when absent")
          .one_of({"table", "json", "csv", "geojson"});
  command.flag("--plot", options->plot, "Draw it: gaps, coverage and what is provisional show").excludes(format);
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
