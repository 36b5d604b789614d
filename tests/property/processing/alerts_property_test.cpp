// Laws of alerts: what comes in between, in another order, twice or after a crash changes nothing.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "alerts_support.hpp"
#include "base/random.hpp"

namespace lenne::processing::test {
namespace {

/// A day of a river: levels each 10 min that rise and fall, samples that are flagged, late or repeated,
/// acknowledgements, changes of the rules, pauses.
std::vector<v1::Measurement> random_day(base::Random& random) {
  std::vector<v1::Measurement> records{definition(kStart, flood_use_case())};
  auto now = kStart;
  std::int64_t mm = 1000;
  std::uint32_t f_cnt = 0;
  const auto count = 20 + random.below(60);
  for (std::uint64_t i = 0; i < count; ++i) {
    now += random.chance(0.1) ? 40 * kMinute : 10 * kMinute;
    mm = std::clamp<std::int64_t>(mm + static_cast<std::int64_t>(random.below(700)) - 350, 200, 2600);
    const auto late = random.chance(0.1) ? static_cast<std::int64_t>(random.below(50)) * kMinute : 0;
    const auto flags = random.chance(0.1) ? std::uint32_t{1} << random.below(5) : 0;
    records.push_back(level(now, now - late, mm, ++f_cnt, flags));
    if (random.chance(0.1)) records.push_back(records.back());
    if (random.chance(0.05)) {
      auto changed = flood_use_case();
      changed.set_version(static_cast<std::uint32_t>(i));
      if (random.chance(0.5))
        changed.mutable_alerts(0)->set_consecutive(1 + static_cast<std::uint32_t>(random.below(3)));
      if (random.chance(0.3)) changed.mutable_alerts()->DeleteSubrange(static_cast<int>(random.below(4)), 1);
      if (random.chance(0.3)) changed.set_stale_after(static_cast<std::uint32_t>(random.below(5)));
      records.push_back(definition(now, changed));
    }
    if (random.chance(0.3)) {
      v1::Measurement tick;
      tick.set_tick(true);
      tick.set_received_us(now + static_cast<std::int64_t>(random.below(300)) * kSecond);
      records.push_back(tick);
    }
  }
  return records;
}

/// Some hours of four gauges that also move, leave and come back, with a use case that comes and goes, and of people
/// who acknowledge what fires.
std::vector<v1::Measurement> random_town(base::Random& random) {
  std::vector<v1::Measurement> records{definition(kStart, flood_use_case())};
  auto now = kStart;
  std::map<std::uint64_t, std::uint32_t> f_cnts;
  std::map<std::uint64_t, std::int64_t> bad_since;  // of level-1, as it may be
  const auto count = 40 + random.below(100);
  for (std::uint64_t i = 0; i < count; ++i) {
    now += static_cast<std::int64_t>(random.below(random.chance(0.05) ? 90 : 6)) * kMinute;
    const auto dev_eui = kGauge + random.below(4);
    auto measured = level(now, now, 700 + static_cast<std::int64_t>(random.below(1200)), ++f_cnts[dev_eui]);
    measured.set_dev_eui(dev_eui);
    if (random.chance(0.03)) measured.set_tenant("olpe");
    if (random.chance(0.03)) measured.clear_use_case();
    if (random.chance(0.03)) measured.set_use_case("nobody defined it");
    if (measured.samples(0).value() < 1100) {
      bad_since.erase(dev_eui);
    } else if (const auto [bad, begins] = bad_since.emplace(dev_eui, now); !begins && random.chance(0.5)) {
      v1::Alert meant;
      meant.set_dev_eui(dev_eui);
      meant.set_rule("level-1");
      records.push_back(std::move(measured));
      records.push_back(acknowledgement(now, meant, random.chance(0.5) ? now : bad->second));
      continue;
    }
    records.push_back(std::move(measured));
    v1::Measurement other;
    other.set_received_us(now);
    if (random.chance(0.05)) {
      other.set_dev_eui(dev_eui);
      other.set_removed(true);
      records.push_back(other);
    } else if (random.chance(0.03)) {
      other.set_removed_definition("flood-level");
      records.push_back(other);
    } else if (random.chance(0.06)) {
      auto changed = flood_use_case();
      changed.set_version(static_cast<std::uint32_t>(i));
      if (random.chance(0.2)) changed.clear_stale_after();
      if (random.chance(0.5)) changed.mutable_alerts()->DeleteSubrange(0, static_cast<int>(random.below(6)));
      records.push_back(definition(now, changed));
    } else if (random.chance(0.2)) {
      other.set_tick(true);
      records.push_back(other);
    }
  }
  return records;
}

/// Bounds of the memory for devices' rows: none stays, about one, all.
constexpr std::array kRowBounds{std::size_t{0}, std::size_t{4'000}, alerts::kDeviceRowBytes};

/// All that is told, and the rows, with a commit after each record for which `commits` says so.
std::pair<std::vector<Output>, std::vector<std::pair<std::string, std::string>>> all_of(
    const std::vector<v1::Measurement>& records, const std::function<bool()>& commits,
    const std::function<bool()>& crashes, std::size_t device_row_bytes = alerts::kDeviceRowBytes) {
  Alerts alerts(plain_settings(), device_row_bytes);
  std::size_t committed = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    alerts.feed(records[i]);
    if (crashes()) {
      alerts.crash();
      i = committed - 1;  // goes on with the first record that is not committed
      continue;
    }
    if (!commits()) continue;
    alerts.commit();
    committed = i + 1;
  }
  alerts.commit();
  return {alerts.committed, alerts.rows()};
}

TEST(AlertLaws, CommitsAndCrashesChangeNothing) {
  std::size_t told = 0;
  EXPECT_TRUE(rc::check([&](std::uint64_t seed) {
    base::Random random(seed);
    const auto records = random.chance(0.5) ? random_day(random) : random_town(random);
    const auto once = all_of(records, [] { return false; }, [] { return false; });
    const auto broken = all_of(
        records, [&] { return random.chance(0.3); }, [&] { return random.chance(0.1); },
        kRowBounds[random.below(kRowBounds.size())]);
    RC_ASSERT(broken.first == once.first);
    RC_ASSERT(broken.second == once.second);
    told += once.first.size();
  }));
  EXPECT_GT(told, 500u) << "the days must have floods";
}

TEST(AlertLaws, WhatStaysInMemoryChangesNoRow) {
  std::map<v1::AlertState, std::size_t> told;
  EXPECT_TRUE(rc::check([&](std::uint64_t seed) {
    base::Random random(seed);
    std::vector<std::unique_ptr<Alerts>> all;
    for (const auto bytes : kRowBounds) all.push_back(std::make_unique<Alerts>(plain_settings(), bytes));
    for (const auto& record : random_town(random)) {
      const auto commits = random.chance(0.3);
      for (auto& alerts : all) {
        for (const auto& alert : alerts->feed(record)) ++told[alert.state()];
        if (commits) alerts->commit();
        if (commits && random.chance(0.1)) alerts->restart();
      }
      for (std::size_t i = 1; commits && i < all.size(); ++i) {
        RC_ASSERT(all[i]->rows() == all[0]->rows());
        RC_ASSERT(all[i]->committed == all[0]->committed);
      }
    }
  }));
  for (const auto state : {v1::ALERT_STATE_PENDING, v1::ALERT_STATE_FIRING, v1::ALERT_STATE_ACKNOWLEDGED,
                           v1::ALERT_STATE_RESOLVED, v1::ALERT_STATE_OK})
    EXPECT_GT(told[state], 50u) << v1::AlertState_Name(state);
}

TEST(AlertLaws, TheOrderInsideARecordChangesNothing) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    base::Random random(seed);
    auto in_order = level(kStart + 2 * kHour, kStart, 1000, 1);
    for (std::uint32_t i = 1; i < 12; ++i) {
      auto& sample = *in_order.add_samples();
      sample = in_order.samples(0);
      sample.set_time_us(kStart + i * 10 * kMinute);
      sample.set_value(static_cast<std::int64_t>(random.below(2500)));
      sample.set_index(i);
      sample.set_flags(random.chance(0.1) ? 4 : 0);
    }
    auto shuffled = in_order;
    for (int i = shuffled.samples_size() - 1; i > 0; --i)
      shuffled.mutable_samples()->SwapElements(i, static_cast<int>(random.below(static_cast<std::uint64_t>(i) + 1)));
    Alerts a;
    Alerts b;
    a.feed(definition(kStart, flood_use_case()));
    b.feed(definition(kStart, flood_use_case()));
    a.feed(in_order);
    b.feed(shuffled);
    a.commit();
    b.commit();
    RC_ASSERT(a.committed == b.committed);
    RC_ASSERT(a.rows() == b.rows());
  }));
}

TEST(AlertLaws, WhatIsOldOrFlaggedTellsNothingNew) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    base::Random random(seed);
    Alerts clean;
    Alerts noisy;
    for (auto* alerts : {&clean, &noisy}) {
      auto levels = flood_use_case();
      levels.mutable_alerts()->DeleteSubrange(3, 2);  // a rate may learn from what is late, and so do windows
      alerts->feed(definition(kStart, levels));
    }
    auto now = kStart;
    for (std::uint32_t i = 1; i < 40; ++i) {
      now += 10 * kMinute;
      const auto mm = static_cast<std::int64_t>(random.below(2500));
      clean.feed(level(now, now, mm, i));
      noisy.feed(level(now, now, mm, i));
      for (auto n = random.below(3); n > 0; --n) {
        const auto late = static_cast<std::int64_t>(random.below(100)) * kMinute;
        const bool flagged = random.chance(0.5);
        const auto told = noisy.feed(level(now + 1, flagged ? now + 1 : now - late,
                                           static_cast<std::int64_t>(random.below(2500)), 1000 + i, flagged ? 4 : 0));
        RC_ASSERT(told.empty());
      }
    }
    clean.commit();
    noisy.commit();
    auto same = [](const std::vector<Output>& outputs) {
      std::vector<v1::Alert> alerts;
      for (const auto& output : outputs) {
        RC_ASSERT(alerts.emplace_back().ParseFromString(output.value));
        alerts.back().clear_changed_us();
      }
      std::string bytes;
      for (const auto& alert : alerts) bytes += alert.SerializeAsString();
      return bytes;
    };
    RC_ASSERT(same(clean.committed) == same(noisy.committed));
  }));
}

/// A row that was damaged is refused at the start, or what goes on from it does no harm.
TEST(AlertLaws, DamagedRowsDoNoHarm) {
  std::size_t refused = 0;
  std::size_t taken = 0;
  EXPECT_TRUE(rc::check([&](std::uint64_t seed) {
    base::Random random(seed);
    Alerts alerts;
    for (const auto& record : random_day(random)) alerts.feed(record);
    alerts.commit();
    auto rows = alerts.rows();
    auto& [key, value] = rows[random.below(rows.size())];
    for (auto n = 1 + random.below(3); n > 0 && !value.empty(); --n) {
      auto& byte = value[random.below(value.size())];
      byte = static_cast<char>(random.below(256));
    }
    storage::Batch damage;
    damage.put(storage::Store::alert, 0, key, value);
    alerts.state.apply(damage);
    alerts::AlertProcessor again(std::make_unique<WindowProcessor>(plain_settings(), alerts.counters), alerts.counters);
    if (!again.assigned(0, alerts.state)) {
      ++refused;
      return;
    }
    ++taken;
    storage::Batch out;
    auto now = kStart + 100 * kHour;
    for (std::uint32_t i = 0; i < 12; ++i) {
      now += 10 * kMinute;
      const auto bytes = level(now, now, 200 * i, 5000 + i).SerializeAsString();
      while (again.step({storage::Topic::measurement, 0, i, base::from_us(0), {}, {}, bytes, false}, out) ==
             Progress::more) {
      }
    }
    RC_ASSERT(!again.fault());
    again.flush(out);
    alerts.state.apply(out);
    alerts::AlertProcessor later(std::make_unique<WindowProcessor>(plain_settings(), alerts.counters), alerts.counters);
    RC_ASSERT(later.assigned(0, alerts.state).has_value());
  }));
  EXPECT_GT(refused, 5u);
  EXPECT_GT(taken, 5u);
}

/// What a reader may rely on: states follow each other as they must, and revisions count.
TEST(AlertLaws, EachAlertTellsALifeThatCanBe) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    base::Random random(seed);
    const auto told = all_of(random_day(random), [] { return false; }, [] { return false; }).first;
    std::map<std::string, v1::Alert> before;
    for (const auto& output : told) {
      v1::Alert alert;
      RC_ASSERT(alert.ParseFromString(output.value));
      const auto& last = before[output.key];
      const auto from = last.state();
      const bool was_open = from == v1::ALERT_STATE_FIRING || from == v1::ALERT_STATE_ACKNOWLEDGED;
      switch (alert.state()) {
        case v1::ALERT_STATE_PENDING:
          RC_ASSERT(!was_open && from != v1::ALERT_STATE_PENDING);
          break;
        case v1::ALERT_STATE_OK:
          RC_ASSERT(from == v1::ALERT_STATE_PENDING);
          break;
        case v1::ALERT_STATE_FIRING:
          RC_ASSERT(!was_open || alert.reason() == v1::ALERT_REASON_RULE_CHANGED);
          RC_ASSERT(alert.firing_since_us() != 0);
          break;
        case v1::ALERT_STATE_RESOLVED:
          RC_ASSERT(was_open);
          break;
        default:
          RC_FAIL("nobody acknowledged anything");
      }
      RC_ASSERT(alert.revision() == last.revision() + 1 || alert.revision() == 1u);
      before[output.key] = alert;
    }
  }));
}

}  // namespace
}  // namespace lenne::processing::test
