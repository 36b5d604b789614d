#pragma once
// Writes a recording while the server works. Who tells it of datagrams only copies them into a buffer; a thread of its
// own writes that to the file.

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/counters.hpp"
#include "base/error.hpp"
#include "ingest/datagram_tap.hpp"
#include "lenne/v1/recording.pb.h"

namespace lenne::app {

/// Any thread may call it. A kill loses at most the buffer: what came in the last kHold, or the last kGroup bytes.
/// What does not fit (a slow disk, a full one, a file at its limit) is left out, and counted under `recording.lost`;
/// the server goes on.
class Recorder final : public ingest::DatagramTap {
 public:
  static constexpr std::size_t kGroup = std::size_t{256} << 10;
  static constexpr base::Duration kHold = std::chrono::milliseconds{200};
  struct Limits {
    std::size_t buffer = std::size_t{8} << 20;
    std::uint64_t file = std::uint64_t{8} << 30;  ///< some 30 million datagrams
  };

  /// Goes on where an earlier recording ends, after its last whole entry; a new file has mode 0600.
  /// Errors: recording_open, recording_format (there is a file that is no recording).
  [[nodiscard]] static base::Result<std::unique_ptr<Recorder>> open(const std::filesystem::path& file,
                                                                    base::Counters& counters, Limits limits);
  [[nodiscard]] static base::Result<std::unique_ptr<Recorder>> open(const std::filesystem::path& file,
                                                                    base::Counters& counters) {
    return open(file, counters, Limits{});
  }
  /// Writes what is in the buffer.
  ~Recorder() override;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void started(const ingest::Identity& identity, base::Timestamp now) override;
  void received(std::span<const ingest::Datagram> datagrams) override;
  void acknowledged(std::span<const ingest::Reply> replies, base::Timestamp at) override;
  void sent(const ingest::SocketAddress& to, base::ByteView datagram, base::Timestamp at) override;

 private:
  Recorder(int file, std::uint64_t size, base::Counters& counters, Limits limits);
  template <typename Change>
  void fill(Change&& change);
  /// All with the lock held.
  [[nodiscard]] bool room_for(std::size_t bytes) const;
  void add(v1::RecordedDatagram& to, const ingest::SocketAddress& address, base::ByteView datagram, base::Timestamp at);
  void append(const v1::RecordingEntry& entry);
  void write_on(const std::stop_token& stop);
  [[nodiscard]] bool write(std::string_view bytes) const;

  const int file_;
  const Limits limits_;
  base::Counters::Cell& lost_;
  base::Counters::Cell& bytes_;
  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::string filling_;
  std::uint64_t size_;        ///< of the file with all that is in the buffer
  std::uint64_t unsaid_ = 0;  ///< lost ones that the file does not tell of yet
  bool broken_ = false;
  v1::RecordingEntry entry_;
  std::jthread writer_;
};

}  // namespace lenne::app
