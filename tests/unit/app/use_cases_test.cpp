// The use cases that come with Lenne: whole, applied as an operator applies them.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include <boost/json.hpp>

#include "api/documents.hpp"
#include "app/documents.hpp"
#include "app/replay/declaration.hpp"
#include "base/crypto/key_vault.hpp"
#include "network/control.hpp"
#include "storage/memory/memory_log.hpp"
#include "storage/views/queries.hpp"

namespace lenne::app {
namespace {

const std::filesystem::path kUseCaseFolder = LENNE_SOURCE_DIR "/deploy/use-cases";

std::map<std::string, v1::UseCase> shipped() {
  std::map<std::string, v1::UseCase> found;
  const auto vault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{7});
  for (const auto& entry : std::filesystem::directory_iterator(kUseCaseFolder)) {
    const auto documents = read_documents({entry.path()});
    EXPECT_TRUE(documents) << documents.error().message;
    if (!documents) continue;
    const auto parsed = api::parse_documents(boost::json::serialize(*documents), {{"EU868"}, 10}, vault);
    EXPECT_TRUE(parsed && parsed->errors.empty()) << entry.path() << ": " << (parsed ? parsed->errors[0].field : "");
    if (!parsed || !parsed->errors.empty()) continue;
    EXPECT_EQ(parsed->documents.size(), 1U) << entry.path();
    found[entry.path().stem().string()] = parsed->documents[0].object.use_case();
  }
  return found;
}

TEST(ShippedUseCases, AreWhole) {
  const auto all = shipped();
  EXPECT_EQ(all.size(), 12U);
  for (const auto& [file, use_case] : all) {
    EXPECT_EQ(use_case.name(), file);
    EXPECT_GT(use_case.version(), 0U) << file;
    EXPECT_GT(use_case.stale_after(), 0U) << file << ": silence is no news";
    EXPECT_NE(use_case.title().find(" / "), std::string::npos) << file << ": in two languages";
    EXPECT_TRUE(network::check_use_case(use_case)) << file;
    for (const auto& alert : use_case.alerts()) {
      const auto where = file + "/" + alert.name();
      ASSERT_EQ(alert.text_size(), 2) << where;
      EXPECT_EQ(alert.text(0).language(), "de") << where;
      EXPECT_EQ(alert.text(1).language(), "en") << where;
      EXPECT_NE(alert.severity(), v1::SEVERITY_UNSPECIFIED) << where;
    }
  }
  for (const auto* meters : {"water-meter", "heat-meter"})
    EXPECT_EQ(all.at(meters).privacy(), v1::PRIVACY_CLASS_HOUSEHOLD) << "households are nobody's business";
  EXPECT_EQ(all.at("building-energy").privacy(), v1::PRIVACY_CLASS_UNSPECIFIED);
}

TEST(ShippedUseCases, LevelsOfAPlaceAreThoseOfItsDevices) {
  const auto all = shipped();
  std::map<std::string, std::string> parameters;
  for (const auto& alert : all.at("flood-level").alerts()) {
    parameters[alert.name()] = alert.parameter();
    EXPECT_EQ(alert.has_threshold(), alert.name() == "rising-fast") << "nobody's stream has a level of its own";
  }
  EXPECT_EQ(parameters["information-1"], "w1");
  EXPECT_EQ(parameters["information-2"], "w2");
  EXPECT_EQ(parameters["information-3"], "w3");
}

TEST(ShippedUseCases, AreAppliedAndStay) {
  base::ManualClock clock(base::from_us(1'795'500'000'000'000));
  base::Counters counters;
  const auto vault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{7});
  const std::shared_ptr<const decode::SchemaCatalog> catalog = decode::SchemaCatalog::from_files({}).value();
  Settings settings;
  settings.log.type = Settings::LogType::memory;
  settings.network.partitions = 4;
  storage::MemoryLog log(settings.network.partitions, clock);
  const VirtualServer::Parts parts{log, clock, vault, catalog, counters};
  auto server = VirtualServer::start(settings, parts, 7);
  ASSERT_TRUE(server) << server.error().message;
  const auto documents = read_documents({kUseCaseFolder});
  ASSERT_TRUE(documents) << documents.error().message;
  const auto declared = declare_to(**server, *documents, settings, parts);
  ASSERT_TRUE(declared) << declared.error().message;
  const auto objects =
      storage::views::Queries(log.state()).objects(storage::views::Scope::everything(), "use_case", {}, {});
  ASSERT_TRUE(objects);
  EXPECT_EQ(objects->items.size(), 12U);
  const auto all = shipped();
  std::size_t rows = 0;
  for (std::uint32_t partition = 0; partition < 4; ++partition) {
    for (const auto& [name, use_case] : all) {
      const auto row = log.state().get(storage::Store::network, partition, "u" + name);
      ASSERT_TRUE(row);
      ASSERT_TRUE(*row) << name << " in partition " << partition;
      EXPECT_EQ(**row, use_case.SerializeAsString());
      ++rows;
    }
  }
  EXPECT_EQ(rows, 48U);
  const auto written = counters.value("network.control.applied");
  ASSERT_TRUE(declare_to(**server, *documents, settings, parts));
  EXPECT_EQ(counters.value("network.control.applied"), written) << "the same again changes nothing";
  const auto never = boost::json::parse(R"([{"kind":"UseCase","name":"never","alerts":[{"name":"battery",)"
                                        R"("measure":"low_battery","window":"PT15M","statistic":"count",)"
                                        R"("comparison":"above","threshold":1}]}])");
  const auto refused = declare_to(**server, never.as_array(), settings, parts);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("low_battery has no windows of PT15M"), std::string::npos)
      << refused.error().message;
}

}  // namespace
}  // namespace lenne::app
