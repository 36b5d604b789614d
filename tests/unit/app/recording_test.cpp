// What a recorder writes and what a reader makes of it, whole and damaged.

#include "app/replay/recording.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "app/replay/recorder.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::app {
namespace {

const base::Timestamp kNow = base::from_us(1'795'500'000'000'000);
const ingest::SocketAddress kSender{{10, 1, 2, 3}, 40'000};
const ingest::SocketAddress kOther{{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, 1700, true};
const ingest::Identity kIdentity{0x11223344, 5};

class Recording : public ::testing::Test {
 protected:
  std::unique_ptr<Recorder> record(Recorder::Limits limits = {}) {
    auto recorder = Recorder::open(path_, counters_, limits);
    EXPECT_TRUE(recorder.has_value()) << recorder.error().message;
    return std::move(*recorder);
  }
  static void receive(Recorder& recorder, std::string_view text, const ingest::SocketAddress& from = kSender) {
    const ingest::Datagram datagram{base::as_bytes(text), from, kNow};
    recorder.received({&datagram, 1});
  }
  /// The entries in short, and how many bytes were left.
  std::pair<std::vector<std::string>, std::uint64_t> read() {
    auto reader = RecordingReader::open(path_).value();
    std::vector<std::string> texts;
    v1::RecordingEntry entry;
    while (reader->next(entry)) {
      if (entry.has_start()) texts.push_back("start " + std::to_string(entry.start().incarnation()));
      if (entry.has_received())
        texts.push_back("< " + to_text(address_of(entry.received())) + " " + entry.received().datagram());
      if (entry.has_sent()) texts.push_back("> " + to_text(address_of(entry.sent())) + " " + entry.sent().datagram());
      if (entry.entry_case() == v1::RecordingEntry::kLost) texts.push_back("lost " + std::to_string(entry.lost()));
    }
    return {texts, reader->rest()};
  }
  std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  void write(std::string_view text) const { std::ofstream(path_, std::ios::binary) << text; }

  storage::conformance::ScratchDirectory directory_;
  const std::string path_ = directory_.path() + "/recording";
  base::Counters counters_;
};

TEST_F(Recording, KeepsWhatCameAndWhatLeftInOrder) {
  {
    const auto recorder = record();
    recorder->started(kIdentity, kNow);
    receive(*recorder, "one");
    receive(*recorder, "two", kOther);
    recorder->sent(kSender, base::as_bytes(std::string_view("ack")), kNow);
  }
  EXPECT_EQ(read().first, (std::vector<std::string>{"start 5", "< 10.1.2.3:40000 one", "< [2001:db8::7]:1700 two",
                                                    "> 10.1.2.3:40000 ack"}));
  EXPECT_EQ(read().second, 0U);
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(Recording, WhereverItIsCutTheWholeEntriesAreUsedAndARecorderGoesOn) {
  {
    const auto recorder = record();
    for (int i = 0; i < 3; ++i) receive(*recorder, "datagram " + std::to_string(i));
  }
  const auto whole = bytes();
  const auto all = read().first;
  ASSERT_EQ(all.size(), 3U);
  std::size_t most = 0;
  for (auto cut = kRecordingMagic.size(); cut <= whole.size(); ++cut) {
    write(std::string_view(whole).substr(0, cut));
    const auto [entries, rest] = read();
    ASSERT_LE(entries.size(), 3U);
    EXPECT_GE(entries.size(), most) << "a longer file has no fewer";
    most = std::max(most, entries.size());
    EXPECT_TRUE(std::ranges::equal(entries, std::span(all).first(entries.size())));
    receive(*record(), "on");
    const auto [on, nothing] = read();
    EXPECT_EQ(on.size(), entries.size() + 1);
    EXPECT_EQ(nothing, 0U);
  }
  EXPECT_EQ(most, 3U);
}

TEST_F(Recording, ATailOfZerosOrNonsenseIsLeftOut) {
  receive(*record(), "one");
  const auto good = bytes();
  for (const auto& tail :
       {std::string(100, '\0'), std::string(100, '\xff'), std::string("\x05\x0a\xff\xff\xff\xff", 6)}) {
    write(good + tail);
    const auto [entries, rest] = read();
    EXPECT_EQ(entries, std::vector<std::string>{"< 10.1.2.3:40000 one"});
    EXPECT_EQ(rest, tail.size());
  }
}

TEST_F(Recording, AnotherFileIsNeitherReadNorOverwritten) {
  write("important: no recording at all\n");
  const auto read = RecordingReader::open(path_);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, "recording_format");
  const auto recorder = Recorder::open(path_, counters_);
  ASSERT_FALSE(recorder.has_value());
  EXPECT_EQ(recorder.error().code, "recording_format");
  EXPECT_EQ(bytes(), "important: no recording at all\n");
  const auto nowhere = Recorder::open(directory_.path() + "/none/recording", counters_);
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, "recording_open");
}

TEST_F(Recording, WhatDoesNotFitIsCountedAndTold) {
  {
    const auto recorder = record({.buffer = 400});
    receive(*recorder, std::string(500, 'x'));
    receive(*recorder, std::string(500, 'y'));
    receive(*recorder, "small");
  }
  EXPECT_EQ(read().first, (std::vector<std::string>{"lost 2", "< 10.1.2.3:40000 small"}));
  EXPECT_EQ(counters_.value("recording.lost"), 2U);
}

TEST_F(Recording, TheFileHasALimit) {
  constexpr std::uint64_t kMost = 2'000;
  {
    const auto recorder = record({.file = kMost});
    for (int i = 0; i < 100; ++i) receive(*recorder, std::string(100, 'x'));
  }
  EXPECT_LE(bytes().size(), kMost);
  EXPECT_GT(read().first.size(), 8U);
  EXPECT_EQ(read().first.size() + counters_.value("recording.lost"), 100U);
  receive(*record({.file = kMost}), std::string(100, 'x'));
  EXPECT_LE(bytes().size(), kMost) << "what is there counts";
}

TEST_F(Recording, AFileThatTakesNoMoreEndsTheRecordingAndNothingElse) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_NE(::signal(SIGXFSZ, SIG_IGN), SIG_ERR);  // so that the write says it, as on a full disk
  const rlimit small{1'000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    const auto recorder = record();
    for (int i = 0; i < 100; ++i) receive(*recorder, std::string(100, 'x'));
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_NE(::signal(SIGXFSZ, SIG_DFL), SIG_ERR);
  const auto [entries, rest] = read();
  EXPECT_GT(entries.size(), 3U);
  EXPECT_LT(entries.size(), 10U);
  receive(*record(), "on");
  EXPECT_EQ(read().first.back(), "< 10.1.2.3:40000 on");
}

}  // namespace
}  // namespace lenne::app
