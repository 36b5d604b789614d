// The conformance suite against a real broker, which deploy/kafka/kafka.sh fetches, starts and stops. No broker: it
// fails.

#include "storage/kafka/kafka_log.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "tests/unit/storage/log_conformance.hpp"

namespace lenne::storage::conformance {
namespace {

const std::string kScript =
    "LENNE_KAFKA_DIR='" LENNE_BINARY_DIR "/kafka' LENNE_KAFKA_PORT=auto '" LENNE_SOURCE_DIR "/deploy/kafka/kafka.sh' ";
std::string bootstrap;  // NOLINT: set once, before the tests

class Broker final : public ::testing::Environment {
 public:
  void SetUp() override {
    // The output goes to a file: a broker that held our pipe open would keep whoever reads it waiting.
    const auto log = std::string(LENNE_BINARY_DIR "/kafka-start.log");
    ASSERT_EQ(std::system((kScript + "wipe >'" + log + "' 2>&1").c_str()), 0) << "see " << log;
    ASSERT_EQ(std::system((kScript + "start >'" + log + "' 2>&1").c_str()), 0) << "see " << log;
    FILE* pipe = ::popen((kScript + "bootstrap").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    char line[128] = "";
    const bool read = std::fgets(line, sizeof line, pipe) != nullptr;
    ASSERT_EQ(::pclose(pipe), 0);
    ASSERT_TRUE(read);
    bootstrap = std::string(line).substr(0, std::string(line).find('\n'));
  }
  void TearDown() override { EXPECT_EQ(std::system((kScript + "stop").c_str()), 0); }
};
const auto* const kBroker = ::testing::AddGlobalTestEnvironment(new Broker);

class KafkaHarness {
 public:
  static constexpr bool kRetains = false;
  static constexpr bool kExactSnapshot = false;
  static constexpr int kScriptInputs = 2;

  KafkaHarness() {
    static int made = 0;
    settings_.bootstrap = bootstrap;
    settings_.prefix = "test" + std::to_string(++made) + ".";
    settings_.network_partitions = kPartitions;
    settings_.batch_bytes = kBatchLimit;
    settings_.fault = [this](const char*) {
      const auto operation = ++operations_;
      return fail_at_ != 0 && operation >= fail_at_;
    };
    reopen();
  }
  Log& log() { return *log_; }
  void reopen() {
    fail_operation(0);
    log_.reset();
    auto opened = KafkaLog::open(settings_, system_clock_, counters_);
    if (!opened) throw std::runtime_error(opened.error().message);
    log_ = std::move(*opened);
  }
  void fail_operation(std::uint64_t n) { fail_at_ = n == 0 ? 0 : operations_ + n; }
  Duration patience() const { return Duration{0}; }
  base::ManualClock& clock() { return clock_; }
  base::Counters& counters() { return counters_; }

 private:
  KafkaSettings settings_;
  std::atomic<std::uint64_t> operations_ = 0;
  std::atomic<std::uint64_t> fail_at_ = 0;
  base::SystemClock system_clock_;
  base::ManualClock clock_{kStart};
  base::Counters counters_;
  std::unique_ptr<Log> log_;
};

using Harnesses = ::testing::Types<KafkaHarness>;
INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, LogConformance, Harnesses);

TEST(KafkaLog, ANumberOfPartitionsIsForEver) {
  const base::SystemClock clock;
  base::Counters counters;
  KafkaSettings settings;
  settings.bootstrap = bootstrap;
  settings.prefix = "partitions.";
  settings.network_partitions = 2;
  ASSERT_TRUE(KafkaLog::open(settings, clock, counters).has_value());
  settings.network_partitions = 3;
  const auto other = KafkaLog::open(settings, clock, counters);
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, "network_partitions");
  EXPECT_NE(other.error().message.find("has 2"), std::string::npos) << other.error().message;
}

}  // namespace
}  // namespace lenne::storage::conformance
