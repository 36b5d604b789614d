// The universes of the continuous integration: every seed holds every rule, and over all of them everything happens.

#include "universe.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace lenne::sim {
namespace {

constexpr std::uint64_t kSeeds = 50;

/// Universes in which a rule was broken once; each names what it was.
struct Regression {
  std::uint64_t seed;
  std::string_view what;
};
constexpr Regression kRegressions[] = {
    {73, "a PULL_RESP that came twice was sent and refused: its airtime was given back"},
    {104, "the same, for a gateway of the other sub-band"},
    {934, "a frame that was long on its way began an ABP device's counters anew"},
    {449, "the same, heard by a gateway that did not hear the last one"},
};

void expect_rules_held(std::uint64_t seed, const Outcome& outcome) {
  for (const auto& finding : outcome.findings) ADD_FAILURE() << "seed " << seed << ": " << finding;
  if (!outcome.findings.empty()) ADD_FAILURE() << "again: " LENNE_SIM_PROGRAM " --seed " << seed << " --verbose";
}

TEST(Universe, EveryRuleHoldsAndEverythingHappens) {
  Tally tally;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto outcome = run_universe(scenario_of(seed));
    expect_rules_held(seed, outcome);
    tally.add(outcome.tally);
  }
  for (const auto name : tally.missing()) ADD_FAILURE() << name << " never happened";
  fmt::print("{}", tally.to_text());
}

TEST(Universe, WhatOnceBrokeHolds) {
  for (const auto& regression : kRegressions) {
    SCOPED_TRACE(regression.what);
    expect_rules_held(regression.seed, run_universe(scenario_of(regression.seed)));
  }
}

TEST(Universe, IsAFunctionOfItsSeed) {
  const auto once = run_universe(scenario_of(7));
  const auto again = run_universe(scenario_of(7));
  EXPECT_EQ(once.fingerprint, again.fingerprint);
  EXPECT_EQ(once.tally, again.tally);
  EXPECT_NE(once.fingerprint, run_universe(scenario_of(8)).fingerprint);
}

/// Dies once at each write of a small world, before it and after it.
TEST(Universe, DiesAtEveryWrite) {
  auto scenario = small_scenario(1);
  const auto unharmed = run_universe(scenario);
  expect_rules_held(1, unharmed);
  ASSERT_GT(unharmed.writes, 50u);
  for (const bool after : {false, true}) {
    for (std::uint64_t write = 1; write <= unharmed.writes; ++write) {
      scenario.crashes.only_at = write;
      scenario.crashes.only_after = after;
      const auto outcome = run_universe(scenario);
      for (const auto& finding : outcome.findings)
        ADD_FAILURE() << "write " << write << (after ? ", made: " : ", not made: ") << finding;
    }
  }
}

/// A checker that never complains would be worth nothing: two servers that are broken on purpose.
void expect_found(CommitFault fault, std::string_view rule) {
  constexpr std::uint64_t kMostSeeds = 20;
  for (std::uint64_t seed = 1; seed <= kMostSeeds; ++seed) {
    auto scenario = scenario_of(seed);
    scenario.commit_fault = fault;
    for (const auto& finding : run_universe(scenario).findings) {
      if (finding.starts_with(rule)) return;
    }
  }
  ADD_FAILURE() << "not found: " << rule;
}

TEST(BrokenServer, PositionsThatAreCommittedBeforeTheirOutputsAreFound) {
  expect_found(CommitFault::positions_first, "the network step is a function of its log");
  expect_found(CommitFault::positions_first, "what was acknowledged is accounted for");
}

TEST(BrokenServer, AnFCntDownThatIsSavedAfterItsDownlinkIsFound) {
  expect_found(CommitFault::counters_late, "FCntDown and JoinNonce are never used twice");
}

}  // namespace
}  // namespace lenne::sim
