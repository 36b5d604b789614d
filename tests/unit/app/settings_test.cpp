#include "app/settings.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace lenne::app {
namespace {

using namespace std::chrono_literals;

base::Result<Settings> with(std::vector<std::string> assignments) { return read_settings({}, assignments); }

TEST(Settings, have_a_default_each) {
  const auto settings = with({});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->gateways.udp, (Address{"0.0.0.0", 1700}));
  EXPECT_EQ(settings->network.partitions, 16U);
  EXPECT_FALSE(settings->auth.anonymous_read);
}

TEST(Settings, take_assignments_in_order) {
  const auto settings =
      with({"network.partitions=4", "network.partitions=8", "windows.sizes=1m,15m,1h", "network.deduplication=250ms",
            "http.listen=[::1]:0", "http.shared=[::1]:8080", "auth.anonymous=read", "network.net_id=000013"});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->network.partitions, 8U);
  EXPECT_EQ(settings->windows.sizes, (processing::WindowSizes{{60, 900, 3600}}));
  EXPECT_EQ(settings->network.deduplication, 250ms);
  EXPECT_EQ(settings->http.listen, (Address{"::1", 0}));
  EXPECT_EQ(settings->http.shared, (Address{"::1", 8080}));
  EXPECT_EQ(settings->network.net_id.value, 0x13U);
}

TEST(Settings, name_two_clusters_by_the_same_keys) {
  const auto settings = with({"outbox.brokers=[a:9092,b:9092]", "outbox.prefix=region.", "outbox.replication=3",
                              "outbox.json=true", "outbox.tls.ca=/ca.pem", "outbox.sasl.mechanism=PLAIN",
                              "outbox.sasl.username=lenne", "outbox.sasl.password_file=/password", "log.brokers=c:1"});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->outbox.brokers, (std::vector<std::string>{"a:9092", "b:9092"}));
  EXPECT_EQ(settings->outbox.prefix, "region.");
  EXPECT_EQ(settings->outbox.replication, 3U);
  EXPECT_TRUE(settings->outbox.json);
  EXPECT_EQ(settings->outbox.tls.ca, "/ca.pem");
  EXPECT_EQ(settings->outbox.sasl.mechanism, "PLAIN");
  EXPECT_EQ(settings->outbox.sasl.username, "lenne");
  EXPECT_EQ(settings->outbox.sasl.password_file, "/password");
  EXPECT_EQ(settings->log.brokers, std::vector<std::string>{"c:1"});
  EXPECT_EQ(settings->log.prefix, "lenne.");
  EXPECT_FALSE(settings->log.json);
}

TEST(Settings, name_the_offending_thing) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"network.partition=4", "settings_unknown", "network.partitions"},
      {"network.partitions=0", "settings_value", "1..256"},
      {"network.partitions=", "settings_value", "1..256"},
      {"network.deduplication=1", "settings_value", "duration"},
      {"network.deduplication=2s", "settings_value", "out of range"},
      {"network.rx1_delay=16s", "settings_value", "out of range"},
      {"network.rx2_data_rate=16", "settings_value", "0..15"},
      {"network.net_id=e00000", "settings_value", "8 address bits"},
      {"network.regions=US915", "not_built", "US915"},
      {"gateways.udp=1700", "settings_value", "HOST:PORT"},
      {"gateways.udp=a:70000", "settings_value", "HOST:PORT"},
      {"gateways.station=0.0.0.0:3001", "not_built", "Basics Station"},
      {"http.shared=8080", "settings_value", "HOST:PORT"},
      {"http.shared=127.0.0.1:0", "settings_value", "port 0"},
      {"log.type=postgres", "settings_value", "postgres"},
      {"log.brokers=broker", "settings_value", "broker"},
      {"log.sasl.mechanism=GSSAPI", "settings_value", "SCRAM-SHA-512"},
      {"log.schema_registry.url=https://registry:8081", "not_built", "https"},
      {"outbox.brokers=broker", "settings_value", "outbox.brokers"},
      {"outbox.broker=a:1", "settings_unknown", "outbox.brokers"},
      {"outbox.sync=true", "settings_unknown", "outbox.sync"},
      {"roles=[ingest,netwrk]", "settings_value", "netwrk"},
      {"log.prefix=a b", "settings_value", "a b"},
      {"log.sync=yes", "settings_value", "neither true nor false"},
      {"windows.sizes=7m", "settings_value", "windows.sizes"},
      {"windows.sizes=10m,15m", "settings_value", "windows.sizes"},
      {"windows.grace=soon", "settings_value", "duration"},
      {"data", "settings_value", "key=value"},
  };
  for (const auto& [assignment, code, word] : cases) {
    const auto settings = with({assignment});
    ASSERT_FALSE(settings) << assignment;
    EXPECT_EQ(settings.error().code, code) << assignment;
    EXPECT_NE(settings.error().message.find(word), std::string::npos) << settings.error().message;
  }
}

TEST(Settings, read_a_file_and_refuse_a_bad_one) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "settings_test.yaml";
  std::ofstream(file) << "data: /tmp/x\nnetwork: {partitions: 2, regions: [EU868]}\nwindows: {sizes: [1m, 1h]}\n";
  const auto good = read_settings(file, {"network.partitions=3"});
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->data, "/tmp/x");
  EXPECT_EQ(good->network.partitions, 3U);
  std::ofstream(file) << "data: [a, b]\n";
  EXPECT_EQ(read_settings(file, {}).error().code, "settings_value");
  std::ofstream(file) << "a: [\n";
  EXPECT_EQ(read_settings(file, {}).error().code, "settings_file");
  EXPECT_EQ(read_settings("/nowhere/at/all.yaml", {}).error().code, "settings_file");
  EXPECT_EQ(read_settings(::testing::TempDir(), {}).error().code, "settings_file") << "a folder";
  std::filesystem::remove(file);
}

TEST(Settings, refuse_a_map_that_contains_itself) {
  const auto settings = parse_settings("lenne.yaml", "&a\nnetwork: *a\n");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, "settings_unknown") << settings.error().message;
}

}  // namespace
}  // namespace lenne::app
