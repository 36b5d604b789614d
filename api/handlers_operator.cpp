// The operator's: documents, objects, tokens. And what watches the server itself.
#include <boost/json.hpp>

#include "api/apply.hpp"
#include "api/documents.hpp"
#include "api/embedded.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/pages.hpp"
#include "api/purpose.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace lenne::api {
namespace {

void write_token(JsonWriter& json, const v1::ReadToken& row) {
  json.key("id").text(row.id()).key("tenant").text(row.tenant()).key("name").text(row.name());
  json.key("created").text(base::to_rfc3339(base::from_us(row.created_us()))).key("expires");
  row.expires_us() != 0 ? json.text(base::to_rfc3339(base::from_us(row.expires_us()))) : json.null();
  const auto grant = grant_of(row);
  // One for a purpose that is not known here opens nothing, so it need not be told what.
  write_optional(json, "purpose", grant ? (*grant ? name_of((**grant).purpose) : "") : "unknown");
  json.key("devices").begin_array();
  for (const auto eui : row.devices()) json.text(base::hex_of(eui, 16));
  json.end_array();
}

struct TokenWish {
  std::string tenant;
  std::string name;
  std::optional<base::Timestamp> expires;
  std::optional<Grant> grant;
};

base::Result<std::set<std::uint64_t>> parse_devices(const boost::json::value& value) {
  const auto* list = value.if_array();
  if (list == nullptr) return base::fail("bad_json", "devices must be a list of DevEUIs");
  if (list->size() > kMostNamedDevices)
    return base::fail("bad_json", "devices are at most " + std::to_string(kMostNamedDevices));
  std::set<std::uint64_t> devices;
  for (const auto& each : *list) {
    const auto* text = each.if_string();
    if (text == nullptr) return base::fail("bad_json", "devices must be a list of DevEUIs");
    const auto eui = base::parse_id<base::DevEui>({text->data(), text->size()});
    if (!eui) return base::fail("bad_json", "devices: " + eui.error());
    devices.insert(eui->value);
  }
  return devices;
}

/// What a token with these fields is given for; absent ones are null.
base::Result<std::optional<Grant>> parse_grant(const boost::json::value* purpose, const boost::json::value* devices) {
  std::set<std::uint64_t> named;
  if (devices != nullptr) {
    auto parsed = parse_devices(*devices);
    if (!parsed) return std::unexpected(parsed.error());
    named = std::move(*parsed);
  }
  std::optional<Grant> grant;
  if (purpose != nullptr) {
    const auto* text = purpose->if_string();
    if (text == nullptr) return base::fail("bad_json", "purpose must be text");
    const auto known = purpose_named({text->data(), text->size()});
    if (!known) return std::unexpected(known.error());
    grant = Grant{*known, std::move(named)};
  }
  const bool consent = grant && grant->purpose == Purpose::consent;
  if (devices != nullptr && !consent) return base::fail("bad_json", "devices belong to the purpose consent");
  if (consent && grant->devices.empty())
    return base::fail("bad_json", "consent is that of a customer: devices must name at least one");
  return grant;
}

/// Whether the devices are the tenant's: a wrong DevEUI would be a token that shows nothing. Errors: not_found;
/// log_read.
base::Result<void> check_devices(const Context& context, const TokenWish& wish) {
  if (!wish.grant) return {};
  const auto own = storage::views::Scope::of({wish.tenant});
  for (const auto eui : wish.grant->devices) {
    const auto name = base::hex_of(eui, 16);
    const auto found = context.queries.object(own, "device/" + name);
    if (!found) return std::unexpected(found.error());
    if (!*found) return base::fail("not_found", wish.tenant + " has no device " + name);
  }
  return {};
}

base::Result<TokenWish> parse_token_wish(const std::string& body) {
  boost::json::error_code error;
  const auto value = boost::json::parse(body, error);
  const auto* object = value.if_object();
  if (error || object == nullptr) return base::fail("bad_json", "the body must be {\"tenant\":…,\"name\":…}");
  TokenWish wish;
  for (const auto& member : *object) {
    const std::string_view field(member.key().data(), member.key().size());
    if (field == "purpose" || field == "devices") continue;
    const auto* text = member.value().if_string();
    if (text == nullptr) return base::fail("bad_json", std::string(field) + " must be text");
    const std::string given(text->data(), text->size());
    if (field == "tenant") {
      wish.tenant = given;
    } else if (field == "name" && given.size() <= 128) {
      wish.name = given;
    } else if (field == "expires") {
      const auto time = base::parse_rfc3339(given);
      if (!time) return base::fail("bad_json", "expires: " + time.error());
      wish.expires = *time;
    } else {
      return base::fail("bad_json", "there is no such field: " + std::string(field));
    }
  }
  if (wish.tenant.empty()) return base::fail("bad_json", "tenant is required");
  auto grant = parse_grant(object->if_contains("purpose"), object->if_contains("devices"));
  if (!grant) return std::unexpected(grant.error());
  wish.grant = std::move(*grant);
  return wish;
}

std::string metric_name(std::string_view counter) {
  std::string name = "lenne_";
  for (const char c : counter) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name.push_back(plain ? c : '_');
  }
  return name + "_total";
}

}  // namespace

Answer get_health(Context&, const Request&, const Caller&) { return Response{.body = R"({"ok":true})"}; }

Answer get_openapi(Context&, const Request&, const Caller&) {
  return Response{.content_type = "application/yaml", .body = std::string(openapi_text())};
}

// Prometheus text exposition 0.0.4. Counter names differ in dots only, so they stay apart.
Answer get_metrics(Context& context, const Request&, const Caller&) {
  std::string text;
  for (const auto& [counter, value] : context.deps.counters.snapshot()) {
    const auto name = metric_name(counter);
    text += "# TYPE " + name + " counter\n" + name + " " + std::to_string(value) + "\n";
  }
  const auto gauge = [&](std::string_view name, std::size_t value) {
    text +=
        "# TYPE lenne_" + std::string(name) + " gauge\nlenne_" + std::string(name) + " " + std::to_string(value) + "\n";
  };
  gauge("api_connections", context.connections);
  gauge("api_live_clients", context.live_clients);
  gauge("api_waiting", context.waiting);
  return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(text)};
}

Answer post_apply(Context& context, const Request& request, const Caller&) {
  if (auto known = request.query.only({"dry_run"}); !known) return error_response(known.error());
  auto dry_run = request.query.boolean("dry_run", false);
  if (!dry_run) return error_response(dry_run.error());
  return apply_documents(context, request.body, *dry_run);
}

Answer get_objects(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant", "limit", "cursor"}); !known) return error_response(known.error());
  const auto& limits = context.settings.limits;
  auto limit = request.query.size("limit", 1000, limits.rows);
  if (!limit) return error_response(limit.error());
  auto found = context.queries.objects(caller.scope, request.arguments.at(0), request.query.text("tenant"),
                                       {*limit, request.query.text("cursor"), limits.scanned_rows});
  if (!found) return error_response(found.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& state : found->items) json.raw(document_json(state.object()));
  return finish(json, found->next);
}

Answer get_object(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({}); !known) return error_response(known.error());
  const auto key = request.arguments.at(0) + "/" + request.arguments.at(1);
  auto found = context.queries.object(caller.scope, key);
  if (!found) return error_response(found.error());
  if (!*found) return error_response({"not_found", "there is no " + key});
  return Response{.body = document_json((**found).object())};
}

Answer post_token(Context& context, const Request& request, const Caller& caller) {
  auto wish = parse_token_wish(request.body);
  if (!wish) return error_response(wish.error());
  auto tenant = context.queries.object(caller.scope, "tenant/" + wish->tenant);
  if (!tenant) return error_response(tenant.error());
  if (!*tenant) return error_response({"not_found", "there is no tenant " + wish->tenant});
  if (auto checked = check_devices(context, *wish); !checked) return error_response(checked.error());
  auto made = context.auth.create(wish->tenant, wish->name, wish->expires, wish->grant);
  if (!made) return error_response(made.error());
  JsonWriter json;
  json.begin_object();
  write_token(json, made->row);
  json.key("token").text(made->token).end_object();
  return Response{.status = 201, .body = json.take(), .headers = {{"Cache-Control", "no-store"}}};
}

Answer get_tokens(Context& context, const Request&, const Caller&) {
  auto rows = context.auth.list();
  if (!rows) return error_response(rows.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : *rows) {
    json.begin_object();
    write_token(json, row);
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

Answer delete_token(Context& context, const Request& request, const Caller&) {
  auto revoked = context.auth.revoke(request.arguments.at(0));
  if (!revoked) return error_response(revoked.error());
  return Response{.status = 204};
}

}  // namespace lenne::api
