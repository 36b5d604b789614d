// lenne decode SCHEMA F_PORT HEX: reads a payload offline.

#include <cstdio>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "decode/message_json.hpp"
#include "decode/schema_catalog.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;

struct Options {
  std::string schema;
  unsigned f_port = 0;
  std::string hex;
  std::string devices;
  bool json = false;
  bool list = false;
};

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

void print_samples(const json::object& result) {
  for (const auto& item : result.at("samples").as_array()) {
    const auto& sample = item.as_object();
    const auto& time = sample.at("time");
    fmt::print("{:28} {:>16} {:8} {}\n", text_of(sample.at("measure")), text_of(sample.at("value")), text_of(sample.at("unit")), time.is_null() ? "" : text_of(time));
  }
  for (const auto& warning : result.at("warnings").as_array()) fmt::print("warning: {}\n", text_of(warning));
  if (!result.at("error").is_null()) fmt::print("error: {}\n", text_of(result.at("error")));
}

int run(const Options& options) {
  std::vector<std::filesystem::path> directories;
  if (!options.devices.empty()) directories.emplace_back(options.devices);
  const auto catalog = decode::SchemaCatalog::load(directories);
  if (!catalog) return refuse(catalog.error(), options.json);
  if (options.list) {
    for (const auto& name : (*catalog)->names()) fmt::print("{}\n", name);
    return kDone;
  }
  const auto text = decode::decode_text(**catalog, options.schema, options.f_port, options.hex);
  if (!text) return refuse(text.error(), options.json);
  const auto result = json::parse(*text).as_object();
  if (options.json) fmt::print("{}\n", *text);
  else print_samples(result);
  return result.at("status") == "failed" ? kRefused : kDone;
}

}  // namespace

void add_decode(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("decode", "Read a payload offline by a device's schema");
  auto* schema = command->add_option("schema", options->schema, "VENDOR/MODEL");
  auto* f_port = command->add_option("f_port", options->f_port, "FPort, 1 to 223")->check(CLI::Range(1U, 255U));
  auto* hex = command->add_option("payload", options->hex, "The clear payload, hex");
  command->add_flag("--list", options->list, "List the schemas there are");
  command->add_option("--devices", options->devices, "A folder with schemas of your own")->check(CLI::ExistingDirectory);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([=, &outcome] {
    if (!options->list && (schema->count() == 0 || f_port->count() == 0 || hex->count() == 0)) {
      throw CLI::RequiredError("schema, f_port and payload (or --list)");
    }
    outcome.exit_code = run(*options);
  });
}

}  // namespace lenne::app
