// Uplinks of many ABP devices at a fixed rate, each heard by several gateways: frames are built ahead, so that sending
// costs little. Prints a line of JSON; with --documents the documents that declare what it sends.
//   uplinks --documents DEVICES GATEWAYS
//   uplinks HOST PORT DEVICES GATEWAYS COPIES RATE SECONDS FIRST_F_CNT

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "ingest/semtech_udp_gateway.hpp"
#include "network/lorawan/build.hpp"
#include "tests/bench/processor_time.hpp"

namespace {

using namespace lenne;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::uint64_t kFirstDevice = 0x0300000000000000;
constexpr std::uint64_t kFirstGateway = 0x0400000000000000;
constexpr std::uint32_t kFirstAddress = 0x00100000;
constexpr std::size_t kBatch = 64;
constexpr std::array<std::uint32_t, 3> kChannels{868'100'000, 868'300'000, 868'500'000};

network::lorawan::SessionKeys keys() {
  network::lorawan::SessionKeys all;
  all.f_nwk_s_int_key.bytes.fill(1);
  all.s_nwk_s_int_key = all.nwk_s_enc_key = all.f_nwk_s_int_key;
  all.app_s_key.bytes.fill(2);
  return all;
}

void print_documents(std::size_t devices, std::size_t gateways) {
  fmt::print("[{{\"kind\":\"Tenant\",\"name\":\"bench\"}},");
  fmt::print("{{\"kind\":\"Profile\",\"name\":\"room\",\"schema\":\"elsys/ers\",\"nominal_interval_s\":600}}");
  for (std::size_t i = 0; i < gateways; ++i)
    fmt::print(",\n{{\"kind\":\"Gateway\",\"gateway_id\":\"{:016x}\",\"tenant\":\"bench\"}}", kFirstGateway + i);
  const auto nwk = base::to_hex(base::ByteView(keys().f_nwk_s_int_key.bytes));
  const auto app = base::to_hex(base::ByteView(keys().app_s_key.bytes));
  for (std::size_t i = 0; i < devices; ++i) {
    fmt::print(
        ",\n{{\"kind\":\"Device\",\"dev_eui\":\"{:016x}\",\"name\":\"d{}\",\"tenant\":\"bench\",\"profile\":\"room\","
        "\"region\":\"EU868\","
        "\"mac_version\":\"1.0.4\",\"activation\":\"ABP\",\"join_eui\":\"0000000000000000\",\"dev_addr\":\"{:08x}\","
        "\"nwk_s_key\":\"{}\",\"app_s_key\":\"{}\"}}",
        kFirstDevice + i, i, kFirstAddress + i, nwk, app);
  }
  fmt::print("]\n");
}

struct Plan {
  std::size_t devices, gateways, copies, rate, seconds;
  std::uint32_t first_f_cnt;
};

/// All datagrams in one piece of memory, in the order of sending.
struct Datagrams {
  struct One {
    std::size_t offset;
    std::uint32_t size;
    std::uint32_t gateway;
  };
  base::Bytes bytes;
  std::vector<One> all;
};

Datagrams build(const Plan& plan) {
  Datagrams datagrams;
  base::crypto::Aes128 aes;
  const auto session = keys();
  const auto frames = plan.rate * plan.seconds;
  datagrams.all.reserve(frames * plan.copies);
  std::vector<std::uint16_t> tokens(plan.gateways);
  for (std::size_t i = 0; i < frames; ++i) {
    // 7919 is a prime: neighbours in time are no neighbours in memory.
    const auto device = i % plan.devices * 7919 % plan.devices;
    const std::array<std::uint8_t, 6> payload{0x01, 0x00, static_cast<std::uint8_t>(200 + i % 40), 0x02, 0x32, 0x07};
    network::lorawan::DataSpec spec;
    spec.dev_addr = {kFirstAddress + static_cast<std::uint32_t>(device)};
    spec.f_cnt = plan.first_f_cnt + static_cast<std::uint32_t>(i / plan.devices);
    spec.f_port = 5;
    spec.payload = base::ByteView(payload).first(5);
    const auto frame = network::lorawan::build_data(aes, network::lorawan::Version::v1_0, session, spec).value();
    for (std::size_t copy = 0; copy < plan.copies; ++copy) {
      ingest::RxFrame rx;
      rx.size = static_cast<std::uint8_t>(frame.size());
      std::ranges::copy(frame, rx.payload.begin());
      rx.coding_rate = 5;
      rx.tmst = static_cast<std::uint32_t>(i * 1'000'000 / plan.rate);
      rx.frequency_hz = kChannels[i % kChannels.size()];
      rx.rate = {7, 125'000, 0};
      rx.rssi_dbm = -80 - static_cast<std::int32_t>(copy);
      rx.snr_tenths_db = 70;
      const auto gateway = (device + copy * 7) % plan.gateways;
      const auto datagram =
          ingest::encode_push_data(2, ++tokens[gateway], base::GatewayId{kFirstGateway + gateway}, std::span(&rx, 1));
      datagrams.all.push_back(
          {datagrams.bytes.size(), static_cast<std::uint32_t>(datagram.size()), static_cast<std::uint32_t>(gateway)});
      datagrams.bytes.insert(datagrams.bytes.end(), datagram.begin(), datagram.end());
    }
  }
  return datagrams;
}

class Sockets {
 public:
  Sockets(const char* host, std::uint16_t port, std::size_t count) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    if (::inet_pton(AF_INET, host, &to.sin_addr) != 1) std::exit(2);
    for (std::size_t i = 0; i < count; ++i) {
      const int handle = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      const int room = 4 << 20;
      ::setsockopt(handle, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
      ::setsockopt(handle, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
      // Each gateway has an address of its own, as outside.
      sockaddr_in own{};
      own.sin_family = AF_INET;
      own.sin_addr.s_addr = htonl(0x7f010001U + static_cast<std::uint32_t>(i));
      if (::bind(handle, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
          ::connect(handle, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        std::perror("socket");
        std::exit(2);
      }
      handles_.push_back(handle);
      waiting_.emplace_back();
    }
  }
  ~Sockets() {
    for (const auto handle : handles_) ::close(handle);
  }

  void add(std::size_t gateway, const std::uint8_t* data, std::size_t size) {
    waiting_[gateway].push_back({const_cast<std::uint8_t*>(data), size});
    if (waiting_[gateway].size() == kBatch) flush(gateway);
  }
  void flush() {
    for (std::size_t i = 0; i < handles_.size(); ++i) flush(i);
  }
  void pull() {
    for (std::size_t i = 0; i < handles_.size(); ++i) {
      const auto datagram = ingest::encode_pull_data(2, 1, base::GatewayId{kFirstGateway + i});
      static_cast<void>(::send(handles_[i], datagram.data(), datagram.size(), MSG_NOSIGNAL));
    }
  }
  /// How many PUSH_ACKs have come.
  std::size_t acknowledgements() {
    std::size_t count = 0;
    std::array<std::array<std::uint8_t, 512>, kBatch> buffers;
    std::array<iovec, kBatch> vectors;
    std::array<mmsghdr, kBatch> messages;
    for (const auto handle : handles_) {
      for (int got = static_cast<int>(kBatch); got == static_cast<int>(kBatch);) {
        for (std::size_t i = 0; i < kBatch; ++i) {
          vectors[i] = {buffers[i].data(), buffers[i].size()};
          messages[i] = {};
          messages[i].msg_hdr.msg_iov = &vectors[i];
          messages[i].msg_hdr.msg_iovlen = 1;
        }
        got = ::recvmmsg(handle, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
        for (int i = 0; i < got; ++i) count += buffers[static_cast<std::size_t>(i)][3] == 1;
      }
    }
    return count;
  }
  std::size_t refused = 0;  ///< by the machine, not by the server

 private:
  void flush(std::size_t gateway) {
    auto& waiting = waiting_[gateway];
    std::array<mmsghdr, kBatch> messages{};
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      messages[i].msg_hdr.msg_iov = &waiting[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (std::size_t sent = 0; sent < waiting.size();) {
      const auto done =
          ::sendmmsg(handles_[gateway], messages.data() + sent, static_cast<unsigned>(waiting.size() - sent), 0);
      if (done < 0) ++refused;
      sent += done > 0 ? static_cast<std::size_t>(done) : 1;
    }
    waiting.clear();
  }

  std::vector<int> handles_;
  std::vector<std::vector<iovec>> waiting_;
};

void run(const char* host, std::uint16_t port, const Plan& plan) {
  const auto datagrams = build(plan);
  Sockets sockets(host, port, plan.gateways);
  sockets.pull();
  std::this_thread::sleep_for(200ms);
  static_cast<void>(sockets.acknowledgements());
  const auto before = bench::processor_seconds();
  const auto began = Steady::now();
  std::size_t acknowledged = 0;
  for (std::size_t next = 0; next < datagrams.all.size();) {
    const auto elapsed = std::chrono::duration<double>(Steady::now() - began).count();
    const auto due = std::min(datagrams.all.size(),
                              static_cast<std::size_t>(elapsed * static_cast<double>(plan.rate)) * plan.copies);
    for (; next < due; ++next) {
      const auto& one = datagrams.all[next];
      sockets.add(one.gateway, datagrams.bytes.data() + one.offset, one.size);
    }
    sockets.flush();
    acknowledged += sockets.acknowledgements();
    std::this_thread::sleep_for(2ms);
  }
  const auto seconds = std::chrono::duration<double>(Steady::now() - began).count();
  const auto spent = bench::processor_seconds() - before;
  for (const auto end = Steady::now() + 3s; Steady::now() < end && acknowledged < datagrams.all.size();) {
    std::this_thread::sleep_for(10ms);
    acknowledged += sockets.acknowledgements();
  }
  fmt::print(
      "{{\"uplinks\":{},\"datagrams\":{},\"acknowledged\":{},\"refused_by_machine\":{},\"seconds\":{:.3f},\"cpu_s\":{:."
      "3f}}}\n",
      plan.rate * plan.seconds, datagrams.all.size(), acknowledged, sockets.refused, seconds, spent);
}

}  // namespace

int main(int count, char** words) {
  const auto number = [&](int i) { return static_cast<std::size_t>(std::strtoull(words[i], nullptr, 10)); };
  if (count == 4 && std::string_view(words[1]) == "--documents") {
    print_documents(number(2), number(3));
    return 0;
  }
  if (count != 9) {
    fmt::print(stderr, "uplinks HOST PORT DEVICES GATEWAYS COPIES RATE SECONDS FIRST_F_CNT\n");
    return 2;
  }
  run(words[1], static_cast<std::uint16_t>(number(2)),
      {number(3), number(4), number(5), number(6), number(7), static_cast<std::uint32_t>(number(8))});
  return 0;
}
