#include "app/replay/sent_tally.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "ingest/semtech_udp_gateway.hpp"

namespace lenne::app {
namespace {

constexpr std::size_t kTold = 10;

std::string in_words(std::string_view datagram) {
  const auto message = ingest::decode_server_message(base::as_bytes(datagram));
  if (!message) return base::to_hex(base::as_bytes(datagram));
  if (message->type != ingest::PacketType::pull_resp) {
    return fmt::format("{} token {:04x}", message->type == ingest::PacketType::push_ack ? "PUSH_ACK" : "PULL_ACK",
                       message->token);
  }
  return fmt::format("PULL_RESP token {:04x} tmst {} {} Hz {}", message->token,
                     message->tmst ? std::to_string(*message->tmst) : "-", message->frequency_hz,
                     base::to_hex(message->phy_payload));
}

}  // namespace

SentComparison::Count& SentTally::count_of(SentComparison& comparison, base::ByteView datagram) {
  return is_downlink(datagram) ? comparison.downlinks : comparison.acknowledgements;
}

void SentTally::add(const ingest::SocketAddress& to, base::ByteView datagram, base::Timestamp at, int by) {
  const auto [entry, added] = open_.try_emplace(to_text(to).append(1, ' ').append(base::as_text(datagram)));
  auto& [balance, last] = entry->second;
  if (balance * by < 0) ++count_of(equal_, datagram).equal;
  balance += by;
  last = at;
  if (balance == 0) open_.erase(entry);
}

SentComparison SentTally::result(base::Timestamp end) const {
  auto result = equal_;
  std::map<std::pair<base::Timestamp, std::string_view>, std::int64_t> in_order;
  for (const auto& [datagram, entry] : open_) {
    if (entry.balance > 0 || entry.at < end) in_order[{entry.at, datagram}] = entry.balance;
  }
  for (const auto& [at, balance] : in_order) {
    const auto space = at.second.find(' ');
    const auto datagram = at.second.substr(space + 1);
    auto& count = count_of(result, base::as_bytes(datagram));
    (balance > 0 ? count.missing : count.surplus) += static_cast<std::uint64_t>(std::abs(balance));
    if (result.first.size() >= kTold) continue;
    result.first.push_back(fmt::format("{} {} {}: {}", base::to_rfc3339(at.first),
                                       balance > 0 ? "recorded only, to" : "now only, to", at.second.substr(0, space),
                                       in_words(datagram)));
  }
  return result;
}

}  // namespace lenne::app
