#include "app/access_token.hpp"

#include <algorithm>
#include <exception>
#include <fstream>

#include <fmt/format.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>

#include "app/http_client.hpp"
#include "base/bytes.hpp"
#include "ingest/base64.hpp"

namespace lenne::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using base::fail;
using base::Result;

constexpr auto kPatience = std::chrono::seconds{5};
constexpr std::uint64_t kMaxTokenAnswer = 64 << 10;
constexpr std::int64_t kUsualLifeS = 300;  // an endpoint that does not say
constexpr std::int64_t kLongestLifeS = 86'400;

struct Url {
  std::string host;
  std::string port;
  std::string path;
};

Result<Url> parse_url(const std::string& text) {
  constexpr std::string_view kScheme = "https://";
  const auto wrong = [&] { return fail("settings_value", fmt::format("'{}' is no https://HOST[:PORT]/PATH", text)); };
  if (!text.starts_with(kScheme)) return wrong();
  const auto slash = text.find('/', kScheme.size());
  if (slash == std::string::npos) return wrong();
  const auto authority = text.substr(kScheme.size(), slash - kScheme.size());
  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && !authority.ends_with(']');
  Url url{authority.substr(0, has_port ? colon : std::string::npos), has_port ? authority.substr(colon + 1) : "443",
          text.substr(slash)};
  if (url.host.size() > 2 && url.host.front() == '[' && url.host.back() == ']')
    url.host = url.host.substr(1, url.host.size() - 2);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (url.host.empty() || url.port.empty() || url.port.size() > 5 || !std::ranges::all_of(url.port, is_digit) ||
      text.find_first_of(" \r\n@#") != std::string::npos)
    return wrong();
  return url;
}

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;
using Stream = beast::ssl_stream<beast::tcp_stream>;

asio::awaitable<Response> exchange(Url url, ssl::context& trust, Request request) {
  Stream stream(co_await asio::this_coro::executor, trust);
  auto& socket = beast::get_lowest_layer(stream);
  socket.expires_after(kPatience);
  stream.set_verify_callback(ssl::host_name_verification(url.host));
  boost::system::error_code is_name;
  asio::ip::make_address(url.host, is_name);
  if (is_name)
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, url.host.data());
  tcp::resolver resolver(co_await asio::this_coro::executor);
  co_await socket.async_connect(co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable),
                                asio::use_awaitable);
  co_await stream.async_handshake(ssl::stream_base::client, asio::use_awaitable);
  co_await http::async_write(stream, request, asio::use_awaitable);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxTokenAnswer);
  beast::flat_buffer buffer;
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  co_return parser.release();
}

/// Only what RFC 6749 section 5.2 lets an error code be: an answer could repeat what it was sent.
std::string error_in(const json::value& answer) {
  const auto* code = answer.is_object() ? answer.get_object().if_contains("error") : nullptr;
  if (code == nullptr || !code->is_string()) return {};
  std::string text(code->get_string());
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return text.size() <= 40 && std::ranges::all_of(text, is_plain) ? ": " + text : std::string{};
}

Result<AccessToken> token_in(const Response& response, base::Timestamp asked) {
  json::error_code problem;
  const auto answer = json::parse(response.body(), problem);
  if (response.result() != http::status::ok)
    return fail("token_refused", fmt::format("answered {}{}", response.result_int(), problem ? "" : error_in(answer)));
  const auto* value = !problem && answer.is_object() ? answer.get_object().if_contains("access_token") : nullptr;
  if (value == nullptr || !value->is_string() || value->get_string().empty())
    return fail("token_refused", "the answer holds no access_token");
  std::int64_t life = kUsualLifeS;
  if (const auto* given = answer.get_object().if_contains("expires_in"); given != nullptr && given->is_int64())
    life = std::min(given->get_int64(), kLongestLifeS);
  if (life <= 0) return fail("token_refused", "the token has ended already");
  return AccessToken{std::string(value->get_string()), asked + std::chrono::seconds{life}};
}

}  // namespace

Result<std::string> read_secret(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string secret;
  if (!std::getline(in, secret) || secret.empty())
    return fail("settings_value", fmt::format("{}: cannot be read, or holds nothing", file.string()));
  return secret;
}

Result<void> TokenSource::check(const TokenEndpoint& endpoint) {
  if (auto url = parse_url(endpoint.url); !url) return std::unexpected(url.error());
  return {};
}

Result<AccessToken> TokenSource::get() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  if (token_ && now < renew_) return *token_;
  auto fresh = fetch();
  if (!fresh) {
    if (token_ && now < token_->expires) return *token_;
    return fresh;
  }
  renew_ = now + (fresh->expires - now) / 4 * 3;
  token_ = *fresh;
  return fresh;
}

Result<AccessToken> TokenSource::fetch() const {
  const auto url = parse_url(endpoint_.url);
  if (!url) return std::unexpected(url.error());
  const auto secret = read_secret(endpoint_.secret_file);
  if (!secret) return fail("settings_value", "password_file: " + secret.error().message);
  const auto asked = clock_.now();
  try {
    ssl::context trust(ssl::context::tls_client);
    trust.set_default_verify_paths();
    if (!endpoint_.ca.empty()) trust.load_verify_file(endpoint_.ca.string());
    trust.set_verify_mode(ssl::verify_peer);
    Request request(http::verb::post, url->path, 11);
    request.set(http::field::host, url->host);
    request.set(http::field::user_agent, "lenne");
    request.set(http::field::accept, "application/json");
    request.set(http::field::content_type, "application/x-www-form-urlencoded");
    // RFC 6749 section 2.3.1: both are encoded before they are joined.
    request.set(
        http::field::authorization,
        "Basic " + ingest::to_base64(base::as_bytes(encode_query(endpoint_.client_id) + ":" + encode_query(*secret))));
    request.body() = "grant_type=client_credentials";
    if (!endpoint_.scope.empty()) request.body() += "&scope=" + encode_query(endpoint_.scope);
    request.prepare_payload();

    asio::io_context io;
    std::optional<Response> response;
    std::exception_ptr failed;
    asio::co_spawn(io, exchange(*url, trust, std::move(request)), [&](std::exception_ptr problem, Response answer) {
      failed = problem;
      if (!problem) response = std::move(answer);
    });
    io.run_for(kPatience);
    if (failed) std::rethrow_exception(failed);
    if (!response) return fail("token_unreachable", "no answer within 5 s");
    return token_in(*response, asked);
  } catch (const boost::system::system_error& problem) {
    return fail("token_unreachable", problem.code().message());
  }
}

}  // namespace lenne::app
