#pragma once
// Any bytes as MAC commands, in both versions and directions: every command is taken whole or not at all, and each that
// has a struct is the same after it is written again.

#include "network/lorawan/mac_command.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {
namespace mac {

using namespace network::lorawan;

// RFU bits are ignored by the reader and 0 from the writer, so commands are compared, not bytes.
template <typename Command>
[[nodiscard]] inline int same_again(Version version, const MacCommand& raw) {
  const auto command = decode_command<Command>(raw);
  if (!command) return 0;
  base::Bytes bytes;
  append_command(bytes, *command);
  MacCommandReader reader(version, Command::kDirection, bytes);
  const auto again = reader.next();
  require(again && reader.rest().empty() && decode_command<Command>(*again) == command, "a command comes back");
  return 1;
}

template <typename... Commands>
[[nodiscard]] int all_of(Version version, const MacCommand& raw) {
  return (same_again<Commands>(version, raw) + ...);
}

}  // namespace mac

inline void mac_commands(base::ByteView bytes) {
  using namespace mac;
  for (const auto version : {Version::v1_0, Version::v1_1}) {
    for (const auto direction : {Direction::up, Direction::down}) {
      MacCommandReader reader(version, direction, bytes);
      std::size_t read = 0;
      while (const auto command = reader.next()) {
        require(command->info->direction == direction && command->info->since <= version, "a command of its place");
        require(command->payload.size() == command->info->length, "a payload of its length");
        read += 1 + command->payload.size();
        const int matches =
            all_of<LinkCheckReq, LinkCheckAns, LinkAdrReq, LinkAdrAns, DutyCycleReq, RxParamSetupReq, RxParamSetupAns,
                   DevStatusReq, DevStatusAns, NewChannelReq, NewChannelAns, RxTimingSetupReq, RxTimingSetupAns,
                   DlChannelReq, DlChannelAns, DeviceTimeReq, DeviceTimeAns, RekeyInd, RekeyConf, ResetInd, ResetConf>(
                version, *command);
        require(matches <= 1, "a command is one of them at most");
      }
      require(read + reader.rest().size() == bytes.size(), "commands and rest are the whole");
      require(reader.rest().data() + reader.rest().size() == bytes.data() + bytes.size(), "the rest is the end");
      require(!reader.next(), "what stopped stays stopped");
    }
  }
}

}  // namespace lenne::fuzz
