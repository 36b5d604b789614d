// A member of a group on a cluster that errs.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "storage/kafka/kafka_consumer.hpp"
#include "storage/memory/memory_families.hpp"
#include "tests/integration/storage/kafka_mock/mock_cluster.hpp"

namespace lenne::storage::kafka {
namespace {

using namespace std::chrono_literals;
using mock::Api;

class GroupConsumerOnMock : public ::testing::Test {
 protected:
  GroupConsumerOnMock() {
    settings_.bootstrap = cluster_.bootstrap();
    settings_.network_partitions = 1;
    settings_.consumers = {"network"};
    settings_.public_topics = false;
    for (const auto& plan : internal_plans(settings_))
      cluster_.make_topic(plan.name, static_cast<int>(plan.partitions));
    changelogs_ = Changelogs::open(settings_, state_, clock_, counters_).value();
    world_.emplace(ConsumerWorld{settings_, instance_, state_, *changelogs_, nullptr, clock_, counters_});
  }
  std::unique_ptr<Consumer> member() { return make_group_consumer(*world_, {"network", {Topic::network_in}}).value(); }

  mock::Cluster cluster_;
  KafkaSettings settings_;
  const std::string instance_ = "a";
  LocalState state_{std::make_shared<embedded::MemoryFamilies>()};
  base::SystemClock clock_;
  base::Counters counters_;
  std::unique_ptr<Changelogs> changelogs_;
  std::optional<ConsumerWorld> world_;
};

// Between these two a member has no state of its assignor, and cannot be destroyed.
TEST_F(GroupConsumerOnMock, AMemberCanGoBetweenTheAnswerOfItsGroupAndItsFirstAssignment) {
  for (const int ms : {500, 60'000}) {
    cluster_.answer_late(Api::sync_group, ms);
    const auto consumer = member();
    for (int i = 0; i < 200 && !cluster_.was_asked(Api::sync_group); ++i) {
      const auto poll = consumer->poll(50ms, 1);
      ASSERT_TRUE(poll.has_value()) << poll.error().message;
      ASSERT_TRUE(poll->assigned.empty());
    }
    ASSERT_TRUE(cluster_.was_asked(Api::sync_group));
  }
}

}  // namespace
}  // namespace lenne::storage::kafka
