#pragma once
// Recordings of datagrams: their format (proto/lenne/v1/recording.proto) and how they are read.

#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <string>
#include <string_view>

#include <google/protobuf/io/zero_copy_stream_impl.h>

#include "base/error.hpp"
#include "ingest/socket_address.hpp"
#include "lenne/v1/recording.pb.h"

namespace lenne::app {

inline constexpr std::string_view kRecordingMagic = "lenne-recording 1\n";

/// Appends an entry as it stands in a file.
void append_entry(std::string& out, const v1::RecordingEntry& entry);

void set_address(v1::RecordedDatagram& datagram, const ingest::SocketAddress& address);
/// Any bytes give an address; those of no IP address give 0.0.0.0.
[[nodiscard]] ingest::SocketAddress address_of(const v1::RecordedDatagram& datagram);

/// One thread.
class RecordingReader {
 public:
  /// Errors: recording_open (it cannot be read), recording_format (it is no recording).
  [[nodiscard]] static base::Result<std::unique_ptr<RecordingReader>> open(const std::filesystem::path& file);

  /// The same for bytes in memory.
  [[nodiscard]] static base::Result<std::unique_ptr<RecordingReader>> of(std::string bytes);

  /// False at the end, and where it cannot be read any further.
  [[nodiscard]] bool next(v1::RecordingEntry& entry);
  /// The end of the last whole entry, in bytes from the beginning.
  [[nodiscard]] std::uint64_t whole() const noexcept { return whole_; }
  /// Bytes behind it; more than 0 after next() has said false: the end is damaged.
  [[nodiscard]] std::uint64_t rest() const noexcept { return size_ - whole_; }

 private:
  [[nodiscard]] static base::Result<std::unique_ptr<RecordingReader>> begin(std::unique_ptr<std::istream> bytes,
                                                                            std::uint64_t size,
                                                                            const std::string& name);
  RecordingReader(std::unique_ptr<std::istream> bytes, std::uint64_t size);

  std::unique_ptr<std::istream> bytes_;
  google::protobuf::io::IstreamInputStream stream_;
  std::uint64_t size_;
  std::uint64_t whole_ = 0;
};

}  // namespace lenne::app
