#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/random.hpp"
#include "storage/embedded/group.hpp"
#include "storage/embedded/layout.hpp"
#include "storage/embedded/position.hpp"

namespace lenne::storage::embedded {
namespace {

TEST(Group, EveryRecordComesBack) {
  EXPECT_TRUE(rc::check("encode_group and GroupView are inverse", [] {
    struct Made {
      std::uint8_t topic;
      std::uint32_t partition;
      std::string tenant, key, value;
      bool tombstone;
    };
    std::vector<Made> made;
    const auto count = *rc::gen::inRange(0, 40);
    for (int i = 0; i < count; ++i) {
      made.push_back({*rc::gen::inRange<std::uint8_t>(1, 12), *rc::gen::inRange<std::uint32_t>(0, 256),
                      *rc::gen::element<std::string>("", "menden", "olpe", std::string(255, 'x')),
                      *rc::gen::arbitrary<std::string>(), *rc::gen::arbitrary<std::string>(),
                      *rc::gen::arbitrary<bool>()});
    }
    std::vector<Batch::Append> records;
    for (const auto& m : made) {
      records.push_back({static_cast<Topic>(m.topic), m.partition, m.tenant, m.key, m.value, m.tombstone});
    }
    const auto time = base::from_us(*rc::gen::arbitrary<std::int64_t>());
    const auto bytes = encode_group(time, records);
    RC_ASSERT(read_head(bytes)->count == made.size());
    auto group = GroupView::parse(bytes);
    RC_ASSERT(group.has_value());
    RC_ASSERT(group->head().appended == time);
    std::uint64_t labelled = 0;
    for (const auto& label : group->labels()) labelled += label.records;
    RC_ASSERT(labelled == made.size());
    for (const auto& m : made) {
      const auto entry = group->next();
      RC_ASSERT(entry.has_value());
      const auto& label = group->labels()[entry->label];
      RC_ASSERT(static_cast<std::uint8_t>(label.topic) == m.topic && label.partition == m.partition &&
                label.tenant == m.tenant);
      RC_ASSERT(entry->key == m.key && entry->value == m.value && entry->tombstone == m.tombstone);
    }
    RC_ASSERT(!group->next().has_value());
    RC_ASSERT(!group->damaged());
  }));
}

TEST(Group, TheStoredFormatStaysAsItIs) {
  const std::vector<Batch::Append> records{{Topic::event, 3, "m", "k", "v", false},
                                           {Topic::event, 3, "m", "", "", true}};
  EXPECT_EQ(base::to_hex(base::as_bytes(encode_group(base::from_us(0x0102030405060708), records))),
            "01"                // format
            "02"                // records
            "0807060504030201"  // append time
            "01"                // labels
            "09"
            "03"
            "01"
            "6d"
            "02"
            "06"  // bytes of the table
            "000101"
            "010000"
            "6b76");
}

TEST(Group, DamageIsFoundOrHarmless) {
  const std::string large(300, 'x');
  const std::vector<Batch::Append> records{{Topic::event, 3, "menden", "key", "value", false},
                                           {Topic::control, 0, "", "key", large, false},
                                           {Topic::network_in, 200, "", "", "", true}};
  const auto whole = encode_group(base::from_us(1'790'000'000'000'000), records);
  base::Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = whole;
    if (random.chance(0.5)) bytes.resize(random.below(bytes.size() + 1));
    for (auto n = random.below(4); n > 0 && !bytes.empty(); --n) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    auto group = GroupView::parse(bytes);
    std::size_t read = 0;
    while (group && group->next()) ++read;
    ASSERT_LE(read, bytes.size());
  }
}

TEST(Position, TextAndBack) {
  EXPECT_TRUE(rc::check("to_text and parse_positions are inverse", [] {
    const auto count = *rc::gen::inRange<std::uint32_t>(1, 20);
    std::vector<Position> kinds(3);
    for (auto& kind : kinds) {
      kind.next = *rc::gen::arbitrary<std::uint64_t>();
      kind.fence = *rc::gen::arbitrary<std::uint64_t>();
      kind.floors[*rc::gen::inRange<std::size_t>(0, 3)] = *rc::gen::arbitrary<std::uint64_t>();
      kind.snapshot = *rc::gen::arbitrary<bool>();
      if (kind.snapshot) kind.after = *rc::gen::arbitrary<std::string>();
    }
    std::vector<Position> positions(count);
    std::vector<std::uint32_t> own;
    for (std::uint32_t p = 0; p < count; ++p) {
      if (p > 0 && *rc::gen::inRange(0, 4) == 0) continue;
      own.push_back(p);
      positions[p] = kinds[*rc::gen::inRange<std::size_t>(0, 3)];
    }
    const auto parsed = parse_positions(to_text(positions, own), count);
    RC_ASSERT(parsed.has_value());
    for (const auto p : own) RC_ASSERT((*parsed)[p] == positions[p]);
  }));
}

TEST(Position, EqualPartitionsNeedOneNumber) {
  std::vector<Position> positions(16);
  std::vector<std::uint32_t> all(16);
  for (std::uint32_t p = 0; p < 16; ++p) {
    all[p] = p;
    positions[p].next = 4711;
  }
  EXPECT_EQ(to_text(positions, all), "4711");
  positions[15].next = 4712;
  EXPECT_EQ(to_text(positions, all), "0-14:4711_15-15:4712");
}

TEST(EndOfPrefix, IsTheSmallestKeyAbove) {
  EXPECT_EQ(end_of_prefix("ab"), "ac");
  EXPECT_EQ(end_of_prefix("a\xff"), "b");
  EXPECT_EQ(end_of_prefix("\xff\xff"), "");
}

}  // namespace
}  // namespace lenne::storage::embedded
