// Results are a function of the log: run over it again without crashes, every processor says the same.

#include <map>

#include <fmt/format.h>

#include "app/pipeline.hpp"
#include "app/view_processor.hpp"
#include "checkers.hpp"

namespace lenne::sim {
namespace {

using storage::Topic;

using Lines = std::map<std::pair<Topic, std::uint32_t>, std::vector<Appended>>;

[[nodiscard]] Lines lines_of(const std::vector<Appended>& appended, const std::vector<Topic>& topics) {
  Lines lines;
  for (const auto topic : topics) lines[{topic, 0}];
  for (const auto& one : appended) {
    if (std::ranges::find(topics, one.topic) != topics.end()) lines[{one.topic, one.partition}].push_back(one);
  }
  return lines;
}

void compare(const Lines& expected, const Lines& got, std::string_view how, Findings& findings) {
  for (const auto& [where, records] : expected) {
    const auto found = got.find(where);
    const auto& others = found == got.end() ? std::vector<Appended>{} : found->second;
    const auto name = fmt::format("{}: {} partition {}", how, storage::info_of(where.first).name, where.second);
    if (records.size() != others.size())
      findings.say(fmt::format("{} has {} records, the log {}", name, others.size(), records.size()));
    for (std::size_t i = 0; i < std::min(records.size(), others.size()); ++i) {
      if (records[i] == others[i]) continue;
      findings.say(fmt::format("{} differs from record {} on", name, i));
      break;
    }
  }
  for (const auto& [where, records] : got) {
    if (!expected.contains(where) && !records.empty())
      findings.say(
          fmt::format("{}: {} partition {} is not in the log", how, storage::info_of(where.first).name, where.second));
  }
}

[[nodiscard]] Lines logged(const Evidence& evidence, const std::vector<Topic>& topics) {
  std::vector<Appended> appended;
  for (const auto& r : evidence.records)
    appended.push_back({r.topic, r.partition, r.tenant, r.key, r.value, r.tombstone});
  return lines_of(appended, topics);
}

struct Cut {
  std::string_view name;
  std::size_t poll;
  bool renew;
};
constexpr std::array<Cut, 3> kCuts{
    {{"in one poll", 0, false}, {"record by record", 1, false}, {"restarted after each 97 records", 97, true}}};

class NetworkIsPure final : public Checker {
 public:
  std::string_view rule() const override { return "the network step is a function of its log"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    const std::vector<Topic> topics{Topic::event, Topic::measurement,      Topic::control,
                                    Topic::keys,  Topic::gateway_downlink, Topic::dead_letter};
    const auto expected = logged(evidence, topics);
    for (const auto& cut : kCuts) {
      const auto run = evidence.run_network(cut.poll, cut.renew);
      if (!run.replayed) {
        findings.say(fmt::format("{}: {}", cut.name, run.replayed.error().message));
        continue;
      }
      compare(expected, lines_of(run.replayed->appended, topics), cut.name, findings);
    }
  }
};

class WindowsArePure final : public Checker {
 public:
  std::string_view rule() const override { return "windows and alerts are a function of their log"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    const std::vector<Topic> topics{Topic::aggregate, Topic::measurement_late, Topic::alert};
    const auto expected = logged(evidence, topics);
    for (const auto& cut : kCuts) {
      base::Counters counters;
      const auto make = [&] {
        return app::results_of(app::window_settings_of(evidence.host.settings()).value(), counters);
      };
      const auto replayed =
          replay(evidence.records, {Topic::measurement}, evidence.scenario.partitions, make, cut.poll, cut.renew);
      if (!replayed) {
        findings.say(fmt::format("{}: {}", cut.name, replayed.error().message));
        continue;
      }
      compare(expected, lines_of(replayed->appended, topics), cut.name, findings);
    }
  }
};

/// The views with all their crashes are those of a run without one.
class ViewsArePure final : public Checker {
 public:
  std::string_view rule() const override { return "views are a function of their topics"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    base::Counters counters;
    storage::views::Views views(counters);
    const auto make = [&] { return std::make_unique<app::ViewProcessor>(views); };
    const std::vector<Topic> topics(std::begin(storage::views::kViewTopics), std::end(storage::views::kViewTopics));
    const auto replayed = replay(evidence.records, topics, evidence.scenario.partitions, make, 211, false);
    if (!replayed) return findings.say(replayed.error().message);
    for (const auto store : {storage::Store::view_object, storage::Store::view_latest, storage::Store::view_series,
                             storage::Store::view_aggregate, storage::Store::view_event, storage::Store::view_meta,
                             storage::Store::view_alert}) {
      compare_store(evidence, store, replayed->rows, findings);
    }
  }

 private:
  static void compare_store(const Evidence& evidence, storage::Store store, const Rows& rows, Findings& findings) {
    const auto collect = [&](const storage::StateReader& state) {
      std::map<std::string, std::string> all;
      const auto scanned = state.scan(store, 0, {}, {}, [&](std::string_view key, std::string_view value) {
        all.emplace(key, value);
        return true;
      });
      if (!scanned) findings.say(scanned.error().message);
      return all;
    };
    const auto live = collect(evidence.host.log().state());
    const auto again = collect(rows);
    if (live.size() != again.size())
      findings.say(fmt::format("store {}: {} rows, again {}", static_cast<int>(store), live.size(), again.size()));
    for (const auto& [key, value] : live) {
      const auto found = again.find(key);
      if (found != again.end() && found->second != value)
        findings.say(
            fmt::format("store {}: row {} differs", static_cast<int>(store), base::to_hex(base::as_bytes(key))));
    }
  }
};

}  // namespace

void add_purity_checkers(std::vector<std::unique_ptr<Checker>>& checkers) {
  checkers.push_back(std::make_unique<NetworkIsPure>());
  checkers.push_back(std::make_unique<WindowsArePure>());
  checkers.push_back(std::make_unique<ViewsArePure>());
}

}  // namespace lenne::sim
