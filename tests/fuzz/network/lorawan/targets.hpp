#pragma once
// What the fuzzers and the corpus tests do with one input. A broken law throws: libFuzzer and GoogleTest both notice.

#include <stdexcept>
#include <string>

#include "network/lorawan/frame_report.hpp"
#include "network/lorawan/mac_command.hpp"

namespace lenne::network::lorawan::fuzz {

inline void require(bool holds, const char* law) {
  if (!holds) throw std::logic_error(law);
}

inline void read_commands(base::ByteView bytes) {
  for (const auto version : {Version::v1_0, Version::v1_1}) {
    for (const auto direction : {Direction::up, Direction::down}) {
      MacCommandReader reader(version, direction, bytes);
      std::size_t read = 0;
      while (const auto command = reader.next()) {
        read += 1 + command->payload.size();
        (void)decode_command<LinkAdrReq>(*command);
        (void)decode_command<DevStatusAns>(*command);
        (void)decode_command<NewChannelReq>(*command);
      }
      require(read + reader.rest().size() == bytes.size(), "commands and rest are the whole");
    }
  }
}

/// A PHYPayload: parser, routing key, MAC commands.
inline void frame(base::ByteView bytes) {
  const auto parsed = parse_frame(bytes);
  const auto key = routing_key(bytes);
  read_commands(bytes);
  if (!parsed) return;
  if (const auto* data = std::get_if<DataFrame>(&*parsed)) {
    const auto port = data->f_port ? 1U : 0U;
    require(8 + data->f_opts.size() + port + data->frm_payload.size() + kMicSize == bytes.size(),
            "the parts are the whole");
    require(data->message.size() + kMicSize == bytes.size(), "the MIC covers all but itself");
    require((key == RoutingKey(data->dev_addr)) == (data->direction == Direction::up), "uplinks go to their DevAddr");
    read_commands(data->f_opts);
    read_commands(data->frm_payload);
  } else if (const auto* join = std::get_if<JoinRequest>(&*parsed)) {
    require(key == RoutingKey(join->dev_eui), "joins go to their DevEUI");
  } else if (const auto* rejoin = std::get_if<RejoinRequest>(&*parsed)) {
    require(key == RoutingKey(rejoin->dev_eui), "rejoins go to their DevEUI");
  } else {
    require(key == RoutingKey(), "nothing else has a key");
  }
}

/// One byte of choices, then a PHYPayload: the report with and without keys, in both versions.
inline void frame_report(base::ByteView bytes) {
  static thread_local Aes128 aes;
  const std::uint8_t choice = bytes.empty() ? std::uint8_t{0} : bytes[0];
  FrameQuery query;
  query.phy_payload = bytes.empty() ? bytes : bytes.subspan(1);
  query.version = (choice & 1) != 0 ? Version::v1_1 : Version::v1_0;
  query.join_req_type = (choice & 2) != 0 ? std::uint8_t{0xff} : static_cast<std::uint8_t>(choice >> 6);
  if ((choice & 4) != 0) query.f_cnt = 0xffffffff;
  if ((choice & 8) != 0) query.dev_nonce = std::uint16_t{1};
  if ((choice & 16) != 0) query.join_eui = base::JoinEui{2};
  if ((choice & 32) != 0) {
    const Key128 key{};
    query.keys = {key, key, key, key, key, key, key, key, key};
  }
  const auto report = report_frame(aes, query);
  require(report.has_value() == parse_frame(query.phy_payload).has_value(), "a report for every frame");
  const auto json = report ? to_json(*report) : to_json(report.error());
  require(json.starts_with("{\"") && json.ends_with('}') && json.find_first_of("\\\n") == std::string::npos,
          "one line of JSON");
}

}  // namespace lenne::network::lorawan::fuzz
