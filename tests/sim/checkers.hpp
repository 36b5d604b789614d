#pragma once
// The rules that may never break, each judged over a whole universe: what truly happened against what the log says.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "facts.hpp"
#include "host.hpp"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "recorder.hpp"
#include "replay.hpp"
#include "scenario.hpp"
#include "tally.hpp"

namespace lenne::sim {

template <typename Message>
struct Parsed {
  std::uint32_t partition;
  storage::Offset offset;
  std::string_view tenant;  ///< the record's label
  Message message;
};

/// All that a checker may look at, at the end of a universe.
struct Evidence {
  Evidence(const Scenario& scenario, const Facts& facts, Host& host, const std::vector<Recorded>& records);

  const Scenario& scenario;
  const Facts& facts;
  Host& host;
  const std::vector<Recorded>& records;

  std::vector<Parsed<v1::NetworkIn>> inputs;
  std::vector<Parsed<v1::DeviceEvent>> events;
  std::vector<Parsed<v1::GatewayDownlink>> downlinks;
  std::vector<std::string> unreadable;

  [[nodiscard]] const DevicePlan* device(std::uint64_t eui) const;
  [[nodiscard]] const GatewayPlan& gateway(std::size_t number) const { return scenario.gateways[number]; }

  /// The network step over its log in one poll, with what it counted.
  struct NetworkRun {
    base::Result<Replayed> replayed;
    std::unique_ptr<base::Counters> counters;
  };
  [[nodiscard]] NetworkRun run_network(std::size_t poll, bool renew) const;
};

/// What was found, with the rule in front of it. Bounded: the first few of a rule say enough.
class Findings {
 public:
  void of(std::string_view rule) {
    rule_ = rule;
    said_ = 0;
  }
  void say(std::string text);
  [[nodiscard]] const std::vector<std::string>& all() const noexcept { return texts_; }

 private:
  std::string_view rule_;
  std::size_t said_ = 0;
  std::vector<std::string> texts_;
};

class Checker {
 public:
  virtual ~Checker() = default;
  [[nodiscard]] virtual std::string_view rule() const = 0;
  virtual void check(const Evidence& evidence, Findings& findings) const = 0;
};

/// All of them; the lists of the files of this folder.
[[nodiscard]] std::vector<std::unique_ptr<Checker>> all_checkers();

void add_uplink_checkers(std::vector<std::unique_ptr<Checker>>& checkers);
void add_downlink_checkers(std::vector<std::unique_ptr<Checker>>& checkers);
void add_purity_checkers(std::vector<std::unique_ptr<Checker>>& checkers);
void add_record_checkers(std::vector<std::unique_ptr<Checker>>& checkers);

/// What the log and the counters tell of interesting things.
void count_evidence(const Evidence& evidence, Tally& tally);

}  // namespace lenne::sim
