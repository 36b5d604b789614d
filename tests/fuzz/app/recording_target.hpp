#pragma once
// Any bytes as a recording: what can be read of it comes back when it is written again, and its end is found.

#include <google/protobuf/stubs/logging.h>

#include <string>

#include "app/replay/recording.hpp"
#include "base/bytes.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void recording(base::ByteView bytes) {
  google::protobuf::SetLogHandler(nullptr);  // it would tell of each string that is no text
  auto text = std::string(app::kRecordingMagic).append(base::as_text(bytes));
  const auto size = text.size();
  auto reader = app::RecordingReader::of(std::move(text));
  require(reader.has_value(), "what begins as a recording is one");
  v1::RecordingEntry entry;
  std::string again(app::kRecordingMagic);
  std::uint64_t entries = 0;
  for (; (*reader)->next(entry); ++entries) {
    static_cast<void>(app::address_of(entry.received()));
    app::append_entry(again, entry);
  }
  require((*reader)->whole() + (*reader)->rest() == size, "every byte is read or left");
  auto second = app::RecordingReader::of(again);
  while ((*second)->next(entry)) --entries;
  require(entries == 0 && (*second)->rest() == 0, "what was read is whole when it is written");
}

}  // namespace lenne::fuzz
