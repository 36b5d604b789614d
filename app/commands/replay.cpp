// lenne replay: recorded datagrams once more through the whole chain, or a data directory's log once more through its
// processors.

#include <cstdio>
#include <ctime>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "app/documents.hpp"
#include "app/new_directory.hpp"
#include "app/replay/datagram_replay.hpp"
#include "app/replay/log_replay.hpp"
#include "app/settings.hpp"
#include "storage/memory/memory_log.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;

struct Options {
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> documents;
  std::string data = "memory";
  std::string log;
  std::string config;
  std::vector<std::string> assignments;
  bool compare = false;
  bool json = false;
};

/// Where a replay's results go, and the key that wraps what it is told.
base::Result<NewDirectory> make_place(const std::string& data, const Settings& settings, const base::Clock& clock,
                                      base::Counters& counters) {
  if (data != "memory") return make_new_directory(data, settings.network.partitions, clock, counters);
  constexpr std::array<std::uint8_t, 32> kAnyKey{1};  // it protects nothing: all goes with the process
  return NewDirectory{std::make_unique<storage::MemoryLog>(settings.network.partitions, clock),
                      base::crypto::KeyVault::of(kAnyKey)};
}

json::object to_json(const SentComparison::Count& count) {
  return {{"equal", count.equal}, {"missing", count.missing}, {"surplus", count.surplus}};
}

/// How long a replay took.
struct Took {
  double seconds;
  double processor_seconds;  ///< of all threads: what counts when other work runs on the machine
};

json::object to_json(const DatagramReplay& done, const Took& took, bool compare) {
  json::object object{{"received", done.received},
                      {"seconds", took.seconds},
                      {"processor_seconds", took.processor_seconds},
                      {"per_second", static_cast<double>(done.received) / took.seconds},
                      {"span_s", static_cast<double>(done.span.count()) / 1e6},
                      {"starts", done.starts},
                      {"lost", done.lost},
                      {"unreadable_bytes", done.unreadable},
                      {"events", done.events},
                      {"measurements", done.measurements},
                      {"aggregates", done.aggregates},
                      {"acknowledgements", done.acknowledgements},
                      {"downlinks", done.downlinks},
                      {"digest", done.digest}};
  if (compare) {
    const auto& sent = done.sent;
    object["sent"] = json::object{{"equal", sent.is_equal()},
                                  {"acknowledgements", to_json(sent.acknowledgements)},
                                  {"downlinks", to_json(sent.downlinks)},
                                  {"first", json::array(sent.first.begin(), sent.first.end())}};
  }
  return object;
}

void print(const DatagramReplay& done, const Took& took, bool compare) {
  fmt::print("{} datagrams of {:.1f} s in {:.2f} s ({:.2f} s of processor time): {:.0f} datagrams/s\n", done.received,
             static_cast<double>(done.span.count()) / 1e6, took.seconds, took.processor_seconds,
             static_cast<double>(done.received) / took.seconds);
  fmt::print("{} events, {} measurements, {} aggregates; {} acknowledgements and {} downlinks left\n", done.events,
             done.measurements, done.aggregates, done.acknowledgements, done.downlinks);
  if (done.starts > 1) fmt::print("the server was started {} times\n", done.starts);
  if (done.lost > 0) fmt::print("the recording lacks {} datagrams\n", done.lost);
  if (done.unreadable > 0) fmt::print("{} bytes at the end of a file cannot be read\n", done.unreadable);
  fmt::print("digest {}\n", done.digest);
  if (!compare) return;
  for (const auto& line : done.sent.first) fmt::print("{}\n", line);
  for (const auto& [name, count] :
       {std::pair("acknowledgements", done.sent.acknowledgements), std::pair("downlinks", done.sent.downlinks)})
    fmt::print("{}: {} equal, {} recorded only, {} now only\n", name, count.equal, count.missing, count.surplus);
  fmt::print("sent: {}\n", done.sent.is_equal() ? "equal" : "different");
}

int replay_files(const Options& options, const Settings& settings) {
  const auto documents = read_documents(options.documents);
  if (!documents) return refuse(documents.error(), options.json);
  const auto catalog = decode::SchemaCatalog::load(settings.devices);
  if (!catalog) return refuse(catalog.error(), options.json);
  base::ManualClock clock{base::Timestamp{}};
  base::Counters counters;
  const auto place = make_place(options.data, settings, clock, counters);
  if (!place) return refuse(place.error(), options.json);

  const base::SystemClock machine;
  const auto began = machine.monotonic();
  const auto worked = std::clock();
  const auto done = replay_datagrams(options.files, *documents, settings, *place->log, clock, place->vault, *catalog);
  const Took took{static_cast<double>((machine.monotonic() - began).count()) / 1e6,
                  static_cast<double>(std::clock() - worked) / CLOCKS_PER_SEC};
  if (!done) return refuse(done.error(), options.json);
  if (options.json) {
    fmt::print("{}\n", json::serialize(to_json(*done, took, options.compare)));
  } else {
    print(*done, took, options.compare);
  }
  return options.compare && !done->sent.is_equal() ? kRefused : kDone;
}

int replay_directory(const Options& options, const Settings& settings) {
  const auto done = replay_log(settings, options.log);
  if (!done) return refuse(done.error(), options.json);
  if (options.json) {
    json::object equal;
    for (const auto& [topic, count] : done->equal) equal[storage::info_of(topic).name] = count;
    fmt::print("{}\n", json::serialize(json::object{
                           {"equal", !done->difference},
                           {"records", done->records},
                           {"equal_records", std::move(equal)},
                           {"equal_rows", done->equal_rows},
                           {"left_out", json::array(done->left_out.begin(), done->left_out.end())},
                           {"difference", done->difference ? json::value(*done->difference) : json::value(nullptr)}}));
  } else {
    fmt::print("{} records again\n", done->records);
    for (const auto& [topic, count] : done->equal)
      fmt::print("{:<22} {:>10} equal\n", storage::info_of(topic).name, count);
    fmt::print("{:<22} {:>10} equal\n", "rows of state", done->equal_rows);
    for (const auto& line : done->left_out) fmt::print("left out: {}\n", line);
    fmt::print("{}\n", done->difference ? "different: " + *done->difference : "equal");
  }
  return done->difference ? kRefused : kDone;
}

int run(const Options& options) {
  const auto settings = read_settings(options.config, options.assignments);
  if (!settings) return refuse(settings.error(), options.json);
  return options.log.empty() ? replay_files(options, *settings) : replay_directory(options, *settings);
}

}  // namespace

void add_replay(Command program) {
  auto options = std::make_shared<Options>();
  const auto command =
      program.subcommand("replay", "Feed recorded datagrams, or a data directory's log, through the chain again");
  const auto files =
      command.value("files", options->files, "Recordings (see gateways.record), in their order").existing_file();
  command
      .value("--documents", options->documents, "What was declared when they were recorded: files, or folders of them")
      .existing()
      .needs(files);
  command.value("--data", options->data, "Where the results go: an empty directory, or memory").shown().needs(files);
  command.flag("--compare", options->compare, "Compare what leaves with what was sent").needs(files);
  const auto log =
      command.value("--log", options->log, "A data directory: compare its results with what its log leads to")
          .existing_directory()
          .excludes(files);
  command.value("--config", options->config, "The server's settings").existing_file();
  command.value("--set", options->assignments, "key=value; wins over the file").repeated();
  command.flag("--json", options->json, "Print JSON");
  command.runs([options, files, log] {
    return files.given() || log.given() ? run(*options) : wrong_usage("FILE… or --log DIR");
  });
}

}  // namespace lenne::app
