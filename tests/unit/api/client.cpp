#include "tests/unit/api/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <cctype>

namespace lenne::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;

namespace {

tcp::endpoint loopback(unsigned short port) { return {asio::ip::make_address("127.0.0.1"), port}; }

}  // namespace

struct Connection::Socket {
  asio::io_context io;
  tcp::socket stream{io};
};

Connection::Connection(unsigned short port) : socket_(std::make_unique<Socket>()) {
  socket_->stream.connect(loopback(port));
}
Connection::Connection(Connection&& other) noexcept = default;
Connection::~Connection() = default;

void Connection::send(std::string_view bytes) {
  beast::error_code error;
  asio::write(socket_->stream, asio::buffer(bytes), error);
}

Reply Connection::read(bool head) {
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.skip(head);
  parser.body_limit(64 * 1024 * 1024);
  beast::error_code error;
  http::read(socket_->stream, buffer, parser, error);
  if (!parser.is_header_done()) return {};
  Reply reply{parser.get().result_int(), parser.get().body(), {}, nullptr};
  for (const auto& field : parser.get()) {
    std::string name(field.name_string());
    for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    reply.headers[name] = std::string(field.value());
  }
  return reply;
}

void Connection::close() { socket_->stream.close(); }

struct LiveSocket::Socket {
  asio::io_context io;
  websocket::stream<tcp::socket> stream{io};
};

LiveSocket::LiveSocket(unsigned short port, const std::string& target) : socket_(std::make_unique<Socket>()) {
  socket_->stream.next_layer().connect(loopback(port));
  socket_->stream.handshake("lenne", target);
}
LiveSocket::LiveSocket(LiveSocket&& other) noexcept = default;
LiveSocket::~LiveSocket() = default;

std::string LiveSocket::read() {
  beast::flat_buffer buffer;
  socket_->stream.read(buffer);
  return beast::buffers_to_string(buffer.data());
}

std::optional<unsigned> LiveSocket::read_end() {
  beast::flat_buffer buffer;
  beast::error_code error;
  socket_->stream.read(buffer, error);
  if (!error) return std::nullopt;
  return error == websocket::error::closed ? socket_->stream.reason().code : 0U;
}

void LiveSocket::close() { socket_->stream.close(websocket::close_code::normal); }

}  // namespace lenne::api
