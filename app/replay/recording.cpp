#include "app/replay/recording.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <google/protobuf/util/delimited_message_util.h>

namespace lenne::app {

void append_entry(std::string& out, const v1::RecordingEntry& entry) {
  for (auto size = entry.ByteSizeLong();; size >>= 7) {
    out.push_back(static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
    if (size <= 0x7f) break;
  }
  entry.AppendToString(&out);
}

void set_address(v1::RecordedDatagram& datagram, const ingest::SocketAddress& address) {
  datagram.set_address(address.ip.data(), address.v6 ? 16 : 4);
  datagram.set_port(address.port);
}

ingest::SocketAddress address_of(const v1::RecordedDatagram& datagram) {
  ingest::SocketAddress address;
  const auto& ip = datagram.address();
  address.port = static_cast<std::uint16_t>(datagram.port());
  address.v6 = ip.size() == 16;
  if (ip.size() == 4 || ip.size() == 16) std::ranges::copy(ip, address.ip.begin());
  return address;
}

base::Result<std::unique_ptr<RecordingReader>> RecordingReader::open(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string magic(kRecordingMagic.size(), '\0');
  if (!stream) return base::fail("recording_open", fmt::format("{}: cannot be read", file.string()));
  if (!stream.read(magic.data(), static_cast<std::streamsize>(magic.size())) || magic != kRecordingMagic)
    return base::fail("recording_format", fmt::format("{}: is no recording", file.string()));
  std::error_code problem;
  const auto size = std::filesystem::file_size(file, problem);
  if (problem) return base::fail("recording_open", fmt::format("{}: {}", file.string(), problem.message()));
  return std::unique_ptr<RecordingReader>(new RecordingReader(std::move(stream), size));
}

RecordingReader::RecordingReader(std::ifstream file, std::uint64_t size)
    : file_(std::move(file)), stream_(&file_, 1 << 20), size_(size), whole_(kRecordingMagic.size()) {}

bool RecordingReader::next(v1::RecordingEntry& entry) {
  bool clean_end = false;
  entry.Clear();
  if (!google::protobuf::util::ParseDelimitedFromZeroCopyStream(&entry, &stream_, &clean_end)) return false;
  // A system that lost power may leave zeros behind: entries of nothing.
  if (entry.entry_case() == v1::RecordingEntry::ENTRY_NOT_SET) return false;
  whole_ = kRecordingMagic.size() + static_cast<std::uint64_t>(stream_.ByteCount());
  return true;
}

}  // namespace lenne::app
