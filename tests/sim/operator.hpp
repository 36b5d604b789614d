#pragma once
// Those who write: operators who declare, change and remove devices, applications that ask for downlinks. They write
// what the API writes, and what they do not know to be durable they write again.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "facts.hpp"
#include "host.hpp"
#include "lenne/v1/network_in.pb.h"

namespace lenne::sim {

class Operator {
 public:
  Operator(EventQueue& queue, const Scenario& scenario, base::Random random, Facts& facts, Tally& tally, Host& host);

  /// Declares everything, then changes things until then.
  void start(base::Timestamp until);

  /// Whether something was appended since the last call, so that the server has to look.
  [[nodiscard]] bool take_wrote() { return std::exchange(wrote_, false); }

 private:
  struct Write {
    v1::NetworkIn record;
    std::uint8_t slot = 0;
    bool repeated = false;
    bool once = false;  ///< not idempotent: not made again when its outcome is not known
  };
  void put(v1::Object object, std::uint8_t slot);
  void write(Write write);
  void go_on();
  void declare(const DevicePlan& plan, const std::string& name);
  void declare(const GatewayPlan& plan);
  void change_something();
  void ask_for_downlink();
  [[nodiscard]] v1::Device object_of(const DevicePlan& plan, const std::string& name) const;

  EventQueue& queue_;
  const Scenario& scenario_;
  base::Random random_;
  Facts& facts_;
  Tally& tally_;
  Host& host_;
  base::Timestamp until_{};
  std::deque<Write> waiting_;
  bool trying_ = false;
  bool wrote_ = false;
  std::uint64_t requests_ = 0;
};

}  // namespace lenne::sim
