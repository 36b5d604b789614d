// lenne verify DIR: proves a data directory that no process holds.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "app/verify/verification.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;

struct Options {
  std::string directory;
  bool json = false;
};

std::string to_json(const Verification& found) {
  json::array topics;
  for (const auto& [topic, contents] : found.topics) {
    json::object row{{"topic", storage::info_of(topic).name}, {"records", contents.records}, {"bytes", contents.bytes}};
    if (contents.records > 0) row.insert({{"first", contents.first}, {"last", contents.last}});
    if (storage::info_of(topic).compacted) row["last_values"] = contents.last_values;
    topics.push_back(std::move(row));
  }
  json::object rows;
  for (const auto& [store, count] : found.rows) rows[storage::name_of(store)] = count;
  json::array faults;
  for (const auto& fault : found.faults.first()) faults.push_back({{"where", fault.where}, {"what", fault.what}});
  return json::serialize(json::object{{"verified", found.faults.count() == 0},
                                      {"partitions", found.partitions},
                                      {"topics", std::move(topics)},
                                      {"rows", std::move(rows)},
                                      {"fault_count", found.faults.count()},
                                      {"faults", std::move(faults)}});
}

void print(const Verification& found) {
  fmt::print("{:<22} {:>10} {:>14} {:>12} {:>12} {:>12}\n", "topic", "records", "bytes", "first", "last",
             "last values");
  for (const auto& [topic, contents] : found.topics) {
    const auto& info = storage::info_of(topic);
    fmt::print("{:<22} {:>10} {:>14} {:>12} {:>12} {:>12}\n", info.name, contents.records, contents.bytes,
               contents.first, contents.last, info.compacted ? std::to_string(contents.last_values) : "");
  }
  fmt::print("{:<22} {:>10}\n", "store", "rows");
  for (const auto& [store, count] : found.rows) fmt::print("{:<22} {:>10}\n", storage::name_of(store), count);
  for (const auto& fault : found.faults.first()) fmt::print("fault: {}: {}\n", fault.where, fault.what);
  if (const auto count = found.faults.count(); count > found.faults.first().size())
    fmt::print("… and {} more\n", count - found.faults.first().size());
  fmt::print("{}\n",
             found.faults.count() == 0 ? "verified" : fmt::format("not verified: {} faults", found.faults.count()));
}

int run(const Options& options) {
  const auto found = verify(options.directory);
  if (!found) return refuse(found.error(), options.json);
  if (options.json) {
    fmt::print("{}\n", to_json(*found));
  } else {
    print(*found);
  }
  return found->faults.count() == 0 ? kDone : kRefused;
}

}  // namespace

void add_verify(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("verify", "Prove a data directory while no server runs on it");
  command.value("directory", options->directory, "The data directory").required().existing_directory();
  command.flag("--json", options->json, "Print JSON");
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
