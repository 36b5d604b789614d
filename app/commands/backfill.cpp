// lenne backfill DIR: results of the past by other rules, beside those that stand.

#include <array>
#include <charconv>
#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "api/documents.hpp"
#include "app/backfill/backfill.hpp"
#include "app/commands/command.hpp"
#include "app/documents.hpp"
#include "app/pipeline.hpp"
#include "app/settings.hpp"
#include "base/crypto/key_vault.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;
using base::Result;

struct Options {
  std::string directory;
  std::vector<std::filesystem::path> rules;
  std::string from;
  std::string to;
  std::string drop;
  std::string config;
  std::vector<std::string> assignments;
  bool dry_run = false;
  bool json = false;
};

/// The use case that a file says.
Result<v1::UseCase> rules_in(const std::vector<std::filesystem::path>& files) {
  const auto documents = read_documents(files);
  if (!documents) return std::unexpected(documents.error());
  constexpr std::array<std::uint8_t, 32> kAnyKey{1};  // a use case has no keys to wrap
  const auto parsed = api::parse_documents(json::serialize(*documents), {}, base::crypto::KeyVault::of(kAnyKey));
  if (!parsed) return std::unexpected(parsed.error());
  if (!parsed->errors.empty()) {
    const auto& error = parsed->errors.front();
    return base::fail("documents", fmt::format("{} {}: {}: {}", error.kind, error.name, error.field, error.message));
  }
  if (parsed->documents.size() != 1 || !parsed->documents.front().object.has_use_case() ||
      parsed->documents.front().remove)
    return base::fail("documents", "--use-case names a file with one UseCase");
  return parsed->documents.front().object.use_case();
}

Result<base::Timestamp> time_in(const char* option, const std::string& text) {
  const auto time = base::parse_rfc3339(text);
  if (!time) return base::fail("time", fmt::format("{} '{}': {}", option, text, time.error()));
  return *time;
}

/// Nobody else's: a server that runs on it, or a directory without a log, is refused.
Result<std::unique_ptr<storage::Log>> open(const std::string& directory, const base::Clock& clock,
                                           base::Counters& counters) {
  storage::RocksDbSettings rocksdb;
  rocksdb.directory = (std::filesystem::path(directory) / "log").string();
  {
    const auto found = storage::RocksDbLog::inspect(rocksdb.directory);
    if (!found) return std::unexpected(found.error());
    rocksdb.network_partitions = (*found)->network_partitions();
  }
  return storage::RocksDbLog::open(std::move(rocksdb), clock, counters);
}

int drop(const Options& options, storage::Log& log) {
  const auto at = options.drop.rfind('@');
  std::uint32_t version = 0;
  const auto* end = options.drop.data() + options.drop.size();
  if (at == std::string::npos || at + 1 == options.drop.size() ||
      std::from_chars(options.drop.data() + at + 1, end, version).ptr != end)
    return refuse({"drop", fmt::format("--drop '{}': a use case and its version, such as school-air@2", options.drop)},
                  options.json);
  const auto dropped = drop_backfill(log, std::string_view(options.drop).substr(0, at), version);
  if (!dropped) return refuse(dropped.error(), options.json);
  if (options.json) {
    fmt::print("{}\n", json::serialize(json::object{{"dropped", *dropped}}));
  } else {
    fmt::print("{} results dropped\n", *dropped);
  }
  return kDone;
}

void print(const Backfill& done, const BackfillOrder& order) {
  fmt::print("{} records judged by {}@{}\n", done.records, order.rules.name(), order.rules.version());
  fmt::print("results: {} equal, {} changed, {} added, {} missing\n", done.equal, done.changed, done.added,
             done.missing);
  for (const auto& line : done.first) fmt::print("  {}\n", line);
  if (order.write) {
    fmt::print("{} written, under measures like {}\n", done.written,
               backfilled_measure("temperature", order.rules.version()));
  }
}

int run(const Options& options) {
  const auto settings = read_settings(options.config, options.assignments);
  if (!settings) return refuse(settings.error(), options.json);
  const base::SystemClock clock;
  base::Counters counters;
  const auto log = open(options.directory, clock, counters);
  if (!log) return refuse(log.error(), options.json);
  if (!options.drop.empty()) return drop(options, **log);

  auto rules = rules_in(options.rules);
  if (!rules) return refuse(rules.error(), options.json);
  const auto from = time_in("--from", options.from);
  if (!from) return refuse(from.error(), options.json);
  const auto to = time_in("--to", options.to);
  if (!to) return refuse(to.error(), options.json);
  const auto windows = window_settings_of(*settings);
  if (!windows) return refuse(windows.error(), options.json);
  const BackfillOrder order{std::move(*rules), *from, *to, !options.dry_run};
  const auto done = backfill(*windows, **log, order);
  if (!done) return refuse(done.error(), options.json);
  if (options.json) {
    fmt::print("{}\n", json::serialize(json::object{{"records", done->records},
                                                    {"equal", done->equal},
                                                    {"changed", done->changed},
                                                    {"added", done->added},
                                                    {"missing", done->missing},
                                                    {"written", done->written},
                                                    {"first", json::array(done->first.begin(), done->first.end())}}));
  } else {
    print(*done, order);
  }
  return kDone;
}

}  // namespace

void add_backfill(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand(
      "backfill", "Compute results of the past by other rules, beside those that stand, while no server runs");
  command.value("directory", options->directory, "The data directory").required().existing_directory();
  const auto rules = command.value("--use-case", options->rules, "The rules: a file with one UseCase").existing_file();
  command.value("--from", options->from, "Windows that begin at this time or later").needs(rules);
  command.value("--to", options->to, "and before this one").needs(rules);
  command.flag("--dry-run", options->dry_run, "Only compare").needs(rules);
  const auto dropped =
      command.value("--drop", options->drop, "Take back what was backfilled: school-air@2").excludes(rules);
  command.value("--config", options->config, "The server's settings").existing_file();
  command.value("--set", options->assignments, "key=value; wins over the file").repeated();
  command.flag("--json", options->json, "Print JSON");
  command.runs([options, rules, dropped] {
    if (dropped.given() || (rules.given() && !options->from.empty() && !options->to.empty())) return run(*options);
    return wrong_usage("--use-case FILE --from TIME --to TIME, or --drop NAME@VERSION");
  });
}

}  // namespace lenne::app
