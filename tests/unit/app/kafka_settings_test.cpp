#include "app/kafka_settings.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace lenne::app {
namespace {

Settings settings_of(const std::vector<std::string>& assignments) {
  auto settings = read_settings({}, assignments);
  EXPECT_TRUE(settings) << settings.error().message;
  return settings ? *settings : Settings{};
}

TEST(KafkaSettings, AnOutboxIsToldOfAClusterAsALogIs) {
  const auto file = (std::filesystem::path(::testing::TempDir()) / "kafka_settings_password").string();
  std::ofstream(file) << "secret\n";
  std::vector<std::string> all;
  for (const std::string name : {"log", "outbox"}) {
    for (const std::string value : {".brokers=[a:1,b:2]", ".prefix=region.", ".replication=3", ".json=true",
                                    ".sasl.mechanism=PLAIN", ".sasl.username=lenne"})
      all.push_back(name + value);
    all.push_back(name + ".tls.ca=" + file);
    all.push_back(name + ".sasl.password_file=" + file);
  }
  const auto settings = settings_of(all);
  const auto log = kafka_settings_of(settings);
  const auto outbox = outbox_settings_of(settings);
  ASSERT_TRUE(log) << log.error().message;
  ASSERT_TRUE(outbox) << outbox.error().message;
  EXPECT_EQ(outbox->bootstrap, "a:1,b:2");
  EXPECT_EQ(outbox->bootstrap, log->bootstrap);
  EXPECT_EQ(outbox->prefix, log->prefix);
  EXPECT_EQ(outbox->replication, log->replication);
  EXPECT_TRUE(outbox->json && log->json);
  EXPECT_EQ(outbox->client, log->client);
  EXPECT_EQ(outbox->client.size(), 5U);
  EXPECT_TRUE(outbox->outbox);
  EXPECT_FALSE(log->outbox);
  EXPECT_NE(outbox->fresh_instance, log->fresh_instance);
}

TEST(KafkaSettings, OnlyAnEmbeddedLogOnADiskIsMirrored) {
  for (const auto* const type : {"log.type=kafka", "log.type=memory"}) {
    const auto refused = outbox_settings_of(settings_of({type, "log.brokers=a:1", "outbox.brokers=a:1"}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "settings_value");
  }
}

TEST(KafkaSettings, APasswordThatIsMissingIsNamed) {
  const auto refused = outbox_settings_of(
      settings_of({"outbox.brokers=a:1", "outbox.sasl.mechanism=SCRAM-SHA-512", "outbox.sasl.username=lenne"}));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("outbox.sasl.password_file"), std::string::npos) << refused.error().message;
}

TEST(KafkaSettings, WhatABrokerSaysIsToldWithTheSettingsOfThatCluster) {
  const base::Error said{"log_tls", "SSL handshake failed: certificate verify failed"};
  EXPECT_EQ(name_settings(said, "outbox").message, "outbox.tls.ca: " + said.message);
  EXPECT_EQ(name_settings(said, "log").message, "log.tls.ca: " + said.message);
  EXPECT_EQ(name_settings({"log_open", "something else"}, "log").message, "something else");
}

}  // namespace
}  // namespace lenne::app
