// lenne query: windows of a measure as a table, JSON or CSV.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;

struct Options {
  ServerOptions server;
  std::string measure;
  std::string from;
  std::string to;
  std::string resolution = "15m";
  std::string group = "device";
  std::string tenant;
  std::string site;
  std::string device;
  std::string format = "table";
};

std::string target_of(const Options& options, const std::string& cursor) {
  std::string target = "/v1/agg?measure=" + encode_query(options.measure) + "&res=" + encode_query(options.resolution);
  const std::pair<const char*, const std::string&> rest[] = {
      {"from", options.from},     {"to", options.to}, {"tenant", options.tenant}, {"site", options.site},
      {"device", options.device}, {"cursor", cursor}, {"group", options.group}};
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
      } else {
        print_rows(page.at("items").as_array(), header);
      }
      if (!page.at("next").is_string()) break;
      cursor = std::string(page.at("next").get_string());
    } catch (const std::exception& problem) {
      return refuse({"http", fmt::format("the server's answer makes no sense: {}", problem.what())}, as_json);
    }
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
  command
      .value("--resolution", options->resolution,
             "1m, 15m, 1h, 1h/10m, day_local, rain_day …: as the server computes them")
      .shown();
  command.value("--group", options->group, "Whose: of devices, sites, tenants or the region")
      .one_of({"device", "site", "tenant", "region"})
      .shown();
  command.value("--tenant", options->tenant, "Only this tenant's");
  command.value("--site", options->site, "Only this site's");
  command.value("--device", options->device, "Only this DevEUI's");
  command.value("--format", options->format, "json (one object a line), csv, geojson; a table when absent")
      .one_of({"table", "json", "csv", "geojson"});
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
