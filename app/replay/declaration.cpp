#include "app/replay/declaration.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "api/apply.hpp"
#include "api/context.hpp"
#include "processing/window_settings.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;
using base::Result;

constexpr std::size_t kAtOnce = 5'000;

/// What became of them; they were settled before.
Result<void> check(api::Answer& answer) {
  std::optional<api::Response> response;
  if (auto* now = std::get_if<api::Response>(&answer)) {
    response = std::move(*now);
  } else {
    response = std::get<std::unique_ptr<api::Deferred>>(answer)->poll();
  }
  if (!response) return base::fail("documents", "nothing came of them");
  if (response->status != 200) return base::fail("documents", response->body);
  json::error_code problem;
  const auto body = json::parse(response->body, problem);
  const auto* results = body.is_object() ? body.get_object().if_contains("results") : nullptr;
  if (problem || results == nullptr || !results->is_array()) return base::fail("documents", response->body);
  for (const auto& result : results->get_array()) {
    if (result.at("action") == "refused") return base::fail("documents", json::serialize(result));
  }
  return {};
}

}  // namespace

Result<void> declare_to(VirtualServer& server, const json::array& documents, const Settings& settings,
                        const VirtualServer::Parts& parts) {
  api::HttpSettings http;
  http.regions = {settings.network.regions.begin(), settings.network.regions.end()};
  api::Hooks hooks;
  hooks.schema_exists = [&parts](std::string_view schema) { return parts.catalog->find(schema) != nullptr; };
  hooks.shortest_instead_of = processing::shortest_instead_of;
  api::Context context(http, {parts.log, parts.clock, parts.counters, parts.vault, hooks});
  context.next_request_id = 1;  // a real server begins with a random one
  if (auto settled = server.settle(); !settled) return settled;
  for (std::size_t from = 0; from < documents.size(); from += kAtOnce) {
    const auto* begin = documents.data() + from;
    const json::array portion(begin, begin + std::min(kAtOnce, documents.size() - from));
    auto answer = api::apply_documents(context, json::serialize(portion), false);
    if (auto settled = server.settle(); !settled) return settled;
    if (auto good = check(answer); !good) return good;
  }
  return {};
}

}  // namespace lenne::app
