// lenne frame HEX: takes a frame apart offline.

#include <cstdio>

#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "network/lorawan/frame_report.hpp"

namespace lenne::app {
namespace {

namespace lorawan = network::lorawan;

struct Options {
  std::string hex;
  std::string version = "1.0";
  std::vector<std::string> keys;
  std::optional<std::uint32_t> f_cnt;
  std::uint16_t conf_f_cnt = 0;
  std::uint16_t tx_dr = 0;
  std::uint16_t tx_ch = 0;
  std::optional<std::uint16_t> dev_nonce;
  std::string join_eui;
  std::string join_req_type = "255";
  bool json = false;
};

/// Fills the query from the options. Error: wrong usage, naming the option.
base::Result<void> read(const Options& options, lorawan::FrameQuery& query) {
  query.version = options.version == "1.1" ? lorawan::Version::v1_1 : lorawan::Version::v1_0;
  for (const auto& text : options.keys) {
    const auto equals = text.find('=');
    lorawan::Key128 key;
    const auto hex = equals == std::string::npos ? std::string_view{} : std::string_view(text).substr(equals + 1);
    if (auto parsed = base::from_hex_exactly(hex, key.bytes); !parsed)
      return base::fail("usage", fmt::format("--key {}: {}", text.substr(0, equals), parsed.error()));
    if (!query.keys.set(text.substr(0, equals), key))
      return base::fail("usage", fmt::format("--key {}: there is no key of that name", text.substr(0, equals)));
  }
  query.f_cnt = options.f_cnt;
  query.conf_f_cnt = options.conf_f_cnt;
  query.tx_dr = static_cast<std::uint8_t>(options.tx_dr);
  query.tx_ch = static_cast<std::uint8_t>(options.tx_ch);
  query.dev_nonce = options.dev_nonce;
  if (!options.join_eui.empty()) {
    const auto eui = base::parse_id<base::JoinEui>(options.join_eui);
    if (!eui) return base::fail("usage", "--join-eui: " + eui.error());
    query.join_eui = *eui;
  }
  try {
    std::size_t used = 0;
    const auto type = std::stoul(options.join_req_type, &used, 0);
    if (used != options.join_req_type.size() || type > 255)
      return base::fail("usage", "--join-req-type: 0, 1, 2 or 255");
    query.join_req_type = static_cast<std::uint8_t>(type);
  } catch (const std::exception&) {
    return base::fail("usage", "--join-req-type: 0, 1, 2 or 255");
  }
  return {};
}

int run(const Options& options) {
  lorawan::FrameQuery query;
  if (auto done = read(options, query); !done) {
    fmt::print(stderr, "lenne: {}\n", done.error().message);
    return kWrongUsage;
  }
  const auto bytes = base::from_hex(options.hex);
  if (!bytes) {
    fmt::print("{{\"error\":\"bad_hex\"}}\n");
    fmt::print(stderr, "lenne: the frame is no hex text: {}\n", bytes.error());
    return kRefused;
  }
  query.phy_payload = *bytes;
  lorawan::Aes128 aes;
  const auto report = lorawan::report_frame(aes, query);
  fmt::print("{}\n", report ? lorawan::to_json(*report) : lorawan::to_json(report.error()));
  return report ? kDone : kRefused;
}

}  // namespace

void add_frame(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("frame", "Take a LoRaWAN frame apart offline");
  command.value("frame", options->hex, "PHYPayload, hex").required();
  command.value("--version", options->version, "1.0 or 1.1").one_of({"1.0", "1.1"}).shown();
  command.value("--key", options->keys,
                "NAME=HEX: app_key, nwk_key, app_s_key, nwk_s_key, f_nwk_s_int_key, s_nwk_s_int_key, nwk_s_enc_key, "
                "js_int_key, js_enc_key");
  command.value("--f-cnt", options->f_cnt, "The frame counter with all 32 bits");
  command.value("--conf-f-cnt", options->conf_f_cnt, "1.1: counter of the confirmed frame that is acknowledged");
  command.value("--tx-dr", options->tx_dr, "1.1: data rate index of the uplink").between(0, 255);
  command.value("--tx-ch", options->tx_ch, "1.1: channel index of the uplink").between(0, 255);
  command.value("--dev-nonce", options->dev_nonce, "Of the join-request that an accept answers");
  command.value("--join-eui", options->join_eui, "Of the join-request that an accept answers");
  command.value("--join-req-type", options->join_req_type, "What an accept answers: 255 join, 0, 1, 2 rejoin").shown();
  command.flag("--json", options->json, "JSON is what it always prints");
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
