#pragma once
// One program of commits, of which every operation may fail, and what must be there afterwards.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "storage/log.hpp"
#include "tests/unit/storage/conformance_fixture.hpp"

namespace lenne::storage::conformance {

/// Reads inputs one by one, and for each commits {event, aggregate, state, position}.
template <typename Harness>
class Script {
 public:
  explicit Script(Harness& harness) : harness_(harness) {}
  static constexpr int kInputs = Harness::kScriptInputs;

  /// Runs to the end or to the first error. Returns false after an error.
  bool run() {
    while (appended_ < kInputs) {
      Batch batch;
      batch.append(Topic::network_in, 0, "", "k", std::to_string(appended_));
      if (!harness_.log().append(batch)) return false;
      ++appended_;
    }
    auto consumer = harness_.log().consumer({"script", {Topic::network_in}, {}});
    if (!consumer) return false;
    for (;;) {
      const auto poll = (*consumer)->poll_to_end(1);
      if (!poll) return false;
      if (poll->records.empty() && poll->assigned.empty()) return true;
      if (poll->records.empty()) continue;
      if (!(*consumer)->commit(batch_for(std::stoi(std::string(poll->records[0].value))))) return false;
      ++committed_;
    }
  }

  static Batch batch_for(int input) {
    Batch batch;
    batch.append(Topic::event, 1, "menden", "k", std::to_string(input));
    batch.append(Topic::alert, 2, "menden", "last", std::to_string(input));
    batch.put(Store::device, 0, "done", std::to_string(input + 1));
    batch.put(Store::pane, 0, "pane" + std::to_string(input), "x");
    if (input > 0) batch.erase(Store::pane, 0, "pane" + std::to_string(input - 1));
    return batch;
  }

  /// Compares what is there with what the acknowledged part of the script, or one commit more, must have left.
  void check() {
    auto& log = harness_.log();
    const auto reader = log.reader({Topic::event, Topic::alert, Topic::network_in}).value();
    ASSERT_TRUE(reader->seek({SeekTo::Where::beginning}).has_value());
    std::map<Topic, std::vector<Seen>> seen;
    for (auto& record : drain(*reader)) seen[record.topic].push_back(record);
    const int inputs = static_cast<int>(seen[Topic::network_in].size());
    EXPECT_GE(inputs, appended_);
    EXPECT_LE(inputs, appended_ + 1);
    appended_ = inputs;  // an unacknowledged append may be there: then it is not repeated here
    for (int i = 0; i < inputs; ++i)
      EXPECT_EQ(seen[Topic::network_in][static_cast<std::size_t>(i)].value, std::to_string(i));
    const int done = std::stoi(log.state().get(Store::device, 0, "done").value().value_or("0"));
    EXPECT_GE(done, committed_);
    EXPECT_LE(done, committed_ + 1);
    std::vector<std::string> events;
    for (int i = 0; i < done; ++i) events.push_back(std::to_string(i));
    EXPECT_EQ(values(seen[Topic::event]), events);
    const auto last = folded(seen[Topic::alert]);
    std::map<std::string, std::string> expected;
    if (done > 0) expected["menden/last"] = std::to_string(done - 1);
    EXPECT_EQ(last, expected);
    std::vector<std::string> panes;
    const auto visited = log.state().scan(Store::pane, 0, "", "", [&](std::string_view key, std::string_view) {
      panes.emplace_back(key);
      return true;
    });
    EXPECT_TRUE(visited.has_value());
    EXPECT_EQ(panes,
              done == 0 ? std::vector<std::string>{} : std::vector<std::string>{"pane" + std::to_string(done - 1)});
    committed_ = done;
  }
  [[nodiscard]] bool complete() const { return committed_ == kInputs; }

 private:
  Harness& harness_;
  int appended_ = 0;
  int committed_ = 0;
};

}  // namespace lenne::storage::conformance
