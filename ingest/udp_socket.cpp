#include "ingest/udp_socket.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <vector>

namespace lenne::ingest {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMaxDatagram = 65'536;
/// Answers that find the send buffer full may wait this long for room.
constexpr int kSendPatienceMs = 20;

struct SystemAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SystemAddress to_system(const SocketAddress& address) {
  SystemAddress out;
  if (address.v6) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(address.port);
    std::memcpy(&in.sin6_addr, address.ip.data(), 16);
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = sizeof in;
  } else {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    std::memcpy(&in.sin_addr, address.ip.data(), 4);
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = sizeof in;
  }
  return out;
}

SocketAddress from_system(const sockaddr_storage& storage) {
  SocketAddress address;
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    address.v6 = true;
    address.port = ntohs(in.sin6_port);
    std::memcpy(address.ip.data(), &in.sin6_addr, 16);
  } else {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    address.port = ntohs(in.sin_port);
    std::memcpy(address.ip.data(), &in.sin_addr, 4);
  }
  return address;
}

std::unexpected<base::Error> system_error(const char* code, const char* what) {
  return base::fail(code, fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

struct UdpSocket::Impl {
  int socket = -1;
  int interrupted = -1;  // an eventfd
  std::atomic<std::uint64_t> dropped{0};
  std::uint32_t dropped_seen = 0;  // the system's counter has 32 bits

  struct Slot {
    sockaddr_storage from{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint32_t))> control{};
  };
  std::vector<std::uint8_t> space = std::vector<std::uint8_t>(kBatch * kMaxDatagram);
  std::array<Slot, kBatch> slots{};
  std::array<iovec, kBatch> vectors{};
  std::array<mmsghdr, kBatch> messages{};
  std::array<Datagram, kBatch> received{};

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (socket >= 0) ::close(socket);
    if (interrupted >= 0) ::close(interrupted);
  }

  void prepare() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {space.data() + i * kMaxDatagram, kMaxDatagram};
      messages[i] = {};
      messages[i].msg_hdr.msg_name = &slots[i].from;
      messages[i].msg_hdr.msg_namelen = sizeof slots[i].from;
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = slots[i].control.data();
      messages[i].msg_hdr.msg_controllen = slots[i].control.size();
    }
  }

  void note_dropped(msghdr& header) {
    for (auto* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL) continue;
      std::uint32_t count = 0;
      std::memcpy(&count, CMSG_DATA(c), sizeof count);
      // Later datagrams never carry a smaller count; the difference is right across the wrap.
      dropped.fetch_add(count - dropped_seen, std::memory_order_relaxed);
      dropped_seen = count;
    }
  }

  [[nodiscard]] bool room_to_send() const {
    pollfd waiting{socket, POLLOUT, 0};
    return ::poll(&waiting, 1, kSendPatienceMs) > 0;
  }
};

UdpSocket::UdpSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
UdpSocket::~UdpSocket() = default;
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;

base::Result<UdpSocket> UdpSocket::open(const SocketAddress& local, std::size_t receive_buffer_bytes) {
  auto impl = std::make_unique<Impl>();
  impl->socket = ::socket(local.v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (impl->socket < 0) return system_error("socket_failed", "UDP socket");
  impl->interrupted = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (impl->interrupted < 0) return system_error("socket_failed", "eventfd");
  const int on = 1;
  const int size = static_cast<int>(std::min<std::size_t>(receive_buffer_bytes, 1u << 30));
  if (::setsockopt(impl->socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) != 0)
    return system_error("socket_failed", "SO_RXQ_OVFL");
  // Beyond the system's limit only with CAP_NET_ADMIN; otherwise as much as the limit allows.
  if (::setsockopt(impl->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0 &&
      ::setsockopt(impl->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) != 0) {
    return system_error("socket_failed", "SO_RCVBUF");
  }
  const auto address = to_system(local);
  if (::bind(impl->socket, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    return system_error("bind_failed", to_text(local).c_str());
  }
  return UdpSocket(std::move(impl));
}

SocketAddress UdpSocket::local() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(impl_->socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return from_system(storage);
}

std::size_t UdpSocket::receive_buffer_bytes() const {
  int bytes = 0;
  socklen_t size = sizeof bytes;
  if (::getsockopt(impl_->socket, SOL_SOCKET, SO_RCVBUF, &bytes, &size) != 0) return 0;
  return static_cast<std::size_t>(bytes);
}

bool UdpSocket::wait() {
  std::array<pollfd, 2> waiting{pollfd{impl_->socket, POLLIN, 0}, pollfd{impl_->interrupted, POLLIN, 0}};
  ::poll(waiting.data(), waiting.size(), -1);
  return (waiting[1].revents & POLLIN) == 0;
}

bool UdpSocket::pause(base::Duration duration) {
  pollfd waiting{impl_->interrupted, POLLIN, 0};
  const timespec patience{duration.count() / 1'000'000, duration.count() % 1'000'000 * 1'000};
  ::ppoll(&waiting, 1, &patience, nullptr);
  return (waiting.revents & POLLIN) == 0;
}

std::span<const Datagram> UdpSocket::receive(const base::Clock& clock) {
  impl_->prepare();
  const int count = ::recvmmsg(impl_->socket, impl_->messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (count <= 0) return {};
  const auto now = clock.now();
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    auto& message = impl_->messages[i];
    impl_->note_dropped(message.msg_hdr);
    const base::ByteView bytes(static_cast<const std::uint8_t*>(impl_->vectors[i].iov_base), message.msg_len);
    impl_->received[i] = {bytes, from_system(impl_->slots[i].from), now};
  }
  return std::span(impl_->received).first(static_cast<std::size_t>(count));
}

std::uint64_t UdpSocket::dropped() const { return impl_->dropped.load(std::memory_order_relaxed); }

void UdpSocket::interrupt() {
  const std::uint64_t one = 1;
  if (::write(impl_->interrupted, &one, sizeof one) < 0) return;  // full: it is interrupted already
}

bool UdpSocket::send(const SocketAddress& to, base::ByteView datagram) {
  const auto address = to_system(to);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto sent = ::sendto(impl_->socket, datagram.data(), datagram.size(), 0,
                               reinterpret_cast<const sockaddr*>(&address.storage), address.size);
    if (sent == static_cast<ssize_t>(datagram.size())) return true;
    if (sent >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || !impl_->room_to_send()) return false;
  }
  return false;
}

std::size_t UdpSocket::send(std::span<const Reply> replies) {
  std::array<SystemAddress, kBatch> endpoints;
  std::array<Acknowledgement, kBatch> bytes{};
  std::array<iovec, kBatch> vectors{};
  std::array<mmsghdr, kBatch> messages{};
  std::size_t sent = 0;
  for (std::size_t at = 0; at < replies.size();) {
    const auto count = std::min(kBatch, replies.size() - at);
    for (std::size_t i = 0; i < count; ++i) {
      endpoints[i] = to_system(replies[at + i].to);
      bytes[i] = replies[at + i].bytes;
      vectors[i] = {bytes[i].data(), bytes[i].size()};
      messages[i] = {};
      messages[i].msg_hdr.msg_name = &endpoints[i].storage;
      messages[i].msg_hdr.msg_namelen = endpoints[i].size;
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int done = ::sendmmsg(impl_->socket, messages.data(), static_cast<unsigned>(count), 0);
    if (done > 0) {
      sent += static_cast<std::size_t>(done);
      at += static_cast<std::size_t>(done);
    } else if ((errno == EAGAIN || errno == EWOULDBLOCK) && impl_->room_to_send()) {
      continue;
    } else {
      ++at;  // this one cannot be sent (no route, an impossible port): the others can
    }
  }
  return sent;
}

}  // namespace lenne::ingest
