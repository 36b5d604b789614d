#include "app/replay/recorder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/replay/recording.hpp"
#include "base/thread_name.hpp"

namespace lenne::app {
namespace {

/// An entry's own bytes beside its datagram: length, times, address.
constexpr std::size_t kAround = 64;

/// Where to go on in a file that is there.
base::Result<std::uint64_t> end_of(const std::filesystem::path& file) {
  auto reader = RecordingReader::open(file);
  if (!reader) return std::unexpected(reader.error());
  v1::RecordingEntry entry;
  while ((*reader)->next(entry)) {
  }
  return (*reader)->whole();
}

}  // namespace

base::Result<std::unique_ptr<Recorder>> Recorder::open(const std::filesystem::path& file, base::Counters& counters,
                                                       Limits limits) {
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(file, ignored) || std::filesystem::file_size(file, ignored) == 0;
  const auto end = is_new ? base::Result<std::uint64_t>(0) : end_of(file);
  if (!end) return std::unexpected(end.error());
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return base::fail("recording_open", fmt::format("{}: {}", file.string(), std::strerror(errno)));
  std::unique_ptr<Recorder> recorder(new Recorder(descriptor, *end, counters, limits));
  const auto place = static_cast<off_t>(*end);
  bool good = ::ftruncate(descriptor, place) == 0 && ::lseek(descriptor, place, SEEK_SET) == place;
  if (good && is_new) {
    good = recorder->write(kRecordingMagic);
    recorder->size_ = kRecordingMagic.size();
  }
  if (!good) return base::fail("recording_open", fmt::format("{}: {}", file.string(), std::strerror(errno)));
  recorder->writer_ = std::jthread([self = recorder.get()](const std::stop_token& stop) {
    base::name_this_thread("recorder");
    self->write_on(stop);
  });
  return recorder;
}

Recorder::Recorder(int file, std::uint64_t size, base::Counters& counters, Limits limits)
    : file_(file),
      limits_(limits),
      lost_(counters.cell("recording.lost")),
      bytes_(counters.cell("recording.bytes")),
      size_(size) {}

Recorder::~Recorder() {
  if (writer_.joinable()) {
    writer_.request_stop();
    writer_.join();
  }
  ::close(file_);
}

bool Recorder::room_for(std::size_t bytes) const {
  return !broken_ && filling_.size() + bytes <= limits_.buffer && size_ + bytes <= limits_.file;
}

void Recorder::add(v1::RecordedDatagram& to, const ingest::SocketAddress& address, base::ByteView datagram,
                   base::Timestamp at) {
  to.set_time_us(base::to_us(at));
  set_address(to, address);
  to.set_datagram(datagram.data(), datagram.size());
  if (!room_for(datagram.size() + 2 * kAround)) {
    ++lost_;
    ++unsaid_;
    return;
  }
  if (unsaid_ > 0) {
    v1::RecordingEntry gap;
    gap.set_lost(std::exchange(unsaid_, 0));
    append(gap);
  }
  append(entry_);
}

void Recorder::append(const v1::RecordingEntry& entry) {
  const auto before = filling_.size();
  append_entry(filling_, entry);
  size_ += filling_.size() - before;
}

/// Changes the buffer, and wakes the writer only when there is something new for it to do.
template <typename Change>
void Recorder::fill(Change&& change) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    const auto before = filling_.size();
    change();
    wake = (before == 0 && !filling_.empty()) || (before < kGroup && filling_.size() >= kGroup);
  }
  if (wake) filled_.notify_one();
}

void Recorder::started(const ingest::Identity& identity, base::Timestamp now) {
  fill([&] {
    auto& start = *entry_.mutable_start();
    start.set_time_us(base::to_us(now));
    start.set_instance(identity.instance);
    start.set_incarnation(identity.incarnation);
    start.set_version(LENNE_VERSION);
    append(entry_);
  });
}

void Recorder::received(std::span<const ingest::Datagram> datagrams) {
  if (datagrams.empty()) return;
  fill([&] {
    for (const auto& one : datagrams) add(*entry_.mutable_received(), one.source, one.bytes, one.received);
  });
}

void Recorder::acknowledged(std::span<const ingest::Reply> replies, base::Timestamp at) {
  if (replies.empty()) return;
  fill([&] {
    for (const auto& reply : replies) add(*entry_.mutable_sent(), reply.to, reply.bytes, at);
  });
}

void Recorder::sent(const ingest::SocketAddress& to, base::ByteView datagram, base::Timestamp at) {
  fill([&] { add(*entry_.mutable_sent(), to, datagram, at); });
}

void Recorder::write_on(const std::stop_token& stop) {
  std::string writing;
  for (;;) {
    writing.clear();
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, stop, [&] { return !filling_.empty(); });
      filled_.wait_for(lock, stop, kHold, [&] { return filling_.size() >= kGroup; });
      std::swap(writing, filling_);
    }
    if (writing.empty()) return;  // stopped, and nothing is left
    if (write(writing)) {
      bytes_ += writing.size();
      continue;
    }
    spdlog::error("the recording ends here: {}", std::strerror(errno));
    const std::lock_guard lock(mutex_);
    broken_ = true;
    filling_.clear();
  }
}

bool Recorder::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace lenne::app
