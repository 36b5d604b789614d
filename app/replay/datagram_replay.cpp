#include "app/replay/datagram_replay.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "app/replay/declaration.hpp"
#include "app/replay/recording.hpp"
#include "app/replay/sent_tally.hpp"
#include "app/virtual_time.hpp"
#include "base/counters.hpp"
#include "base/crypto/sha256.hpp"
#include "ingest/semtech_udp_codec.hpp"

namespace lenne::app {
namespace {

namespace json = boost::json;
using base::Result;

/// Datagrams that come within this time are handled together, as a busy server does; a quarter of the time that copies
/// are collected, if that is shorter, so that no window is over before its first copy is known.
constexpr base::Duration kTogether = std::chrono::milliseconds{5};
constexpr std::size_t kMostTogether = 512;
/// How long the server lives after the recording's end: windows close, downlinks get or miss their answers.
constexpr base::Duration kAfterwards = std::chrono::seconds{15};
/// A killed server may not have told the recording of what it had just done.
constexpr base::Duration kUntold = std::chrono::seconds{1};
constexpr std::size_t kPoll = 10'000;
/// Of a recording that does not say it.
constexpr std::uint32_t kInstance = 1;

/// SHA-256 over what came before and the new bytes.
class Digest {
 public:
  void add(std::string_view label, base::ByteView bytes) {
    base::Bytes all(digest_.begin(), digest_.end());
    const auto name = base::as_bytes(label);
    all.insert(all.end(), name.begin(), name.end());
    all.push_back(0);
    all.insert(all.end(), bytes.begin(), bytes.end());
    digest_ = base::crypto::sha256(all);
  }
  [[nodiscard]] std::string text() const { return base::to_hex(digest_); }

 private:
  base::crypto::Digest digest_{};
};

class Run {
 public:
  Run(const json::array& documents, const Settings& settings, storage::Log& log, base::ManualClock& clock,
      const base::crypto::KeyVault& vault, std::shared_ptr<const decode::SchemaCatalog> catalog)
      : documents_(documents),
        settings_(settings),
        log_(log),
        clock_(clock),
        vault_(vault),
        catalog_(std::move(catalog)),
        together_(std::min(kTogether, settings.network.deduplication / 4)) {}

  Result<DatagramReplay> run(const std::vector<std::filesystem::path>& files) {
    for (const auto& file : files) {
      auto reader = RecordingReader::open(file);
      if (!reader) return std::unexpected(reader.error());
      v1::RecordingEntry entry;
      while ((*reader)->next(entry)) {
        if (auto done = take(entry); !done) return std::unexpected(done.error());
      }
      result_.unreadable += (*reader)->rest();
    }
    if (!begin_) return base::fail("recording_empty", "there is nothing in the recording");
    const auto end = std::max(end_, clock_.now());
    for (const auto step : {end, end + kAfterwards}) {
      if (auto done = time_->live_until(step); !done) return std::unexpected(done.error());
    }
    result_.span = end - *begin_;
    result_.sent = sent_.result(end - kUntold);
    if (auto read = read_results(); !read) return std::unexpected(read.error());
    result_.digest = digest_.text();
    return std::move(result_);
  }

 private:
  Result<void> take(const v1::RecordingEntry& entry) {
    switch (entry.entry_case()) {
      case v1::RecordingEntry::kStart:
        return start(entry.start());
      case v1::RecordingEntry::kReceived:
        return receive(entry.received());
      case v1::RecordingEntry::kSent: {
        const auto& sent = entry.sent();
        end_ = std::max(end_, base::from_us(sent.time_us()));
        sent_.recorded(address_of(sent), base::as_bytes(sent.datagram()), base::from_us(sent.time_us()));
        return {};
      }
      case v1::RecordingEntry::kLost:
        result_.lost += entry.lost();
        return {};
      case v1::RecordingEntry::ENTRY_NOT_SET:
        break;
    }
    return {};
  }

  /// A later start in a recording is a restart: what was not committed is gone, here too.
  Result<void> start(const v1::RecordingStart& start) {
    ++result_.starts;
    return open(base::from_us(start.time_us()), start.instance());
  }

  Result<void> open(base::Timestamp at, std::uint32_t instance) {
    if (server_) {
      // As long as it is known to have lived.
      if (auto lived = time_->live_until(std::max(end_, clock_.now())); !lived) return lived;
      time_.reset();
      server_.reset();
    }
    clock_.advance_to(at);
    end_ = std::max(end_, clock_.now());
    auto started = VirtualServer::start(settings_, {log_, clock_, vault_, catalog_, counters_},
                                        instance == 0 ? kInstance : instance);
    if (!started) return std::unexpected(started.error());
    server_ = std::move(*started);
    time_.emplace(*server_, clock_, together_, kMostTogether, [this](const SentDatagram& sent) { left(sent); });
    if (begin_) return time_->settle();
    begin_ = clock_.now();
    if (auto declared = declare_to(*server_, documents_, settings_, {log_, clock_, vault_, catalog_, counters_});
        !declared)
      return declared;
    return time_->settle();
  }

  Result<void> receive(const v1::RecordedDatagram& datagram) {
    const auto at = base::from_us(datagram.time_us());
    if (!server_) {
      if (auto opened = open(at, kInstance); !opened) return opened;
    }
    end_ = std::max(end_, at);
    if (!time_->may_wait_until(at)) {
      if (auto lived = time_->live_until(at); !lived) return lived;
    }
    clock_.advance_to(at);
    time_->receive(address_of(datagram), base::as_bytes(datagram.datagram()));
    ++result_.received;
    return {};
  }

  void left(const SentDatagram& datagram) {
    digest_.add(to_text(datagram.to), datagram.bytes);
    sent_.left(datagram.to, datagram.bytes, clock_.now());
    ++(is_downlink(datagram.bytes) ? result_.downlinks : result_.acknowledgements);
  }

  Result<void> read_results() {
    auto reader = log_.reader({storage::Topic::event, storage::Topic::measurement, storage::Topic::aggregate});
    if (!reader) return std::unexpected(reader.error());
    // Not the last values of aggregates, but each of their changes.
    if (auto sought = (*reader)->seek({storage::SeekTo::Where::token, "0"}); !sought) return sought;
    for (;;) {
      const auto poll = (*reader)->poll({}, kPoll);
      if (!poll) return std::unexpected(poll.error());
      if (poll->records.empty()) return {};
      for (const auto& record : poll->records) {
        digest_.add(storage::info_of(record.topic).name, base::as_bytes(record.value));
        if (record.topic == storage::Topic::event) ++result_.events;
        if (record.topic == storage::Topic::measurement) ++result_.measurements;
        if (record.topic == storage::Topic::aggregate) ++result_.aggregates;
      }
    }
  }

  const json::array& documents_;
  const Settings& settings_;
  storage::Log& log_;
  base::ManualClock& clock_;
  const base::crypto::KeyVault& vault_;
  const std::shared_ptr<const decode::SchemaCatalog> catalog_;
  const base::Duration together_;
  base::Counters counters_;
  std::unique_ptr<VirtualServer> server_;
  std::optional<VirtualTime> time_;
  std::optional<base::Timestamp> begin_;
  base::Timestamp end_{};
  Digest digest_;
  SentTally sent_;
  DatagramReplay result_;
};

}  // namespace

bool is_downlink(base::ByteView datagram) {
  constexpr std::size_t kType = 3;  // behind version and token
  return datagram.size() > kType && datagram[kType] == static_cast<std::uint8_t>(ingest::PacketType::pull_resp);
}

Result<DatagramReplay> replay_datagrams(const std::vector<std::filesystem::path>& files, const json::array& documents,
                                        const Settings& settings, storage::Log& log, base::ManualClock& clock,
                                        const base::crypto::KeyVault& vault,
                                        std::shared_ptr<const decode::SchemaCatalog> catalog) {
  return Run(documents, settings, log, clock, vault, std::move(catalog)).run(files);
}

}  // namespace lenne::app
