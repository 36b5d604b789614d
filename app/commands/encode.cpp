// lenne encode SCHEMA MESSAGE: the payload of a downlink, offline.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "decode/message_json.hpp"
#include "decode/schema_catalog.hpp"

namespace lenne::app {
namespace {

struct EncodeOptions {
  std::string schema;
  std::string message;
  std::optional<std::uint32_t> f_port;
  std::string devices;
  bool json = false;
};

int run(const EncodeOptions& options) {
  const auto catalog = decode::SchemaCatalog::load(options.devices);
  if (!catalog) return refuse(catalog.error(), options.json);
  const auto downlink = decode::encode_downlink(**catalog, options.schema, options.f_port, options.message);
  if (!downlink) return refuse(downlink.error(), options.json);
  const auto payload = base::to_hex(downlink->payload);
  if (options.json) {
    const boost::json::object result{{"schema", (*catalog)->find_downlink(options.schema)->full_name()},
                                     {"f_port", downlink->f_port},
                                     {"payload", payload}};
    fmt::print("{}\n", boost::json::serialize(result));
  } else {
    fmt::print("{} {}\n", downlink->f_port, payload);  // in the order in which `lenne downlink` takes them
  }
  return kDone;
}

}  // namespace

void add_encode(Command program) {
  auto options = std::make_shared<EncodeOptions>();
  const auto command = program.subcommand("encode", "Make a downlink's payload offline by a device's schema");
  command.value("schema", options->schema, "VENDOR/MODEL").required();
  command.value("message", options->message, "The downlink as JSON, fields as in the schema").required();
  command.value("--f-port", options->f_port, "FPort, where the schema leaves it open").between(1, 223);
  command.value("--devices", options->devices, "A folder with schemas of your own").existing_directory();
  command.flag("--json", options->json, "Print JSON");
  command.runs([=] { return run(*options); });
}

}  // namespace lenne::app
