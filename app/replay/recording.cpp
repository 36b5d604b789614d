#include "app/replay/recording.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

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
  std::error_code problem;
  const auto size = std::filesystem::file_size(file, problem);
  auto bytes = std::make_unique<std::ifstream>(file, std::ios::binary);
  if (problem || !*bytes) return base::fail("recording_open", fmt::format("{}: cannot be read", file.string()));
  return begin(std::move(bytes), size, file.string());
}

base::Result<std::unique_ptr<RecordingReader>> RecordingReader::of(std::string bytes) {
  const auto size = bytes.size();
  return begin(std::make_unique<std::istringstream>(std::move(bytes)), size, "the recording");
}

base::Result<std::unique_ptr<RecordingReader>> RecordingReader::begin(std::unique_ptr<std::istream> bytes,
                                                                      std::uint64_t size, const std::string& name) {
  std::string magic(kRecordingMagic.size(), '\0');
  if (!bytes->read(magic.data(), static_cast<std::streamsize>(magic.size())) || magic != kRecordingMagic)
    return base::fail("recording_format", fmt::format("{}: is no recording", name));
  return std::unique_ptr<RecordingReader>(new RecordingReader(std::move(bytes), size));
}

RecordingReader::RecordingReader(std::unique_ptr<std::istream> bytes, std::uint64_t size)
    : bytes_(std::move(bytes)), stream_(bytes_.get(), 1 << 16), size_(size), whole_(kRecordingMagic.size()) {}

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
