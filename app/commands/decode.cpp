// lenne decode SCHEMA F_PORT HEX: reads a payload offline.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

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
    fmt::print("{:28} {:>16} {:8} {}\n", text_of(sample.at("measure")), text_of(sample.at("value")),
               text_of(sample.at("unit")), time.is_null() ? "" : text_of(time));
  }
  for (const auto& warning : result.at("warnings").as_array()) fmt::print("warning: {}\n", text_of(warning));
  if (!result.at("error").is_null()) fmt::print("error: {}\n", text_of(result.at("error")));
}

int run(const Options& options) {
  const auto catalog = decode::SchemaCatalog::load(options.devices);
  if (!catalog) return refuse(catalog.error(), options.json);
  if (options.list) {
    for (const auto& name : (*catalog)->names()) fmt::print("{}\n", name);
    return kDone;
  }
  const auto text = decode::decode_text(**catalog, options.schema, options.f_port, options.hex);
  if (!text) return refuse(text.error(), options.json);
  const auto result = json::parse(*text).as_object();
  if (options.json)
    fmt::print("{}\n", *text);
  else
    print_samples(result);
  return result.at("status") == "failed" ? kRefused : kDone;
}

}  // namespace

void add_decode(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("decode", "Read a payload offline by a device's schema");
  const auto schema = command.value("schema", options->schema, "VENDOR/MODEL");
  const auto f_port = command.value("f_port", options->f_port, "FPort, 1 to 223").between(1, 255);
  const auto hex = command.value("payload", options->hex, "The clear payload, hex");
  command.flag("--list", options->list, "List the schemas there are");
  command.value("--devices", options->devices, "A folder with schemas of your own").existing_directory();
  command.flag("--json", options->json, "Print JSON");
  command.runs([=] {
    if (!options->list && !(schema.given() && f_port.given() && hex.given()))
      return wrong_usage("schema, f_port and payload (or --list)");
    return run(*options);
  });
}

}  // namespace lenne::app
