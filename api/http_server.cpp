#include "api/http_server.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include "api/embedded.hpp"
#include "api/routes.hpp"
#include "api/server_io.hpp"
#include "base/thread_name.hpp"

namespace lenne::api {
namespace {

// In coroutines, no expression with co_await has a temporary that needs a destructor: g++ 12 destroys some of them
// twice.
constexpr auto kAskAgain = std::chrono::milliseconds{20};
/// Between two attempts to take the shared address. Whoever looks at the page waits for so long when its process ends.
constexpr auto kTryShared = std::chrono::milliseconds{500};

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<ListenAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  ListenAddress address;
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  const auto port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
  return address;
}

/// `setting` stands in messages; its dot becomes the underscore of the error's code.
base::Result<tcp::endpoint> endpoint_of(const std::string& listen, const std::string& setting) {
  auto code = setting;
  std::ranges::replace(code, '.', '_');
  const auto address = parse_listen(listen);
  if (!address) return base::fail(code, setting + " must be HOST:PORT, not " + listen);
  beast::error_code error;
  const auto host = asio::ip::make_address(address->host, error);
  if (error) return base::fail(code, setting + ": " + address->host + " is no address");
  return tcp::endpoint(host, address->port);
}

/// Leaves the acceptor closed when it fails. Of two processes that bind at once one is refused by listen().
beast::error_code listen_on(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  beast::error_code error;
  beast::error_code ignored;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) acceptor.close(ignored);
  return error;
}

/// Another process has the address, or it is not one of this machine's (yet).
bool may_come_free(beast::error_code error) {
  return error == asio::error::address_in_use || error == boost::system::errc::address_not_available;
}

std::string text_of(const tcp::endpoint& endpoint) {
  const auto host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

std::string header_text(const http::request<http::string_body>& message, http::field field) {
  const auto value = message[field];
  return {value.data(), value.size()};
}

// A message without its body as one of ours. Error: bad_parameter.
base::Result<Request> request_of(const http::request<http::string_body>& message) {
  const std::string_view target(message.target().data(), message.target().size());
  if (!target.starts_with('/')) return base::fail("bad_parameter", "the address must begin with /");
  const auto question = std::min(target.find('?'), target.size());
  auto path = percent_decode(target.substr(0, question), false);
  if (!path) return std::unexpected(path.error());
  auto query = QueryParameters::parse(target.substr(std::min(question + 1, target.size())));
  if (!query) return std::unexpected(query.error());
  Request request;
  request.method = std::string(message.method_string().data(), message.method_string().size());
  request.path = std::move(*path);
  request.query = std::move(*query);
  request.if_none_match = header_text(message, http::field::if_none_match);
  return request;
}

Response preflight(const Match& match) {
  if (match.route == nullptr || !match.route->cors)
    return error_response({"not_found", "nothing here is for other origins"});
  Response response{.status = 204};
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD");
  response.headers.emplace_back("Access-Control-Allow-Headers", "Authorization");
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace

http::response<http::string_body> message_of(Response response, bool head, bool cors, unsigned version,
                                             bool keep_alive) {
  http::response<http::string_body> message{http::int_to_status(response.status), version};
  message.keep_alive(keep_alive);
  if (!response.body.empty()) message.set(http::field::content_type, response.content_type);
  message.set("X-Content-Type-Options", "nosniff");
  if (cors) {
    message.set(http::field::access_control_allow_origin, "*");
    message.set(http::field::access_control_expose_headers, "Lenne-Position, Lenne-End, Lenne-Next");
  }
  for (const auto& [name, value] : response.headers) message.set(name, value);
  if (message.find(http::field::cache_control) == message.end()) message.set(http::field::cache_control, "no-cache");
  const auto size = response.body.size();
  if (!head) message.body() = std::move(response.body);
  if (response.status != 204 && response.status != 304) message.content_length(size);
  return message;
}

asio::awaitable<bool> write_response(beast::tcp_stream& stream, http::response<http::string_body> message,
                                     base::Duration timeout) {
  stream.expires_after(timeout);
  http::response_serializer<http::string_body> serializer{message};
  auto [error, size] = co_await http::async_write(stream, serializer, kAwait);
  (void)size;
  co_return !error;
}

struct HttpServer::Impl {
  Impl(HttpSettings settings, Dependencies dependencies)
      : context(std::move(settings), std::move(dependencies)),
        shared_held(context.deps.counters.cell("api.shared.held")) {}

  Context context;
  // Made by start; its coroutines, and with them their sockets, end when it is destroyed.
  std::unique_ptr<asio::io_context> io;
  std::unique_ptr<tcp::acceptor> acceptor;
  std::unique_ptr<tcp::acceptor> shared_acceptor;
  base::Counters::Cell& shared_held;
  std::thread thread;

  /// The first attempt; the others are take_shared's. Error: http_shared.
  base::Result<void> try_shared(const tcp::endpoint& endpoint) {
    const auto error = listen_on(*shared_acceptor, endpoint);
    if (error && !may_come_free(error))
      return base::fail("http_shared", context.settings.shared + ": " + error.message());
    asio::co_spawn(*io, take_shared(endpoint, error), asio::detached);
    shared_held = error ? 0 : 1;
    return {};
  }

  asio::awaitable<void> take_shared(tcp::endpoint endpoint, beast::error_code error) {
    asio::steady_timer pause(*io);
    while (error) {
      context.deps.counters.count("api.shared.refused");
      pause.expires_after(kTryShared);
      auto [stopped] = co_await pause.async_wait(kAwait);
      if (stopped) co_return;
      error = listen_on(*shared_acceptor, endpoint);
    }
    shared_held = 1;
    co_await accept_all(*shared_acceptor);
  }

  asio::awaitable<void> accept_all(tcp::acceptor& from) {
    asio::steady_timer pause(*io);
    while (from.is_open()) {
      auto [error, socket] = co_await from.async_accept(kAwait);
      if (error == asio::error::operation_aborted) co_return;
      if (error) {  // such as no descriptor left: others must end first
        context.refuse("accept");
        pause.expires_after(std::chrono::milliseconds{50});
        auto [ignored] = co_await pause.async_wait(kAwait);
        (void)ignored;
        continue;
      }
      if (context.connections >= context.settings.limits.connections) {
        context.refuse("connections");
        continue;  // closed by its destructor
      }
      asio::co_spawn(*io, serve(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    const Counted counted(context.connections);
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer(std::max<std::size_t>(context.settings.limits.header_bytes * 2, 64 * 1024));
    bool first = true;
    bool go_on = true;
    while (go_on) {
      go_on = co_await serve_one(stream, buffer, first);
      first = false;
    }
    beast::error_code ignored;
    if (stream.socket().is_open()) stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  // One request. False: the connection ends.
  asio::awaitable<bool> serve_one(beast::tcp_stream& stream, beast::flat_buffer& buffer, bool first) {
    const auto& limits = context.settings.limits;
    http::request_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser.body_limit(limits.apply_body_bytes);
    stream.expires_after(first ? limits.header_timeout : limits.idle_timeout);
    auto [header_error, header_size] = co_await http::async_read_header(stream, buffer, parser, kAwait);
    (void)header_size;
    if (header_error) {
      co_await answer_unreadable(stream, header_error);
      co_return false;
    }
    auto request = request_of(parser.get());
    if (request && websocket::is_upgrade(parser.get())) {
      auto token = request->query.text("token");
      if (token.empty()) token = token_of(parser.get());
      auto upgrade = parser.release();
      co_await serve_live(context, std::move(stream), std::move(upgrade), std::move(*request), std::move(token));
      co_return false;
    }
    const auto match = request ? match_route(request->method, request->path) : Match{};
    const auto most = body_limit(match, parser.get());
    const bool too_large = parser.content_length() && *parser.content_length() > most;
    if (too_large) context.refuse("body");
    if (too_large || !request) {
      auto message = closing_message(too_large ? base::Error{"too_large", "the body is too large"} : request.error());
      const bool written = co_await write_response(stream, std::move(message), limits.write_timeout);
      (void)written;
      co_return false;
    }
    parser.body_limit(most);
    const bool ready = co_await read_body(stream, buffer, parser);
    if (!ready) co_return false;
    auto answer = respond(*request, match, parser);
    auto response = co_await settle(std::move(answer));
    const bool keep = parser.get().keep_alive();
    const bool cors = match.route != nullptr && match.route->cors;
    auto message =
        message_of(std::move(response), parser.get().method() == http::verb::head, cors, parser.get().version(), keep);
    const bool written = co_await write_response(stream, std::move(message), limits.write_timeout);
    co_return written&& keep;
  }

  // The last answer on a connection whose request was not read to its end.
  static http::response<http::string_body> closing_message(const base::Error& error) {
    return message_of(error_response(error), false, false, 11, false);
  }

  // What to say about bytes that are no request; nothing when there is nobody to say it to.
  std::optional<http::response<http::string_body>> message_about(beast::error_code error) {
    if (error == http::error::end_of_stream || error == asio::error::eof || error == asio::error::connection_reset)
      return std::nullopt;
    if (error == beast::error::timeout) {
      context.refuse("timeout");
      return std::nullopt;
    }
    base::Error told{"bad_request", "this is not an HTTP request that can be read"};
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      told = base::Error{"header_too_large", "the header is too large"};
    } else if (error == http::error::body_limit) {
      told = base::Error{"too_large", "the body is too large"};
    }
    context.refuse(told.code == "too_large" ? "body" : told.code);
    return closing_message(told);
  }

  asio::awaitable<void> answer_unreadable(beast::tcp_stream& stream, beast::error_code error) {
    auto message = message_about(error);
    if (!message) co_return;
    const bool written = co_await write_response(stream, std::move(*message), context.settings.limits.write_timeout);
    (void)written;
  }

  static std::string token_of(const http::request<http::string_body>& message) {
    return std::string(bearer_of(header_text(message, http::field::authorization)));
  }

  // Only who may use a route with a large body gets to send one.
  std::size_t body_limit(const Match& match, const http::request<http::string_body>& message) {
    const auto& limits = context.settings.limits;
    if (match.route == nullptr || !match.route->large_body) return limits.body_bytes;
    const auto caller = context.auth.caller_of(token_of(message));
    return caller && admit(*match.route, *caller) ? limits.apply_body_bytes : limits.body_bytes;
  }

  asio::awaitable<bool> read_body(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                                  http::request_parser<http::string_body>& parser) {
    const auto& limits = context.settings.limits;
    stream.expires_after(limits.body_timeout);
    if (!parser.is_done() && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      auto [error, size] = co_await asio::async_write(stream, asio::buffer(kContinue.data(), kContinue.size()), kAwait);
      (void)size;
      if (error) co_return false;
    }
    auto [error, size] = co_await http::async_read(stream, buffer, parser, kAwait);
    (void)size;
    if (!error) co_return true;
    co_await answer_unreadable(stream, error);
    co_return false;
  }

  Answer respond(Request& request, const Match& match, http::request_parser<http::string_body>& parser) {
    context.deps.counters.count("api.requests");
    try {
      if (request.method == "OPTIONS") return preflight(match_route("GET", request.path));
      if (context.settings.views && !match.path_known && (request.method == "GET" || request.method == "HEAD") &&
          !request.path.starts_with("/v1/")) {
        if (auto file = serve_file(page_files(), request)) return std::move(*file);
      }
      const auto token = token_of(parser.get());
      request.body = std::move(parser.get().body());
      return answer_request(context, request, token);
    } catch (const std::exception& problem) {  // a handler's bug must not take the server with it
      return failed(problem);
    }
  }

  Response failed(const std::exception&) {
    context.deps.counters.count("api.failed");
    return error_response({"internal", "this request could not be answered"});
  }

  static Response too_many_wait() { return error_response({"too_many", "too many requests wait already"}); }

  // Asks a deferred answer now and then until it is there.
  asio::awaitable<Response> settle(Answer answer) {
    if (auto* response = std::get_if<Response>(&answer)) co_return std::move(*response);
    if (context.waiting >= context.settings.limits.waiting) {
      context.refuse("waiting");
      co_return too_many_wait();
    }
    const Counted counted(context.waiting);
    const auto deferred = std::move(std::get<std::unique_ptr<Deferred>>(answer));
    asio::steady_timer timer(*io);
    for (base::Duration waited{0}; waited < deferred->patience().value_or(context.settings.limits.wait);
         waited += kAskAgain) {
      if (auto response = ask(*deferred)) co_return std::move(*response);
      timer.expires_after(kAskAgain);
      auto [error] = co_await timer.async_wait(kAwait);
      if (error) break;
    }
    co_return deferred->give_up();
  }

  std::optional<Response> ask(Deferred& deferred) {
    try {
      return deferred.poll();
    } catch (const std::exception& problem) {
      return failed(problem);
    }
  }
};

HttpServer::HttpServer(HttpSettings settings, Dependencies dependencies)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(dependencies))) {}

HttpServer::~HttpServer() { stop(); }

base::Result<std::string> HttpServer::start() {
  const auto& listen = impl_->context.settings.listen;
  const auto& shared = impl_->context.settings.shared;
  const auto endpoint = endpoint_of(listen, "http.listen");
  if (!endpoint) return std::unexpected(endpoint.error());
  impl_->io = std::make_unique<asio::io_context>(1);
  impl_->acceptor = std::make_unique<tcp::acceptor>(*impl_->io);
  impl_->shared_acceptor = std::make_unique<tcp::acceptor>(*impl_->io);
  if (const auto error = listen_on(*impl_->acceptor, *endpoint))
    return base::fail("http_listen", listen + ": " + error.message());
  if (!shared.empty()) {
    const auto shared_endpoint = endpoint_of(shared, "http.shared");
    if (!shared_endpoint) return std::unexpected(shared_endpoint.error());
    if (auto tried = impl_->try_shared(*shared_endpoint); !tried) return std::unexpected(tried.error());
  }
  auto bound = text_of(impl_->acceptor->local_endpoint());
  asio::co_spawn(*impl_->io, impl_->accept_all(*impl_->acceptor), asio::detached);
  impl_->thread = std::thread([this] {
    base::name_this_thread("http");
    impl_->io->run();
  });
  return bound;
}

bool HttpServer::holds_shared() const noexcept { return impl_->shared_held != 0; }

void HttpServer::stop() {
  if (!impl_->io) return;
  impl_->io->stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->acceptor.reset();
  impl_->shared_acceptor.reset();
  impl_->io.reset();
}

}  // namespace lenne::api
