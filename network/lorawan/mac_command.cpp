#include "network/lorawan/mac_command.hpp"

#include <algorithm>

namespace lenne::network::lorawan {
namespace {

constexpr auto kUp = Direction::up;
constexpr auto kDown = Direction::down;
constexpr auto k10 = Version::v1_0;
constexpr auto k11 = Version::v1_1;

constexpr MacCommandInfo kCommands[] = {
    {0x01, kUp, 1, k11, "ResetInd"},
    {0x01, kDown, 1, k11, "ResetConf"},
    {0x02, kUp, 0, k10, "LinkCheckReq"},
    {0x02, kDown, 2, k10, "LinkCheckAns"},
    {0x03, kUp, 1, k10, "LinkADRAns"},
    {0x03, kDown, 4, k10, "LinkADRReq"},
    {0x04, kUp, 0, k10, "DutyCycleAns"},
    {0x04, kDown, 1, k10, "DutyCycleReq"},
    {0x05, kUp, 1, k10, "RXParamSetupAns"},
    {0x05, kDown, 4, k10, "RXParamSetupReq"},
    {0x06, kUp, 2, k10, "DevStatusAns"},
    {0x06, kDown, 0, k10, "DevStatusReq"},
    {0x07, kUp, 1, k10, "NewChannelAns"},
    {0x07, kDown, 5, k10, "NewChannelReq"},
    {0x08, kUp, 0, k10, "RXTimingSetupAns"},
    {0x08, kDown, 1, k10, "RXTimingSetupReq"},
    {0x09, kUp, 0, k10, "TXParamSetupAns"},
    {0x09, kDown, 1, k10, "TXParamSetupReq"},
    {0x0a, kUp, 1, k10, "DlChannelAns"},
    {0x0a, kDown, 4, k10, "DlChannelReq"},
    {0x0b, kUp, 1, k11, "RekeyInd"},
    {0x0b, kDown, 1, k11, "RekeyConf"},
    {0x0c, kUp, 0, k11, "ADRParamSetupAns"},
    {0x0c, kDown, 1, k11, "ADRParamSetupReq"},
    {0x0d, kUp, 0, k10, "DeviceTimeReq"},
    {0x0d, kDown, 5, k10, "DeviceTimeAns"},
    {0x0e, kDown, 2, k11, "ForceRejoinReq"},
    {0x0f, kUp, 1, k11, "RejoinParamSetupAns"},
    {0x0f, kDown, 1, k11, "RejoinParamSetupReq"},
    {0x10, kUp, 1, k10, "PingSlotInfoReq"},
    {0x10, kDown, 0, k10, "PingSlotInfoAns"},
    {0x11, kUp, 1, k10, "PingSlotChannelAns"},
    {0x11, kDown, 4, k10, "PingSlotChannelReq"},
    {0x12, kUp, 0, k10, "BeaconTimingReq"},
    {0x12, kDown, 3, k10, "BeaconTimingAns"},
    {0x13, kUp, 1, k10, "BeaconFreqAns"},
    {0x13, kDown, 3, k10, "BeaconFreqReq"},
    {0x20, kUp, 1, k11, "DeviceModeInd"},
    {0x20, kDown, 1, k11, "DeviceModeConf"},
};

}  // namespace

std::span<const MacCommandInfo> mac_commands() noexcept { return kCommands; }

const MacCommandInfo* find_mac_command(Version version, Direction direction, std::uint8_t cid) noexcept {
  const auto* found = std::find_if(std::begin(kCommands), std::end(kCommands), [&](const MacCommandInfo& info) {
    return info.cid == cid && info.direction == direction && info.since <= version;
  });
  return found == std::end(kCommands) ? nullptr : found;
}

std::optional<MacCommand> MacCommandReader::next() noexcept {
  if (rest_.empty()) return std::nullopt;
  const auto* info = find_mac_command(version_, direction_, rest_[0]);
  if (info == nullptr || rest_.size() < 1U + info->length) return std::nullopt;
  const MacCommand command{info, rest_.subspan(1, info->length)};
  rest_ = rest_.subspan(1U + info->length);
  return command;
}

}  // namespace lenne::network::lorawan
