#pragma once
// What the server's coroutines share. The only header that includes Asio and Beast; for http_server.cpp and live.cpp.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <string>

#include "api/context.hpp"
#include "api/request.hpp"

namespace lenne::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;

/// Completion as a tuple (error, result): an error of the network is a value here, too.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// Counts itself in a number for as long as it lives.
class Counted {
 public:
  explicit Counted(std::size_t& number) : number_(number) { ++number_; }
  ~Counted() { --number_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& number_;
};

/// The message that a response becomes. HEAD: the length without the body.
[[nodiscard]] http::response<http::string_body> message_of(Response response, bool head, bool cors, unsigned version,
                                                           bool keep_alive);

/// Writes a response. False: the connection is of no more use.
[[nodiscard]] asio::awaitable<bool> write_response(beast::tcp_stream& stream, http::response<http::string_body> message,
                                                   base::Duration timeout);

/// Serves one WebSocket until either side has had enough. What is wrong with the request is answered over HTTP.
[[nodiscard]] asio::awaitable<void> serve_live(Context& context, beast::tcp_stream stream,
                                               http::request<http::string_body> upgrade, Request request,
                                               std::string token);

}  // namespace lenne::api
