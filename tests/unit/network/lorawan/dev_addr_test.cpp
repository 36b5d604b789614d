#include "network/lorawan/dev_addr.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "base/slot.hpp"

namespace lenne::network::lorawan {
namespace {

TEST(DevAddr, prefix_of_each_net_id_type) {
  const std::pair<std::uint32_t, const char*> rows[] = {
      {0x000000, "00000000/7"},  {0x000013, "26000000/7"},  {0x00003f, "7e000000/7"},
      {0x200001, "81000000/8"},  {0x400001, "c0100000/12"}, {0x600001, "e0020000/15"},
      {0x800001, "f0008000/17"}, {0xa00001, "f8002000/19"}, {0xc00001, "fc000400/22"}};
  for (const auto& [net_id, range] : rows) EXPECT_EQ(to_text(dev_addr_range(base::NetId{net_id}).value()), range);
  // Bits of the NetID beyond the type's NwkID do not reach the address.
  EXPECT_EQ(dev_addr_range(base::NetId{0x0fffff}).value(), dev_addr_range(base::NetId{0x00003f}).value());
}

TEST(DevAddr, net_ids_without_room_for_slots_are_refused) {
  EXPECT_EQ(dev_addr_range(base::NetId{0xe00001}).error().code, "net_id_too_small");
  EXPECT_EQ(dev_addr_range(base::NetId{0x1000000}).error().code, "net_id_range");
}

TEST(DevAddr, ranges_of_tenants) {
  const auto network = dev_addr_range(base::NetId{0x000013}).value();
  EXPECT_EQ(to_text(parse_dev_addr_range("26011000/20", network).value()), "26011000/20");
  EXPECT_EQ(parse_dev_addr_range("26000000/7", network).value(), network);
  EXPECT_TRUE(parse_dev_addr_range("26011200/24", network));
  EXPECT_EQ(parse_dev_addr_range("26011200/25", network).error().code, "dev_addr_range_small");
  EXPECT_EQ(parse_dev_addr_range("26011200/32", network).error().code, "dev_addr_range_small");
  EXPECT_EQ(parse_dev_addr_range("28000000/20", network).error().code, "dev_addr_range_outside");
  EXPECT_EQ(parse_dev_addr_range("24000000/6", network).error().code, "dev_addr_range_outside");
  for (const auto* text : {"", "26011000", "26011000/", "26011000/33", "26011000/+7", "26011000/2x", "2601100g/20",
                           "26011001/20", "026011000/20", "26011000/020"}) {
    EXPECT_EQ(parse_dev_addr_range(text, network).error().code, "dev_addr_range_format") << text;
  }
}

TEST(DevAddr, lies_in_its_slot_and_range) {
  const std::uint32_t net_ids[] = {0x000000, 0x000013, 0x200001, 0x400001, 0x600001, 0x800001, 0xa00001, 0xc00001};
  EXPECT_TRUE(rc::check([&](std::uint64_t eui, std::uint32_t nonce, std::uint8_t slot) {
    const auto network =
        dev_addr_range(base::NetId{*rc::gen::elementOf(std::vector(std::begin(net_ids), std::end(net_ids)))}).value();
    auto range = network;
    range.prefix_bits = *rc::gen::inRange<std::uint8_t>(network.prefix_bits, 25);
    range.base |= *rc::gen::arbitrary<std::uint32_t>() & network.host_mask() & ~range.host_mask();
    const auto addr = make_dev_addr(range, slot, base::DevEui{eui}, nonce);
    RC_ASSERT(base::slot_of(addr) == slot);
    RC_ASSERT(range.contains(addr));
    RC_ASSERT(network.contains(addr));
    RC_ASSERT(addr == make_dev_addr(range, slot, base::DevEui{eui}, nonce));
    RC_ASSERT(parse_dev_addr_range(to_text(range), network).value() == range);
  }));
}

TEST(DevAddr, spreads_and_changes_with_each_join) {
  const auto range = dev_addr_range(base::NetId{0x000013}).value();
  std::set<base::DevAddr> seen;
  for (std::uint32_t nonce = 1; nonce <= 1000; ++nonce) seen.insert(make_dev_addr(range, 7, base::DevEui{42}, nonce));
  EXPECT_GT(seen.size(), 950U);  // of 2^17
}

}  // namespace
}  // namespace lenne::network::lorawan
