#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/ingest/base64_target.hpp"
#include "tests/fuzz/ingest/downlink_target.hpp"
#include "tests/fuzz/ingest/server_message_target.hpp"
#include "tests/fuzz/ingest/socket_address_target.hpp"
#include "tests/fuzz/ingest/tx_ack_target.hpp"

namespace lenne::fuzz {
namespace {

constexpr std::string_view kJson = "\"{}[],:0-9.eE\\ tnf";

TEST(DatagramPartsCorpus, Base64) { run_corpus("ingest", "base64", base64, 50'000, "ABCDabcd0189+/-_="); }
TEST(DatagramPartsCorpus, ServerMessage) { run_corpus("ingest", "server_message", server_message, 20'000, kJson); }
TEST(DatagramPartsCorpus, TxAck) { run_corpus("ingest", "tx_ack", tx_ack, 20'000, kJson); }
TEST(DatagramPartsCorpus, SocketAddress) {
  run_corpus("ingest", "socket_address", socket_address, 50'000, "0123456789abcdef:.[]SFBW");
}
TEST(DatagramPartsCorpus, Downlink) { run_corpus("ingest", "downlink", downlink, 5'000); }

}  // namespace
}  // namespace lenne::fuzz
