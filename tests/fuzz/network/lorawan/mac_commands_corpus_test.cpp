#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/network/lorawan/address_range_target.hpp"
#include "tests/fuzz/network/lorawan/join_accept_target.hpp"
#include "tests/fuzz/network/lorawan/mac_commands_target.hpp"

namespace lenne::fuzz {
namespace {

TEST(LorawanCorpus, MacCommands) {
  run_corpus("network/lorawan", "mac_commands", mac_commands, 50'000, "\1\2\3\4\5\6\7\x08\x0a\x0b\x0d");
}
TEST(LorawanCorpus, JoinAccept) { run_corpus("network/lorawan", "join_accept", join_accept, 20'000); }
TEST(LorawanCorpus, AddressRange) {
  run_corpus("network/lorawan", "address_range", address_range, 50'000, "0123456789abcdef/");
}

}  // namespace
}  // namespace lenne::fuzz
