#pragma once
// What every back end of the log must do, as one typed test suite: instantiate it with a Harness
// (conformance_fixture.hpp).

#include "tests/unit/storage/conformance_fixture.hpp"
#include "tests/unit/storage/conformance_script.hpp"

namespace lenne::storage::conformance {

TYPED_TEST_SUITE_P(LogConformance);

TYPED_TEST_P(LogConformance, KeepsTheOrderOfEachPartition) {
  for (int round = 0; round < 3; ++round) {
    Batch batch;
    for (std::uint32_t i = 0; i < 20; ++i) {
      batch.append(Topic::network_in, i % kPartitions, "", "k" + std::to_string(i),
                   std::to_string(round * 20 + static_cast<int>(i)));
      batch.append(Topic::event, i % kPartitions, "menden", "d", "e" + std::to_string(i));
    }
    const auto committed = this->append(batch);
    ASSERT_EQ(committed.offsets.size(), 40U);
  }
  const auto reader = this->reader({Topic::network_in});
  const auto seen = drain(*reader, 7);
  ASSERT_EQ(seen.size(), 60U);
  EXPECT_TRUE(in_order(seen));
  std::map<std::uint32_t, int> last;
  for (const auto& record : seen) {
    EXPECT_EQ(record.topic, Topic::network_in);
    const int number = std::stoi(record.value);
    EXPECT_EQ(static_cast<std::uint32_t>(number % 20) % kPartitions, record.partition);
    EXPECT_TRUE(!last.contains(record.partition) || last[record.partition] < number);
    last[record.partition] = number;
  }
}

/// Also where groups of other topics lie between those that it reads, and the newest ones are in memory.
TYPED_TEST_P(LogConformance, PollsThatEndInsideOfAGroupGiveEachRecordOnce) {
  int number = 0;
  for (const int size : {20, 1, 7, 3, 50, 2, 20}) {
    Batch batch;
    for (int i = 0; i < size; ++i) {
      batch.append(Topic::measurement, static_cast<std::uint32_t>(i) % kPartitions, "", "k", std::to_string(number++));
      batch.append(Topic::event, 0, "menden", "a key of some length", "a value of some length");
    }
    this->append(batch);
  }
  for (const std::size_t most : {1U, 2U, 3U, 7U, 19U, 20U, 21U, 100U}) {
    const auto seen = drain(*this->reader({Topic::measurement}), most);
    EXPECT_TRUE(in_order(seen)) << most;
    std::set<std::string> each;
    for (const auto& record : seen) each.insert(record.value);
    EXPECT_EQ(each.size(), static_cast<std::size_t>(number)) << most;
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(number)) << most;
  }
}

TYPED_TEST_P(LogConformance, AnswersTheOffsetsThatReadersSee) {
  Batch batch;
  batch.append(Topic::measurement, 1, "", "", "m");
  batch.append(Topic::network_in, 1, "", "", "n0");
  batch.append(Topic::network_in, 1, "", "", "n1");
  const auto committed = this->append(batch);
  const auto reader = this->reader({Topic::network_in, Topic::measurement});
  const auto seen = drain(*reader);
  ASSERT_EQ(seen.size(), 3U);
  for (const auto& record : seen) {
    const std::size_t index = record.value == "m" ? 0 : record.value == "n0" ? 1 : 2;
    EXPECT_EQ(record.offset, committed.offsets.at(index)) << record.value;
  }
  const auto description = this->log().describe(Topic::network_in);
  ASSERT_TRUE(description.has_value());
  ASSERT_EQ(description->partitions.size(), kPartitions);
  EXPECT_LE(description->partitions[1].begin, committed.offsets[1]);
  EXPECT_GT(description->partitions[1].end, committed.offsets[2]);
}

TYPED_TEST_P(LogConformance, AReaderBesideSeveralWritersSeesNoGapFilledLater) {
  constexpr int kWriters = 4;
  constexpr int kEach = 60;
  const auto reader = this->reader({Topic::network_in});
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        Batch batch;
        batch.append(Topic::network_in, 2, "", std::to_string(w), std::to_string(i));
        batch.append(Topic::network_in, 2, "", std::to_string(w), std::to_string(i) + "+");
        EXPECT_TRUE(this->log().append(batch).has_value());
      }
    });
  }
  std::vector<Seen> seen;
  for (int empty = 0; seen.size() < kWriters * kEach * 2 && empty < 50;) {
    const auto poll = reader->poll(std::chrono::milliseconds{200}, 50);
    ASSERT_TRUE(poll.has_value());
    empty = poll->records.empty() ? empty + 1 : 0;
    for (auto& record : copy(*poll)) seen.push_back(std::move(record));
  }
  for (auto& writer : writers) writer.join();
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(kWriters * kEach * 2));
  EXPECT_TRUE(in_order(seen));  // each once, rising: so nothing came later than something after it
  std::map<std::string, std::vector<std::string>> by_writer;
  for (const auto& record : seen) by_writer[record.key].push_back(record.value);
  for (const auto& [writer, texts] : by_writer) {
    for (int i = 0; i < kEach; ++i) {
      EXPECT_EQ(texts.at(static_cast<std::size_t>(i) * 2), std::to_string(i)) << writer;
      EXPECT_EQ(texts.at(static_cast<std::size_t>(i) * 2 + 1), std::to_string(i) + "+") << writer;
    }
  }
}

TYPED_TEST_P(LogConformance, AnIdleReaderIsWoken) {
  const auto reader = this->reader({Topic::network_in}, {SeekTo::Where::end});
  ASSERT_TRUE(reader->poll_to_end(10).has_value());
  std::thread writer([&] { this->append_inputs(0, 1); });
  std::vector<Seen> seen;
  for (int i = 0; i < 30 && seen.empty(); ++i) {
    const auto poll = reader->poll(std::chrono::seconds{1}, 10);
    ASSERT_TRUE(poll.has_value());
    seen = copy(*poll);
  }
  writer.join();
  EXPECT_EQ(values(seen), std::vector<std::string>{"0"});
}

TYPED_TEST_P(LogConformance, PositionsSurviveAndUncommittedRecordsComeAgain) {
  this->append_inputs(0, 10);
  {
    auto consumer = this->consumer("network", {Topic::network_in});
    auto seen = drain(*consumer);
    EXPECT_EQ(seen.size(), 10U);
    ASSERT_TRUE(consumer->commit(Batch{}).has_value());
    this->append_inputs(10, 13);
    seen = drain(*consumer);
    EXPECT_EQ(values(seen), (std::vector<std::string>{"10", "11", "12"}));
  }
  this->harness_.reopen();
  for (int round = 0; round < 2; ++round) {
    auto consumer = this->consumer("network", {Topic::network_in});
    EXPECT_EQ(values(drain(*consumer)), (std::vector<std::string>{"10", "11", "12"}));
  }
  auto other = this->consumer("windows", {Topic::network_in});
  EXPECT_EQ(drain(*other).size(), 13U);
}

TYPED_TEST_P(LogConformance, ACommitCoversOnlyWhatWasPolled) {
  this->append_inputs(0, 6);
  {
    auto consumer = this->consumer("network", {Topic::network_in});
    std::vector<Seen> seen;
    while (seen.size() < 2) {
      const auto poll = consumer->poll_to_end(2 - seen.size());
      ASSERT_TRUE(poll.has_value());
      for (auto& record : copy(*poll)) seen.push_back(std::move(record));
    }
    ASSERT_EQ(values(seen), (std::vector<std::string>{"0", "1"}));
    ASSERT_TRUE(consumer->commit(Batch{}).has_value());
  }
  this->harness_.reopen();
  auto consumer = this->consumer("network", {Topic::network_in});
  EXPECT_EQ(values(drain(*consumer)), (std::vector<std::string>{"2", "3", "4", "5"}));
}

TYPED_TEST_P(LogConformance, ACommitInBetweenLeavesTheRestOfAPoll) {
  for (int i = 0; i < 6; ++i) this->append_inputs(i, i + 1, static_cast<std::uint32_t>(i % 2));
  std::vector<std::string> rest;
  {
    auto consumer = this->consumer("network", {Topic::network_in});
    std::vector<Seen> seen;
    Poll poll;
    for (int i = 0; i < 20; ++i) {
      auto polled = consumer->poll_to_end(10);
      ASSERT_TRUE(polled.has_value());
      poll = std::move(*polled);
      seen = copy(poll);
      if (seen.size() >= 3) break;
      ASSERT_TRUE(consumer->commit(Batch{}).has_value());
    }
    Batch batch;
    batch.put(Store::device, 0, "part", "1");
    ASSERT_TRUE(consumer->commit_part(Batch{}, std::span(poll.records).first(1)).has_value());
    ASSERT_TRUE(consumer->commit_part(batch, std::span(poll.records).first(2)).has_value());
    rest = values(seen);
    rest.erase(rest.begin(), rest.begin() + 2);
    for (const auto& later : values(drain(*consumer))) rest.push_back(later);
  }
  this->harness_.reopen();
  EXPECT_EQ(this->log().state().get(Store::device, 0, "part").value(), "1");
  {
    auto consumer = this->consumer("network", {Topic::network_in});
    const auto again = drain(*consumer);
    EXPECT_EQ(sorted(values(again)), sorted(rest));
    ASSERT_TRUE(consumer->commit(Batch{}).has_value());
  }
  this->harness_.reopen();
  auto consumer = this->consumer("network", {Topic::network_in});
  EXPECT_TRUE(drain(*consumer).empty());
}

TYPED_TEST_P(LogConformance, ACommitInBetweenLeavesTheRestOfTheLastValues) {
  Batch batch;
  for (std::uint32_t p = 0; p < kPartitions; ++p) {
    for (const auto* key : {"a", "b", "c"}) {
      if (p == 0) batch.append(Topic::control, p, "", key, std::to_string(p));
      batch.append(Topic::alert, p, "olpe", key, std::to_string(p));
    }
  }
  this->append(batch);
  std::size_t handled = 0;
  for (bool more = true; more; ++handled) {
    auto name = "views" + std::to_string(handled);
    std::vector<std::string> first;
    {
      auto consumer = this->own_consumer(name, {Topic::control, Topic::alert});
      Poll poll;
      for (int i = 0; i < 20 && poll.records.empty(); ++i) {
        auto polled = consumer->poll_to_end(1000);
        ASSERT_TRUE(polled.has_value());
        poll = std::move(*polled);
      }
      first = values(copy(poll));
      more = handled < first.size();
      first.resize(std::min(handled, first.size()));
      ASSERT_TRUE(consumer->commit_part(Batch{}, std::span(poll.records).first(std::min(handled, poll.records.size())))
                      .has_value());
    }
    auto consumer = this->own_consumer(name, {Topic::control, Topic::alert});
    for (const auto& value : values(drain(*consumer))) first.push_back(value);
    ASSERT_EQ(first.size(), batch.appends()) << handled;
  }
  EXPECT_GT(handled, 1U);
}

TYPED_TEST_P(LogConformance, PartitionsMayBeSharedOutAnew) {
  if (TypeParam::kGroups) return;  // who has which partition is the group's business
  for (std::uint32_t p = 0; p < kPartitions; ++p)
    this->append_inputs(static_cast<int>(p) * 10, static_cast<int>(p) * 10 + 2, p);
  {
    auto left = this->consumer("network", {Topic::network_in}, {0, 1});
    EXPECT_EQ(sorted(values(drain(*left))), (std::vector<std::string>{"0", "1", "10", "11"}));
    ASSERT_TRUE(left->commit(Batch{}).has_value());
    auto right = this->consumer("network", {Topic::network_in}, {2, 3});
    EXPECT_EQ(drain(*right).size(), 4U);  // and commits nothing
  }
  this->harness_.reopen();
  auto all = this->consumer("network", {Topic::network_in});
  EXPECT_EQ(sorted(values(drain(*all))), (std::vector<std::string>{"20", "21", "30", "31"}));
  ASSERT_TRUE(all->commit(Batch{}).has_value());
  for (std::uint32_t p = 0; p < kPartitions; ++p) this->append_inputs(50, 51, p);
  auto one = this->consumer("network", {Topic::network_in}, {3});
  EXPECT_EQ(values(drain(*one)), std::vector<std::string>{"50"});
}

TYPED_TEST_P(LogConformance, AnEarlierOwnerIsFenced) {
  this->append_inputs(0, 3);
  auto first = this->consumer("network", {Topic::network_in});
  EXPECT_EQ(drain(*first).size(), 3U);
  auto second = this->consumer("network", {Topic::network_in});
  EXPECT_EQ(drain(*second).size(), 3U);
  Batch batch;
  batch.put(Store::device, 0, "owner", "first");
  const auto refused = first->commit(batch);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, TypeParam::kGroups ? "interrupted" : "fenced");
  first.reset();
  batch.clear();
  batch.put(Store::device, 0, "owner", "second");
  const auto taken = second->commit(batch);
  ASSERT_TRUE(taken.has_value()) << taken.error().message;
  EXPECT_EQ(this->log().state().get(Store::device, 0, "owner").value(), "second");
}

TYPED_TEST_P(LogConformance, ACompactedTopicGivesLastValuesThenChanges) {
  Batch batch;
  batch.append(Topic::control, 0, "", "a", "1");
  batch.append(Topic::control, 0, "", "b", "1");
  batch.append(Topic::control, 0, "", "a", "2");
  batch.append(Topic::control, 0, "", "c", std::string("\0x", 2));
  batch.append(Topic::alert, 1, "menden", "a", "m");
  batch.append(Topic::alert, 1, "olpe", "a", "o");
  this->append(batch);
  batch.clear();
  batch.append_tombstone(Topic::control, 0, "", "b");
  this->append(batch);
  const auto reader = this->reader({Topic::control, Topic::alert});
  const auto snapshot = drain(*reader, 1);
  const std::map<std::string, std::string> expected{
      {"/a", "2"}, {"/c", std::string("\0x", 2)}, {"menden/a", "m"}, {"olpe/a", "o"}};
  EXPECT_EQ(folded(snapshot), expected);
  if (TypeParam::kExactSnapshot) {
    EXPECT_EQ(snapshot.size(), 4U);
  }
  batch.clear();
  batch.append(Topic::control, 0, "", "b", "3");
  batch.append_tombstone(Topic::control, 0, "", "a");
  this->append(batch);
  const auto changes = drain(*reader);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].key, "b");
  EXPECT_FALSE(changes[0].tombstone);
  EXPECT_EQ(changes[1].key, "a");
  EXPECT_TRUE(changes[1].tombstone);
  this->harness_.reopen();
  const auto again = this->reader({Topic::control});
  EXPECT_EQ(folded(drain(*again)), (std::map<std::string, std::string>{{"/b", "3"}, {"/c", std::string("\0x", 2)}}));
}

TYPED_TEST_P(LogConformance, AReaderOfATenantSeesNoOther) {
  Batch batch;
  for (int i = 0; i < 12; ++i) {
    const std::string tenant = i % 3 == 0 ? "menden" : i % 3 == 1 ? "olpe" : "";
    batch.append(Topic::event, static_cast<std::uint32_t>(i) % kPartitions, tenant, "k", "e" + std::to_string(i));
    batch.append(Topic::alert, 0, tenant, "k", "a" + std::to_string(i));
  }
  this->append(batch);
  const auto reader = this->reader({Topic::event, Topic::alert}, {SeekTo::Where::beginning}, "menden");
  const auto seen = drain(*reader);
  std::set<std::string> events;
  for (const auto& record : seen) {
    EXPECT_EQ(record.tenant, "menden");
    if (record.topic == Topic::event) events.insert(record.value);
  }
  EXPECT_EQ(events, (std::set<std::string>{"e0", "e3", "e6", "e9"}));
  std::vector<Seen> aggregates = seen;
  std::erase_if(aggregates, [](const Seen& record) { return record.topic != Topic::alert; });
  EXPECT_EQ(folded(aggregates), (std::map<std::string, std::string>{{"menden/k", "a9"}}));
}

TYPED_TEST_P(LogConformance, ATokenGoesOnWhereItWasTaken) {
  for (int i = 0; i < 5; ++i) this->append_inputs(i * 4, i * 4 + 4, static_cast<std::uint32_t>(i) % kPartitions);
  Batch batch;
  for (int i = 0; i < 6; ++i) batch.append(Topic::control, 0, "", "k" + std::to_string(i), "v");
  this->append(batch);
  const auto whole = drain(*this->reader({Topic::network_in, Topic::control}));
  std::vector<Seen> pieces;
  std::string token;
  for (int i = 0; i < 60; ++i) {
    SeekTo to{SeekTo::Where::beginning};
    if (!token.empty()) to = {SeekTo::Where::token, token};
    const auto reader = this->reader({Topic::network_in, Topic::control}, to);
    const auto poll = reader->poll_to_end(3);
    ASSERT_TRUE(poll.has_value());
    if (poll->records.empty()) break;
    for (auto& record : copy(*poll)) pieces.push_back(std::move(record));
    token = reader->position();
    EXPECT_EQ(token.find(' '), std::string::npos);
    if (i == 2) this->harness_.reopen();
  }
  const auto name = [](const Seen& s) {
    return std::to_string(static_cast<int>(s.topic)) + "/" + s.key + "/" + s.value;
  };
  std::vector<std::string> expected;
  std::vector<std::string> found;
  for (const auto& record : whole) expected.push_back(name(record));
  for (const auto& record : pieces) found.push_back(name(record));
  EXPECT_EQ(sorted(found), sorted(expected));
  const auto reader = this->reader({Topic::network_in}, {SeekTo::Where::end});
  EXPECT_TRUE(drain(*reader).empty());
  for (const auto* bad : {"", "nonsense", "-1", "1:2:3", "99999999999999999999999999", "1.z3"}) {
    const auto sought = reader->seek({SeekTo::Where::token, bad});
    ASSERT_FALSE(sought.has_value()) << bad;
    EXPECT_EQ(sought.error().code, "bad_position") << bad;
  }
}

TYPED_TEST_P(LogConformance, AnyBytesGoThrough) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  const std::string large(std::size_t{1} << 20, '\xfe');
  const std::vector<std::pair<std::string, std::string>> rows{{all, all},
                                                              {std::string("\0", 1), ""},
                                                              {"", "no key"},
                                                              {"large", large},
                                                              {std::string("a\0b", 3), std::string("\0\0", 2)}};
  for (const auto& [key, value] : rows) {
    Batch batch;
    batch.append(Topic::dead_letter, 3, "", key, value);
    this->append(batch);
  }
  Batch state;
  for (const auto& [key, value] : rows) state.put(Store::token, 0, key, value);
  ASSERT_TRUE(this->log().put_state(state).has_value());
  this->harness_.reopen();
  const auto seen = drain(*this->reader({Topic::dead_letter}));
  ASSERT_EQ(seen.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(seen[i].key, rows[i].first);
    EXPECT_TRUE(seen[i].value == rows[i].second) << i;
    EXPECT_FALSE(seen[i].tombstone);
    const auto stored = this->log().state().get(Store::token, 0, rows[i].first).value();
    EXPECT_TRUE(stored == rows[i].second) << i;
  }
}

TYPED_TEST_P(LogConformance, WhatExceedsALimitIsRefusedAndCounted) {
  Batch batch;
  batch.append(Topic::network_in, 0, "", "k", std::string(kBatchLimit + 1, 'x'));
  const auto large = this->log().append(batch);
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, "too_large");
  EXPECT_EQ(this->harness_.counters().value("storage.refused.too_large"), 1U);
  batch.clear();
  batch.append(Topic::control, 1, "", "k", "v");
  const auto nowhere = this->log().append(batch);
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, "bad_batch");
  batch.clear();
  batch.put(Store::device, 0, "k", "v");
  const auto state = this->log().append(batch);
  ASSERT_FALSE(state.has_value());
  EXPECT_EQ(state.error().code, "bad_batch");
  EXPECT_EQ(this->harness_.counters().value("storage.refused.bad_batch"), 2U);
  this->append_inputs(0, 1);
  EXPECT_EQ(drain(*this->reader({Topic::network_in, Topic::control})).size(), 1U);
}

TYPED_TEST_P(LogConformance, StateEqualsAMap) {
  base::Random random(7);
  std::map<std::tuple<Store, std::uint32_t, std::string>, std::string> model;
  const auto key = [&] {
    static constexpr std::string_view kBytes(
        "\0\x01"
        "ab\xfe\xff",
        6);
    std::string text;
    for (auto n = random.below(4); n > 0; --n) text.push_back(kBytes[random.below(kBytes.size())]);
    return text;
  };
  const std::array stores{Store::device, Store::network, Store::pane};
  const auto compare = [&] {
    for (const auto store : stores) {
      const auto p = static_cast<std::uint32_t>(random.below(kPartitions));
      auto from = key();
      auto to = random.chance(0.3) ? std::string() : key();
      std::vector<std::pair<std::string, std::string>> expected;
      for (const auto& [at, value] : model) {
        const auto& [s, q, k] = at;
        if (s == store && q == p && k >= from && (to.empty() || k < to)) expected.emplace_back(k, value);
      }
      std::vector<std::pair<std::string, std::string>> found;
      const auto visit = [&](std::string_view k, std::string_view v) {
        found.emplace_back(k, v);
        return found.size() < 5;
      };
      ASSERT_TRUE(this->log().state().scan(store, p, from, to, visit).has_value());
      auto first = expected;
      first.resize(std::min<std::size_t>(first.size(), 5));
      EXPECT_EQ(found, first);
      found.clear();
      ASSERT_TRUE(this->log().state().scan_back(store, p, from, to, visit).has_value());
      std::ranges::reverse(expected);
      expected.resize(std::min<std::size_t>(expected.size(), 5));
      EXPECT_EQ(found, expected);
      const auto one = key();
      const auto at = model.find({store, p, one});
      EXPECT_EQ(this->log().state().get(store, p, one).value(),
                at == model.end() ? std::nullopt : std::optional(at->second));
    }
  };
  const auto with_all_partitions = [this] {
    auto consumer = this->consumer("network", {Topic::network_in});
    std::size_t assigned = 0;  // by one poll or by several
    for (int polls = 0; polls < 50 && assigned < kPartitions; ++polls)
      assigned += consumer->poll_to_end(1).value().assigned.size();
    EXPECT_EQ(assigned, kPartitions);
    return consumer;
  };
  auto consumer = with_all_partitions();
  for (int round = 0; round < 12; ++round) {
    Batch batch;
    for (int i = 0; i < 20; ++i) {
      const auto store = stores[random.below(stores.size())];
      const auto p = static_cast<std::uint32_t>(random.below(kPartitions));
      const auto k = key();
      if (random.chance(0.3)) {
        batch.erase(store, p, k);
        model.erase({store, p, k});
      } else {
        const auto value = std::to_string(random.below(1000));
        batch.put(store, p, k, value);
        model[{store, p, k}] = value;
      }
    }
    ASSERT_TRUE(consumer->commit(batch).has_value());
    compare();
    if (round == 6) {
      consumer.reset();
      this->harness_.reopen();
      compare();
      consumer = with_all_partitions();
    }
  }
}

TYPED_TEST_P(LogConformance, RetainNeverPassesTheSlowestConsumer) {
  if (!TypeParam::kRetains) return;  // the broker does it
  auto& clock = this->harness_.clock();
  this->append_inputs(0, 5);
  auto slow = this->consumer("slow", {Topic::network_in});
  auto fast = this->consumer("fast", {Topic::network_in});
  EXPECT_EQ(drain(*fast).size(), 5U);
  ASSERT_TRUE(fast->commit(Batch{}).has_value());
  const auto token = this->reader({Topic::network_in})->position();
  clock.advance(std::chrono::hours{24 * 8});
  EXPECT_EQ(this->log().retain(clock.now()).value(), 0U);
  slow.reset();
  this->harness_.reopen();  // known without having been opened again
  EXPECT_EQ(this->log().retain(clock.now()).value(), 0U);
  slow = this->consumer("slow", {Topic::network_in});
  EXPECT_EQ(drain(*slow).size(), 5U);
  EXPECT_EQ(this->log().retain(clock.now()).value(), 0U);  // polled, not committed
  ASSERT_TRUE(slow->commit(Batch{}).has_value());
  EXPECT_EQ(this->log().retain(clock.now()).value(), 1U);
  const auto reader = this->reader({Topic::network_in});
  EXPECT_TRUE(drain(*reader).empty());
  const auto stale = reader->seek({SeekTo::Where::token, token});
  ASSERT_FALSE(stale.has_value());
  EXPECT_EQ(stale.error().code, "bad_position");
  const auto end = this->log().describe(Topic::network_in)->partitions[0].end;
  slow.reset();
  fast.reset();
  this->harness_.reopen();
  Batch batch;
  batch.append(Topic::network_in, 0, "", "k", "after");
  EXPECT_GE(this->append(batch).offsets.at(0), end);  // offsets do not begin anew when all is deleted
  auto again = this->consumer("slow", {Topic::network_in});
  EXPECT_EQ(values(drain(*again)), std::vector<std::string>{"after"});
}

TYPED_TEST_P(LogConformance, NothingIsKeptForAConsumerThatIsForgotten) {
  if (!TypeParam::kRetains) return;  // nothing is kept for any
  auto& clock = this->harness_.clock();
  this->append_inputs(0, 5);
  for (const auto* const name : {"one", "other"}) {
    auto consumer = this->consumer(name, {Topic::network_in});
    if (std::string_view(name) == "other") {
      drain(*consumer);
      ASSERT_TRUE(consumer->commit(Batch{}).has_value());
    }
  }
  clock.advance(std::chrono::hours{24 * 8});
  ASSERT_TRUE(this->log().forget("none of this name").has_value());
  EXPECT_EQ(this->log().retain(clock.now()).value(), 0U);
  ASSERT_TRUE(this->log().forget("one").has_value());
  this->harness_.reopen();  // for good
  EXPECT_EQ(this->log().retain(clock.now()).value(), 1U);
  this->append_inputs(5, 6);
  EXPECT_EQ(values(drain(*this->consumer("one", {Topic::network_in}))), std::vector<std::string>{"5"});
}

TYPED_TEST_P(LogConformance, AForgottenConsumerThatIsStillThereIsFenced) {
  if (!TypeParam::kRetains) return;
  this->append_inputs(0, 2);
  auto consumer = this->consumer("one", {Topic::network_in});
  drain(*consumer);
  ASSERT_TRUE(this->log().forget("one").has_value());
  const auto committed = consumer->commit(Batch{});
  ASSERT_FALSE(committed.has_value());
  EXPECT_EQ(committed.error().code, "fenced");
  EXPECT_EQ(drain(*this->consumer("one", {Topic::network_in})).size(), 2U);
}

TYPED_TEST_P(LogConformance, RetainKeepsWhatIsYoungAndWhatIsCompacted) {
  if (!TypeParam::kRetains) return;
  auto& clock = this->harness_.clock();
  Batch batch;
  batch.append(Topic::network_in, 0, "", "k", "7 days");
  batch.append(Topic::measurement, 0, "", "k", "60 days");
  batch.append(Topic::event, 0, "menden", "k", "400 days");
  batch.append(Topic::control, 0, "", "k", "for ever");
  this->append(batch);
  clock.advance(std::chrono::hours{24 * 6});
  EXPECT_EQ(this->log().retain(clock.now()).value(), 0U);
  clock.advance(std::chrono::hours{24 * 2});
  EXPECT_EQ(this->log().retain(clock.now()).value(), 1U);
  const auto all = [&] {
    return sorted(values(drain(*this->reader({Topic::network_in, Topic::measurement, Topic::event, Topic::control}))));
  };
  EXPECT_EQ(all(), (std::vector<std::string>{"400 days", "60 days", "for ever"}));
  clock.advance(std::chrono::hours{24 * 60});
  EXPECT_EQ(this->log().retain(clock.now()).value(), 1U);
  this->harness_.reopen();
  EXPECT_EQ(all(), (std::vector<std::string>{"400 days", "for ever"}));
}

TYPED_TEST_P(LogConformance, WhicheverOperationFailsACommitIsAllOrNothing) {
  bool failed = true;
  int n = 1;
  for (; failed && n < 1000; ++n) {
    SCOPED_TRACE("operation " + std::to_string(n));
    TypeParam harness;
    Script<TypeParam> script(harness);
    harness.fail_operation(static_cast<std::uint64_t>(n));
    failed = !script.run();
    harness.fail_operation(0);
    if (failed) {
      harness.reopen();
      script.check();
      ASSERT_TRUE(script.run());
    }
    script.check();
    EXPECT_TRUE(script.complete());
    if (this->HasFailure()) return;
  }
  EXPECT_GT(n, Script<TypeParam>::kInputs);
}

TYPED_TEST_P(LogConformance, AfterAFailureNothingIsTakenAndReadsGoOn) {
  if (TypeParam::kGroups) return;  // its disk is elsewhere, and comes back
  this->append_inputs(0, 2);
  this->harness_.fail_operation(1);
  Batch batch;
  batch.append(Topic::network_in, 0, "", "k", "lost");
  EXPECT_FALSE(this->log().failure());
  ASSERT_FALSE(this->log().append(batch).has_value());
  this->harness_.fail_operation(0);
  const auto still = this->log().append(batch);
  ASSERT_FALSE(still.has_value());
  EXPECT_EQ(still.error().code, "log_write");
  ASSERT_TRUE(this->log().failure());
  EXPECT_EQ(this->log().failure()->code, "log_write");
  EXPECT_EQ(drain(*this->reader({Topic::network_in})).size(), 2U);
  this->harness_.reopen();
  this->append_inputs(2, 3);
  const auto seen = values(drain(*this->reader({Topic::network_in})));
  EXPECT_EQ(seen.front(), "0");
  EXPECT_EQ(seen.back(), "2");
}

REGISTER_TYPED_TEST_SUITE_P(LogConformance, KeepsTheOrderOfEachPartition, PollsThatEndInsideOfAGroupGiveEachRecordOnce,
                            AnswersTheOffsetsThatReadersSee, AReaderBesideSeveralWritersSeesNoGapFilledLater,
                            AnIdleReaderIsWoken, PositionsSurviveAndUncommittedRecordsComeAgain,
                            ACommitCoversOnlyWhatWasPolled, ACommitInBetweenLeavesTheRestOfAPoll,
                            ACommitInBetweenLeavesTheRestOfTheLastValues, PartitionsMayBeSharedOutAnew,
                            AnEarlierOwnerIsFenced, ACompactedTopicGivesLastValuesThenChanges,
                            AReaderOfATenantSeesNoOther, ATokenGoesOnWhereItWasTaken, AnyBytesGoThrough,
                            WhatExceedsALimitIsRefusedAndCounted, StateEqualsAMap, RetainNeverPassesTheSlowestConsumer,
                            NothingIsKeptForAConsumerThatIsForgotten, AForgottenConsumerThatIsStillThereIsFenced,
                            RetainKeepsWhatIsYoungAndWhatIsCompacted, WhicheverOperationFailsACommitIsAllOrNothing,
                            AfterAFailureNothingIsTakenAndReadsGoOn);

}  // namespace lenne::storage::conformance
