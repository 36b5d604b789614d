#pragma once
// A plain HTTP and WebSocket client. Asio and Beast stay in client.cpp: they take long to compile.

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lenne::api {

struct Reply {
  unsigned status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case

  mutable boost::json::value parsed = nullptr;

  [[nodiscard]] const boost::json::object& json() const {
    boost::json::error_code error;
    parsed = boost::json::parse(body, error);
    EXPECT_FALSE(error || !parsed.is_object()) << body;
    return parsed.is_object() ? parsed.get_object() : parsed.emplace_object();
  }
  [[nodiscard]] boost::json::array items() const { return json().at("items").as_array(); }
};

/// A connection to a port of the loopback.
class Connection {
 public:
  explicit Connection(unsigned short port);
  Connection(Connection&& other) noexcept;
  ~Connection();

  /// Sends bytes as they are. Not all of them if the server closes early: then what it said is still to be read.
  void send(std::string_view bytes);
  /// The next answer; status 0: the server closed. `head`: it is the answer to a HEAD, without a body.
  [[nodiscard]] Reply read(bool head = false);
  void close();

 private:
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

/// A WebSocket to a port of the loopback.
class LiveSocket {
 public:
  /// Throws when the server refuses.
  LiveSocket(unsigned short port, const std::string& target);
  LiveSocket(LiveSocket&& other) noexcept;
  ~LiveSocket();

  /// The next message; throws when there is none any more.
  [[nodiscard]] std::string read();
  /// How it ends, when the server ends it next: the close code, 0 without one. Nothing: a message came instead.
  [[nodiscard]] std::optional<unsigned> read_end();
  void close();

 private:
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

}  // namespace lenne::api
