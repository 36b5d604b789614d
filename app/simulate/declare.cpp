#include "app/simulate/declare.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace lenne::app::simulate {
namespace {

namespace json = boost::json;

constexpr std::size_t kPortion = 2'000;

base::Result<void> check(const HttpResponse& answer) {
  try {
    const auto body = json::parse(answer.body).as_object();
    if (answer.status != 200)
      return base::fail(std::string(body.at("error").as_string()), std::string(body.at("message").as_string()));
    for (const auto& item : body.at("results").as_array()) {
      const auto& result = item.as_object();
      if (result.at("action") == "refused") {
        return base::fail("refused", fmt::format("{} {}: {}", std::string_view(result.at("kind").as_string()),
                                                 std::string_view(result.at("name").as_string()),
                                                 json::serialize(result.at("reason"))));
      }
    }
    return {};
  } catch (const std::exception& problem) {
    return base::fail("http",
                      fmt::format("the server answered {} and what makes no sense: {}", answer.status, problem.what()));
  }
}

}  // namespace

base::Result<void> declare(const HttpClient& client, const Region& region) {
  const auto documents = documents_of(region);
  for (std::size_t begin = 0; begin < documents.size(); begin += kPortion) {
    const auto end = std::min(begin + kPortion, documents.size());
    const auto answer = client.request(
        "POST", "/v1/apply", json::serialize(json::array(documents.begin() + begin, documents.begin() + end)));
    if (!answer) return std::unexpected(answer.error());
    if (auto taken = check(*answer); !taken) return taken;
  }
  return {};
}

}  // namespace lenne::app::simulate
