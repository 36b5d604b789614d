// lenne report NAME: what results come to, as a table.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "app/reports.hpp"

namespace lenne::app {
namespace {

// So many rows of a table are kept: of more somebody wants a site or a device.
constexpr std::size_t kMostRows = 10'000;

struct Options {
  ServerOptions server;
  std::string name;
  std::string tenant;
  std::string site;
  std::string device;
  std::string weather;
  std::string from;
  std::string to;
  std::string year;
  std::string month;
};

std::string target_of(const Report& report, const Options& options, const std::string& cursor) {
  auto target = fmt::format("/v1/{}", report.endpoint);
  const std::pair<std::string_view, const std::string&> parameters[] = {
      {"tenant", options.tenant},   {"site", options.site},   {"device", options.device},
      {"weather", options.weather}, {"from", options.from},   {"to", options.to},
      {"year", options.year},       {"month", options.month}, {"cursor", cursor}};
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    target += fmt::format("{}{}={}", separator, name, encode_query(value));
    separator = '&';
  }
  return target;
}

int run(const Options& options) {
  const auto* report = find_report(options.name);
  if (report == nullptr) return wrong_usage("a report of that name");
  const auto client = options.server.client();
  if (!client) return refuse(client.error(), options.server.json);
  std::vector<std::vector<std::string>> rows;
  for (std::string cursor;;) {
    const auto answer = client->request("GET", target_of(*report, options, cursor));
    if (!answer) return refuse(answer.error(), options.server.json);
    if (answer->status != 200) return refuse(error_of(*answer), options.server.json);
    boost::system::error_code error;
    const auto page = boost::json::parse(answer->body, error);
    if (error || !page.is_object())
      return refuse({"http", "the server's answer is no JSON object"}, options.server.json);
    if (options.server.json) fmt::print("{}\n", answer->body);
    for (auto& row : cells_of(*report, page)) rows.push_back(std::move(row));
    const auto* next = page.get_object().if_contains("next");
    if (next == nullptr || !next->is_string()) break;
    if (rows.size() >= kMostRows) {
      fmt::print(stderr, "more than {} rows: choose one --site or --device\n", kMostRows);
      break;
    }
    cursor = std::string(next->get_string());
  }
  if (options.server.json) return kDone;
  rows.empty() ? fmt::print("nothing of '{}' here, or not in this time\n", report->name)
               : fmt::print("{}", table_of(*report, rows));
  return kDone;
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& report : reports()) names.emplace_back(report.name);
  return names;
}

const std::string& about_names() {
  static const std::string about = [] {
    std::string text = "Which one:";
    for (const auto& report : reports()) text += fmt::format("\n{}: {}", report.name, report.about);
    return text;
  }();
  return about;
}

}  // namespace

void add_report(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("report", "Show what results come to: containers, noise, traffic, rooms …");
  command.value("name", options->name, about_names().c_str()).required().one_of(names());
  command.value("--tenant", options->tenant, "Only this tenant's");
  command.value("--site", options->site, "Only this site's");
  command.value("--device", options->device, "Only this DevEUI's");
  command.value("--weather", options->weather, "Of a building: the DevEUI that measures the temperature outdoors");
  command.value("--from", options->from, "RFC 3339, inclusive; some days back when absent");
  command.value("--to", options->to, "RFC 3339, exclusive; now when absent");
  command.value("--year", options->year, "Of a meter, or of the air's limits");
  command.value("--month", options->month, "Of a meter, 1 to 12");
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
