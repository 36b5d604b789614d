#include "ingest/socket_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace lenne::ingest {
namespace {

std::optional<SocketAddress> parse_ip(std::string_view host, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN + 1> text{};
  if (host.size() >= text.size()) return std::nullopt;
  std::copy(host.begin(), host.end(), text.begin());
  SocketAddress address;
  address.port = port;
  if (inet_pton(AF_INET, text.data(), address.ip.data()) == 1) return address;
  address.v6 = true;
  if (inet_pton(AF_INET6, text.data(), address.ip.data()) == 1) return address;
  return std::nullopt;
}

}  // namespace

std::string to_text(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN + 1> text{};
  if (inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.ip.data(), text.data(), text.size()) == nullptr) return {};
  return address.v6 ? fmt::format("[{}]:{}", text.data(), address.port)
                    : fmt::format("{}:{}", text.data(), address.port);
}

std::optional<SocketAddress> parse_socket_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = parse_ip(host, port);
  if (address && address->v6 != bracketed) return std::nullopt;
  return address;
}

std::optional<SocketAddress> make_socket_address(std::string_view host, std::uint16_t port) {
  return parse_ip(host == "localhost" ? "127.0.0.1" : host, port);
}

}  // namespace lenne::ingest
