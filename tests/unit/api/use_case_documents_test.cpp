// The rules of use cases as documents: read, said again, and what is wrong with them.
#include "api/documents.hpp"
#include "storage/views/queries.hpp"
#include "tests/unit/api/world.hpp"

namespace lenne::api {
namespace {

const std::string kLevel =
    R"({"kind":"UseCase","name":"flood-level","title":"Levels","version":2,"privacy":"open","stale_after":3,)"
    R"("derive":[{"measure":"soil_water_share","parameters":{"field_capacity":35.25,"wilting_point":12}},{"measure":"dew_point"}],)"
    R"("quality":[{"measure":"level","min":-0.5,"max":8,"step_per_minute":0.2,"flat_after":48}],)"
    R"("alerts":[{"name":"level-1","measure":"level","comparison":"above","threshold":1.1,"parameter":"w1",)"
    R"("hysteresis":0.05,"consecutive":2,"clear_after":"30m","severity":"warning","text":{"de":"Hochwasser","en":"Flood"}},)"
    R"({"name":"dry","measure":"level","window":"PT1H","statistic":"mean","comparison":"below","parameter":"dry","severity":"info"}]})";

const auto kUseCaseVault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{7});

ParsedDocuments parse_use_case(std::string_view json) {
  auto parsed = parse_documents(json, {{"EU868"}, 10}, kUseCaseVault);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? std::move(*parsed) : ParsedDocuments{};
}

// The document of a level with one text in it replaced.
std::string with(const std::string& before, const std::string& after) {
  auto changed = kLevel;
  const auto at = changed.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  return changed.replace(at, before.size(), after);
}

std::string error_of(const std::string& json) {
  const auto parsed = parse_use_case(json);
  if (parsed.errors.empty()) return "good";
  return parsed.errors[0].field + ": " + parsed.errors[0].message;
}

TEST(UseCaseDocuments, WrittenAndReadAgain) {
  const auto parsed = parse_use_case(kLevel);
  ASSERT_TRUE(parsed.errors.empty()) << parsed.errors[0].field << parsed.errors[0].message;
  EXPECT_EQ(document_json(parsed.documents.at(0).object), kLevel);
  const auto& use_case = parsed.documents[0].object.use_case();
  EXPECT_EQ(use_case.privacy(), v1::PRIVACY_CLASS_OPEN);
  EXPECT_EQ(use_case.derive(0).parameters(0).name(), "field_capacity");
  EXPECT_EQ(use_case.derive(0).parameters(0).value().value(), 3525);
  EXPECT_EQ(use_case.derive(0).parameters(0).value().exponent(), -2);
  EXPECT_EQ(use_case.alerts(0).clear_after_s(), 1'800U);
  EXPECT_EQ(use_case.alerts(0).comparison(), v1::COMPARISON_ABOVE);
  EXPECT_EQ(use_case.alerts(0).text(0).language(), "de");
  EXPECT_FALSE(use_case.alerts(1).has_threshold());
  const std::string device =
      R"({"kind":"Device","dev_eui":"70b3d5499a3d1c02","join_eui":"70b3d50000000001","name":"x","tenant":"menden",)"
      R"("use_case":"flood-level","parameters":{"w1":1.1,"w2":1.6},"region":"EU868","mac_version":"1.0.3","reg_params":"A",)"
      R"("class":"A","activation":"OTAA")";
  const auto read = parse_use_case(device + R"(,"app_key":"00112233445566778899aabbccddeeff"})");
  ASSERT_TRUE(read.errors.empty()) << read.errors[0].message;
  EXPECT_EQ(document_json(read.documents.at(0).object), device + "}");
}

TEST(UseCaseDocuments, NumbersAreExactHoweverTheyAreWritten) {
  const auto bytes = [](const std::string& number) {
    const auto parsed = parse_use_case(with(R"("threshold":1.1)", "\"threshold\":" + number));
    EXPECT_TRUE(parsed.errors.empty()) << number;
    return parsed.documents.at(0).object.SerializeAsString();
  };
  for (const auto* same : {"\"1.10\"", "1.10", "\"1.1\"", "11e-1"}) EXPECT_EQ(bytes(same), bytes("1.1")) << same;
  EXPECT_EQ(bytes("100"), bytes("\"100.0\""));
  EXPECT_EQ(bytes("1e-7"), bytes("\"0.0000001\""));
  EXPECT_NE(bytes("1.1"), bytes("1.1000000001"));
  // Names come in order, whatever their order was.
  EXPECT_EQ(parse_use_case(
                with(R"("field_capacity":35.25,"wilting_point":12)", R"("wilting_point":12,"field_capacity":35.25)"))
                .documents.at(0)
                .object.SerializeAsString(),
            parse_use_case(kLevel).documents.at(0).object.SerializeAsString());
}

TEST(UseCaseDocuments, DifferencesAreNamedToTheNumber) {
  const auto changed = [](const std::string& before, const std::string& after) {
    std::string text;
    for (const auto& change : differences(parse_use_case(kLevel).documents.at(0).object,
                                          parse_use_case(with(before, after)).documents.at(0).object)) {
      text += change.field + " " + change.from + " " + change.to + ";";
    }
    return text;
  };
  EXPECT_EQ(changed(R"("threshold":1.1)", R"("threshold":"1.25")"), "alerts.level-1.threshold 1.1 1.25;");
  EXPECT_EQ(changed("1.1,", R"("1.10",)"), "");
  EXPECT_EQ(changed("35.25", "35.3"), "derive.soil_water_share.parameters.field_capacity 35.25 35.3;");
  EXPECT_EQ(changed("Flood", "Flood!"), R"(alerts.level-1.text.en "Flood" "Flood!";)");
  EXPECT_EQ(changed(R"("clear_after":"30m",)", ""), R"(alerts.level-1.clear_after "30m" null;)");
  EXPECT_EQ(changed(R"(,{"measure":"dew_point"})", ""), R"(derive.dew_point.measure "dew_point" null;)");
}

TEST(UseCaseDocuments, WhatIsWrongIsNamed) {
  const auto number = "must be a number such as 1.10: a point, at most 15 digits";
  EXPECT_EQ(error_of(kLevel), "good");
  EXPECT_EQ(error_of(with("1.1,", R"("1,10",)")), std::string("alerts[0].threshold: ") + number);
  EXPECT_EQ(error_of(with("35.25", "true")), std::string("derive[0].parameters.field_capacity: ") + number);
  EXPECT_EQ(error_of(with("wilting_point", "Wilting Point")).substr(0, 44),
            "derive[0].parameters.Wilting Point: is no na");
  EXPECT_EQ(error_of(with("35.25", "0.3525")), "derive[0].parameters.field_capacity: must be 2 to 100 %");
  EXPECT_EQ(error_of(with("wilting_point", "albedo")),
            "derive[0].parameters.albedo: is no parameter of soil_water_share");
  EXPECT_EQ(error_of(with("dew_point", "dew_pint")), "derive[1].measure: is no measure that can be derived");
  EXPECT_EQ(error_of(with("30m", "30 min")),
            "alerts[0].clear_after: must be a time such as 90s, 30m, 2h or 1d, at most 7d");
  EXPECT_EQ(error_of(with("30m", "8d")).substr(0, 22), "alerts[0].clear_after:");
  EXPECT_EQ(error_of(with(R"("below")", R"("under")")), "alerts[1].comparison: must be one of above, below");
  EXPECT_EQ(error_of(with(R"("comparison":"below",)", "")), "alerts[1].comparison: is required");
  EXPECT_EQ(error_of(with(R"("severity":"warning")", R"("severity":"red")")),
            "alerts[0].severity: must be one of info, warning, alarm");
  EXPECT_EQ(error_of(with("PT1H", "1h")), "alerts[1].window: must be named as results are: PT15M, PT1H, P1D");
  EXPECT_EQ(error_of(with(R"("statistic":"mean",)", "")), "alerts[1].statistic: is required with a window");
  EXPECT_EQ(error_of(with(R"("window":"PT1H",)", "")),
            "alerts[1].statistic: of samples there is only rate; the others need a window");
  EXPECT_EQ(error_of(with(R"("parameter":"dry",)", "")),
            "alerts[1].threshold: is required, or a parameter by which each device says its own");
  EXPECT_EQ(error_of(with(R"("name":"dry")", R"("name":"level-1")")), "alerts[1].name: stands twice");
  EXPECT_EQ(error_of(with(R"("name":"dry")", R"("name":"stale")")),
            "alerts[1].name: is what the alert of a silent device is called");
  EXPECT_EQ(error_of(with(R"("measure":"dew_point")", R"("measure":"soil_water_share")")),
            "derive[1].measure: stands twice");
  EXPECT_EQ(error_of(with(R"("step_per_minute":0.2)", R"("step_per_minute":0)")),
            "quality[0].step_per_minute: must be more than 0");
  EXPECT_EQ(error_of(with(R"(,"min":-0.5,"max":8,"step_per_minute":0.2,"flat_after":48)", "")),
            "quality[0].measure: has no rule: min, max, step_per_minute or flat_after");
  EXPECT_EQ(error_of(with(R"("hysteresis":0.05)", R"("hysterese":0.05)")),
            "alerts[0].hysterese: there is no such field");
  EXPECT_EQ(error_of(with(R"("hysteresis":0.05)", R"("hysteresis":-1)")), "alerts[0].hysteresis: must not be negative");
  EXPECT_EQ(error_of(with("open", "public")), "privacy: must be one of open, household");
  EXPECT_EQ(error_of(R"({"kind":"UseCase","name":"x","alerts":{"a":1}})"),
            "alerts: must be a list of at most 32 entries");
  EXPECT_EQ(error_of(R"({"kind":"UseCase","name":"x","quality":["level"]})"), "quality[0]: must have fields");
  std::string many = R"({"kind":"UseCase","name":"x","derive":[)";
  for (int i = 0; i < 33; ++i)
    many += std::string(i == 0 ? "" : ",") + R"({"measure":"m)" + std::to_string(i) + R"("})";
  EXPECT_EQ(error_of(many + "]}"), "derive: must be a list of at most 32 entries");
}

const std::string kHeat = R"({"kind":"UseCase","name":"heat","derive":[{"measure":"heat_index"}]})";
const std::string kRoom = R"({"kind":"Profile","name":"room","schema":"vendor/model","use_case":"heat"})";

std::string device_with(const std::string& more) {
  return R"({"kind":"Device","dev_eui":"0000000000000001","join_eui":"0000000000000000","name":"x","tenant":"menden",)"
         R"("app_key":"00112233445566778899aabbccddeeff")" +
         more + "}";
}

std::string why(const Reply& reply, std::size_t index) {
  const auto& value = reply.json().at("results").as_array().at(index).as_object().at("reason");
  return value.is_string() ? std::string(value.as_string()) : "";
}

TEST(UseCaseApply, EveryPartitionIsToldAndOneAnswers) {
  World world;
  const auto reply = world.post("/v1/apply", kHeat);
  EXPECT_EQ(reply.json().at("results").as_array().at(0).at("action"), "created") << reply.body;
  const auto position = std::string(reply.json().at("position").as_string());
  EXPECT_EQ(std::count(position.begin(), position.end(), ':'), 4) << position;
  world.wait_until([&] { return world.control_records == 4; });
  EXPECT_EQ(world.apply(kHeat), "unchanged");
  EXPECT_EQ(world.get("/v1/objects/use_case/heat").body, kHeat);
  auto changed = kHeat;
  changed.replace(changed.find("heat_index"), 10, "humidex");
  changed.insert(changed.size() - 1, R"(,"version":1)");
  EXPECT_EQ(
      boost::json::serialize(world.post("/v1/apply", changed).json().at("results").as_array().at(0).at("changes")),
      R"([{"field":"version","from":null,"to":1},{"field":"derive.humidex.measure","from":null,"to":"humidex"},)"
      R"({"field":"derive.heat_index.measure","from":"heat_index","to":null}])");
}

TEST(UseCaseApply, OtherRulesForSamplesNeedAHigherVersion) {
  World world;
  const auto of = [](int version, const std::string& measure, const std::string& title) {
    return R"({"kind":"UseCase","name":"heat","title":")" + title + R"(","version":)" + std::to_string(version) +
           R"(,"derive":[{"measure":")" + measure + R"("}]})";
  };
  ASSERT_EQ(world.apply(of(2, "humidex", "a")), "created");
  EXPECT_EQ(world.apply(of(2, "humidex", "b")), "updated") << "a title decides nothing";
  EXPECT_EQ(why(world.post("/v1/apply", of(1, "humidex", "b")), 0), "its version does not fall below 2");
  EXPECT_EQ(why(world.post("/v1/apply", of(1, "heat_index", "b")), 0), "its version does not fall below 2");
  EXPECT_EQ(why(world.post("/v1/apply?dry_run=1", of(2, "heat_index", "b")), 0),
            "what changes derive or quality needs a version above 2");
  EXPECT_EQ(world.apply(of(3, "heat_index", "b")), "updated");
}

TEST(UseCaseApply, ARuleOfAWindowThatIsNeverThereIsRefused) {
  Hooks hooks;
  hooks.shortest_instead_of = [](std::string_view window, std::string_view measure) -> std::optional<std::string> {
    if (measure != "low_battery" || window != "PT15M") return std::nullopt;
    return "PT1H";
  };
  World world({}, std::move(hooks));
  const auto of = [](const std::string& window) {
    return R"({"kind":"UseCase","name":"meter","alerts":[)"
           R"({"name":"open","measure":"tamper","comparison":"above","threshold":1},)"
           R"({"name":"battery","measure":"low_battery",)" +
           window + R"("comparison":"above","threshold":1}]})";
  };
  const auto refused = world.post("/v1/apply", of(R"("window":"PT15M","statistic":"count",)"));
  EXPECT_EQ(why(refused, 0), "alert battery: low_battery has no windows of PT15M; its shortest is PT1H");
  EXPECT_EQ(world.get("/v1/objects/use_case/meter").status, 404U);
  EXPECT_EQ(world.apply(of(R"("window":"PT1H","statistic":"count",)")), "created");
  EXPECT_EQ(world.apply(of("")), "updated") << "samples are judged as they come";
}

TEST(UseCaseApply, ADeviceHasItsOwnElseItsProfiles) {
  World world;
  const auto town =
      "[" + device_with(R"(,"profile":"room")") + R"(,{"kind":"Tenant","name":"menden"},)" + kRoom + "," + kHeat + "]";
  EXPECT_EQ(world.apply(town), "created, created, created, created") << "in any order";
  EXPECT_EQ(world.apply(town), "unchanged, unchanged, unchanged, unchanged");
  const auto use_case = [&] {
    const auto state = storage::views::Queries(world.log.state())
                           .object(storage::views::Scope::everything(), "device/0000000000000001");
    return state && *state ? (**state).object().device().use_case() : "?";
  };
  EXPECT_EQ(use_case(), "heat");
  EXPECT_EQ(world.apply("[" + device_with(R"(,"profile":"room","use_case":"cool")") +
                        R"(,{"kind":"UseCase","name":"cool"}])"),
            "updated, created");
  EXPECT_EQ(use_case(), "cool");
}

TEST(UseCaseApply, WhatIsNamedMustExistAndStays) {
  World world;
  const auto reply = world.post(
      "/v1/apply", "[" + device_with(R"(,"use_case":"heat")") + R"(,{"kind":"Tenant","name":"menden"},)" + kRoom + "]");
  EXPECT_EQ(why(reply, 0), "use case heat does not exist");
  EXPECT_EQ(why(reply, 2), "use case heat does not exist");
  ASSERT_EQ(world.apply("[" + kHeat + "," + kRoom + "," + device_with(R"(,"profile":"room")") + "]"),
            "created, created, created");
  const std::string remove = R"({"kind":"UseCase","name":"heat","remove":true})";
  const std::string remove_room = R"({"kind":"Profile","name":"room","remove":true})";
  const std::string plain_room = R"({"kind":"Profile","name":"room","schema":"vendor/model"})";
  const std::string remove_device = R"({"kind":"Device","dev_eui":"0000000000000001","remove":true})";
  EXPECT_EQ(why(world.post("/v1/apply", remove), 0), "the use case still has profile/room");
  EXPECT_EQ(why(world.post("/v1/apply?dry_run=1", "[" + remove + "," + remove_room + "]"), 0),
            "the use case still has device/0000000000000001");
  // A device that is given anew and whose profile goes on naming it still follows it.
  EXPECT_EQ(why(world.post("/v1/apply?dry_run=1",
                           "[" + remove + "," + plain_room + "," + device_with(R"(,"use_case":"heat")") + "]"),
                0),
            "the use case still has device/0000000000000001");
  EXPECT_EQ(world.apply("[" + remove + "," + plain_room + "," + device_with(R"(,"profile":"room")") + "]"),
            "removed, updated, updated");
  EXPECT_EQ(world.get("/v1/objects/use_case/heat").status, 404U);
  EXPECT_EQ(world.apply("[" + remove + "," + remove_device + "]"), "unchanged, removed");
}

}  // namespace
}  // namespace lenne::api
