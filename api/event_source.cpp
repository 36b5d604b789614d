#include "api/event_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace lenne::api {
namespace {

constexpr std::size_t kMaxPosition = 8192;

template <typename Number>
bool take_number(std::string_view& text, char end, Number& number) {
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  if (end == '\0') return true;
  if (text.empty() || text.front() != end) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::map<std::pair<std::uint8_t, std::uint32_t>, storage::Offset>> parse_seen(std::string_view text) {
  std::map<std::pair<std::uint8_t, std::uint32_t>, storage::Offset> seen;
  while (!text.empty()) {
    std::uint8_t topic = 0;
    std::uint32_t partition = 0;
    storage::Offset offset = 0;
    if (!take_number(text, '.', topic) || !take_number(text, ':', partition) || !take_number(text, '\0', offset))
      return std::nullopt;
    seen[{topic, partition}] = offset;
    if (text.empty()) break;
    if (text.front() != ',' || text.size() == 1) return std::nullopt;
    text.remove_prefix(1);
  }
  return seen;
}

}  // namespace

base::Result<EventSource> EventSource::open(storage::Log& log, std::vector<storage::Topic> topics, std::string tenant,
                                            std::string_view from) {
  auto reader = log.reader(std::move(topics), std::move(tenant));
  if (!reader) return std::unexpected(reader.error());
  EventSource source(std::move(*reader));
  storage::SeekTo to;
  if (from == "beginning") {
    to.where = storage::SeekTo::Where::beginning;
  } else if (from != "now") {
    const auto tilde = from.rfind('~');
    if (tilde == std::string_view::npos || from.size() > kMaxPosition) {
      return base::fail("bad_position", "from is beginning, now or a position that was given out");
    }
    auto seen = parse_seen(from.substr(tilde + 1));
    if (!seen) return base::fail("bad_position", "this is not a position that was given out");
    source.resume_ = std::move(*seen);
    to.where = storage::SeekTo::Where::token;
    to.token.assign(from.substr(0, tilde));
  }
  if (auto sought = source.reader_->seek(to); !sought) return std::unexpected(sought.error());
  source.base_ = source.reader_->position();
  return source;
}

base::Result<void> EventSource::to_end() {
  storage::SeekTo to;
  to.where = storage::SeekTo::Where::end;
  if (auto sought = reader_->seek(to); !sought) return sought;
  poll_ = {};
  next_ = 0;
  seen_.clear();
  resume_.clear();
  base_ = reader_->position();
  return {};
}

bool EventSource::already_seen(const storage::Record& record) {
  const Place place{static_cast<std::uint8_t>(record.topic), record.partition};
  const auto found = resume_.find(place);
  if (found == resume_.end()) return false;
  const bool seen = record.offset <= found->second;
  if (record.offset >= found->second) resume_.erase(found);
  return seen;
}

base::Result<std::size_t> EventSource::take(Until until, std::size_t most,
                                            const std::function<bool(const storage::Record& record)>& visit) {
  std::size_t taken = 0;
  while (taken < most) {
    if (next_ >= poll_.records.size()) {
      const auto some = std::min<std::size_t>(most, 256);
      auto polled = until == Until::end ? reader_->poll_to_end(some) : reader_->poll(base::Duration{0}, some);
      if (!polled) return std::unexpected(polled.error());
      poll_ = std::move(*polled);
      next_ = 0;
      if (poll_.records.empty()) break;
    }
    bool go_on = true;
    while (go_on && taken < most && next_ < poll_.records.size()) {
      const auto& record = poll_.records[next_++];
      const bool seen = already_seen(record);
      seen_[{static_cast<std::uint8_t>(record.topic), record.partition}] = record.offset;
      if (seen) continue;
      ++taken;
      if (next_ == poll_.records.size()) {
        base_ = reader_->position();
        seen_.clear();
      }
      go_on = visit(record);
    }
    if (next_ >= poll_.records.size()) {
      base_ = reader_->position();
      seen_.clear();
    }
    if (!go_on) break;
  }
  return taken;
}

std::string EventSource::position() const {
  auto all = resume_;
  for (const auto& [place, offset] : seen_) all[place] = std::max(all[place], offset);
  std::string text = base_ + "~";
  for (const auto& [place, offset] : all) {
    if (text.back() != '~') text.push_back(',');
    text += fmt::format("{}.{}:{}", place.first, place.second, offset);
  }
  return text;
}

}  // namespace lenne::api
