#include "app/http_client.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "base/bytes.hpp"
#include "ingest/base64.hpp"

namespace lenne::app {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;

constexpr std::uint64_t kMaxAnswer = 256ULL << 20;

using Parser = http::response_parser<http::string_body>;

/// Not by blocking calls: those know no timeout.
boost::asio::awaitable<void> exchange(const tcp::resolver::results_type& server,
                                      const http::request<http::string_body>& request, Parser& parser,
                                      std::optional<base::Duration> answer) {
  constexpr auto& done = boost::asio::use_awaitable;
  beast::tcp_stream stream(co_await boost::asio::this_coro::executor);
  if (answer) stream.expires_after(*answer);
  co_await stream.async_connect(server, done);
  co_await http::async_write(stream, request, done);
  beast::flat_buffer buffer;
  co_await http::async_read(stream, buffer, parser, done);
  beast::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace

HttpClient::HttpClient(std::string host, std::string port) : host_(std::move(host)), port_(std::move(port)) {}

base::Result<HttpClient> HttpClient::connect_to(const std::string& server, std::string token) {
  constexpr std::string_view kScheme = "http://";
  auto rest = std::string_view(server);
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const auto colon = rest.rfind(':');
  if (rest.empty() || rest.find('/') != std::string_view::npos || colon == std::string_view::npos) {
    return base::fail("bad_server", fmt::format("'{}' is no http://HOST:PORT", server));
  }
  HttpClient client(std::string(rest.substr(0, colon)), std::string(rest.substr(colon + 1)));
  if (!token.empty()) client.authorization_ = "Bearer " + token;
  return client;
}

base::Result<HttpClient> HttpClient::connect_as(const std::string& server, const std::string& user,
                                                const std::string& password, base::Duration answer) {
  auto client = connect_to(server, {});
  if (!client) return client;
  if (!user.empty()) client->authorization_ = "Basic " + ingest::to_base64(base::as_bytes(user + ":" + password));
  client->answer_ = answer;
  return client;
}

base::Result<HttpResponse> HttpClient::request(const std::string& method, const std::string& target,
                                               const std::string& body) const {
  try {
    boost::asio::io_context io;
    const auto server = tcp::resolver(io).resolve(host_, port_);
    http::request<http::string_body> request(http::string_to_verb(method), target, 11);
    request.set(http::field::host, host_ + ":" + port_);
    request.set(http::field::user_agent, "lenne");
    if (!authorization_.empty()) request.set(http::field::authorization, authorization_);
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();

    Parser parser;
    parser.body_limit(kMaxAnswer);
    std::exception_ptr problem;
    boost::asio::co_spawn(io, exchange(server, request, parser, answer_),
                          [&](std::exception_ptr thrown) { problem = std::move(thrown); });
    io.run();
    if (problem) std::rethrow_exception(problem);
    auto answer = parser.release();
    HttpResponse response{answer.result_int(), {}, std::move(answer.body())};
    for (const auto& field : answer) {
      std::string name(field.name_string());
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      response.headers.emplace(std::move(name), std::string(field.value()));
    }
    return response;
  } catch (const boost::system::system_error& problem) {
    if (problem.code() == http::error::body_limit) return base::fail("too_large", "the answer is larger than 256 MiB");
    return base::fail("unreachable", fmt::format("{}:{}: {}", host_, port_, problem.code().message()));
  }
}

base::Result<void> HttpClient::follow(const std::string& target,
                                      const std::function<bool(const std::string&)>& receive) const {
  namespace websocket = beast::websocket;
  try {
    boost::asio::io_context io;
    websocket::stream<tcp::socket> stream(io);
    boost::asio::connect(stream.next_layer(), tcp::resolver(io).resolve(host_, port_));
    stream.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      if (!authorization_.empty()) request.set(http::field::authorization, authorization_);
    }));
    websocket::response_type response;
    beast::error_code error;
    stream.handshake(response, host_ + ":" + port_, target, error);
    if (error) {
      return base::fail("refused", response.body().empty() ? fmt::format("{} answered {}", host_, response.result_int())
                                                           : response.body());
    }
    stream.read_message_max(1 << 20);
    for (beast::flat_buffer buffer;;) {
      stream.read(buffer, error);
      if (error == websocket::error::closed || error == boost::asio::error::eof) return {};
      if (error) return base::fail("unreachable", fmt::format("{}:{}: {}", host_, port_, error.message()));
      const bool go_on = receive(beast::buffers_to_string(buffer.data()));
      buffer.consume(buffer.size());
      if (!go_on) {
        stream.close(websocket::close_code::normal, error);
        return {};
      }
    }
  } catch (const boost::system::system_error& problem) {
    return base::fail("unreachable", fmt::format("{}:{}: {}", host_, port_, problem.code().message()));
  }
}

std::string encode_query(const std::string& value) {
  std::string text;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~')
      text += c;
    else
      text += fmt::format("%{:02X}", byte);
  }
  return text;
}

}  // namespace lenne::app
