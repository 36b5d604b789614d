#pragma once
// What /v1/events takes, from any bytes: positions, filters, and the records themselves as lines.
// Input: choice | length of a text | text (position, or types) | record.

#include <algorithm>
#include <boost/json.hpp>

#include "api/event_filter.hpp"
#include "api/event_source.hpp"
#include "storage/memory/memory_log.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {
namespace events_detail {

struct World {
  World() : log(2, clock) {
    storage::Batch batch;
    v1::DeviceEvent event;
    event.set_tenant("menden");
    event.mutable_log()->set_code("x");
    for (std::uint32_t p = 0; p < 2; ++p)
      batch.append(storage::Topic::event, p, "menden", "k", event.SerializeAsString());
    require(log.append(batch).has_value(), "a log in memory takes records");
  }
  base::ManualClock clock{base::from_us(1'790'000'000'000'000)};
  storage::MemoryLog log;
};

inline void position(std::string_view text) {
  static World world;
  auto source = api::EventSource::open(world.log, {storage::Topic::event}, {}, text);
  if (!source) return require(source.error().code == "bad_position", "a bad position is named so");
  const auto place = source->position();
  require(api::EventSource::open(world.log, {storage::Topic::event}, {}, place).has_value(), "a position comes back");
  const auto taken = source->take(api::EventSource::Until::end, 10, [](const storage::Record&) { return true; });
  require(taken && *taken <= 2, "no more than there is");
  const auto after = source->position();
  auto again = api::EventSource::open(world.log, {storage::Topic::event}, {}, after);
  require(again.has_value(), "the position after comes back");
  const auto none = again->take(api::EventSource::Until::end, 10, [](const storage::Record&) { return true; });
  require(none && *none == 0, "nothing comes after the end");
}

inline void line(std::string_view types, base::ByteView value, std::uint8_t choice) {
  static World world;
  static const auto source = api::EventSource::open(world.log, {storage::Topic::event}, {}, "now");
  const auto scope = (choice & 2) != 0 ? storage::views::Scope::everything() : storage::views::Scope::of({"menden"});
  const auto filter = api::EventFilter::of(types, (choice & 4) != 0 ? "menden" : "", scope);
  if (!filter) return;
  const auto topic = (choice & 8) != 0 ? storage::Topic::aggregate : storage::Topic::event;
  const storage::Record record{topic, 0, 1, base::from_us(0), "menden", "k", base::as_text(value), false};
  const auto text = filter->line_of(record, *source, [](std::string_view, std::string_view message) {
    return message.size() % 2 == 0 ? std::optional<std::string>("{\"a\":1}") : std::nullopt;
  });
  if (!text) return;
  require(text->size() < 64 * value.size() + 8'192, "a line is not much longer than its record");
  boost::system::error_code error;
  boost::json::parse_options options;
  options.allow_invalid_utf8 = true;
  const auto json = boost::json::parse(*text, error, {}, options);
  require(!error && json.is_object() && text->find('\n') == std::string::npos, "one line of JSON");
}

}  // namespace events_detail

inline void events(base::ByteView bytes) {
  using namespace events_detail;
  if (bytes.size() < 2) return;
  const auto text = base::as_text(bytes.subspan(2, std::min<std::size_t>(bytes[1], bytes.size() - 2)));
  if ((bytes[0] & 1) != 0) return position(base::as_text(bytes.subspan(1)));
  line(text, bytes.subspan(2 + text.size()), bytes[0]);
}

}  // namespace lenne::fuzz
