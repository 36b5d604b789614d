#include "storage/kafka/kafka_reader.hpp"

#include <algorithm>
#include <charconv>

#include "storage/kafka/topic_names.hpp"

namespace lenne::storage::kafka {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;

std::string start_of(const Place& place) {
  const auto topic = static_cast<int>(kTopics[place.tag].topic);
  return "t" + std::to_string(topic) + "." + std::to_string(place.partition) + ".";
}

}  // namespace

Places places_of(const KafkaSettings& settings, const std::vector<Topic>& topics) {
  Places places;
  for (std::uint32_t tag = 0; tag < kTopics.size(); ++tag) {
    const auto& info = kTopics[tag];
    if (info.from_tenants || std::ranges::find(topics, info.topic) == topics.end()) continue;
    for (std::uint32_t p = 0; p < partitions_of(info.topic, settings.network_partitions); ++p)
      places.push_back({topic_name(settings, info), static_cast<std::int32_t>(p), 0, tag});
  }
  return places;
}

void pass(Places& places, std::span<const Record> records) {
  for (const auto& record : records) {
    for (auto& place : places) {
      if (kTopics[place.tag].topic == record.topic && place.number() == record.partition)
        place.next = static_cast<std::int64_t>(record.offset) + 1;
    }
  }
}

std::string to_text(const Places& places) {
  std::string text;
  for (const auto& place : places) text += (text.empty() ? "" : "_") + start_of(place) + std::to_string(place.next);
  return text;
}

bool parse(std::string_view text, Places& places) {
  for (auto& place : places) {
    const auto start = start_of(place);
    if (!text.starts_with(start)) return false;
    const auto [end, error] = std::from_chars(text.data() + start.size(), text.data() + text.size(), place.next);
    if (error != std::errc{} || place.next < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with('_')) text.remove_prefix(1);
  }
  return text.empty();
}

Collector::Collector(std::string_view tenant) : tenant_(tenant), kept_(std::make_shared<Chunks>()) {}

std::string_view Collector::keep(std::string_view bytes) {
  if (kept_->empty() || kept_->back().capacity() - kept_->back().size() < bytes.size())
    kept_->emplace_back().reserve(std::max(kChunkBytes, bytes.size()));
  auto& chunk = kept_->back();
  const auto at = chunk.size();
  chunk.append(bytes);
  return std::string_view(chunk).substr(at);
}

void Collector::take(const rd_kafka_message_t& message, const Place& place) {
  const auto& info = kTopics[place.tag];
  rd_kafka_headers_t* headers = nullptr;
  const void* tenant = nullptr;
  std::size_t size = 0;
  const bool labelled = rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
                        rd_kafka_header_get_last(headers, "tenant", &tenant, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string_view label(labelled ? static_cast<const char*>(tenant) : "", labelled ? size : 0);
  if (info.from_tenants) label = place.tenant;  // whatever its writer says of itself
  if (!tenant_.empty() && label != tenant_) return;
  std::string_view key(static_cast<const char*>(message.key), message.key_len);
  // One topic stands for all tenants, and the broker compacts by key: so the key names the tenant, too.
  if (info.per_tenant && info.compacted) key.remove_prefix(std::min(key.size(), 1 + label.size()));
  const std::string_view value(static_cast<const char*>(message.payload), message.len);
  const auto time = base::from_us(rd_kafka_message_timestamp(&message, nullptr) * 1000);
  poll_.records.push_back({info.topic, place.number(), static_cast<Offset>(message.offset), time, keep(label),
                           keep(key), keep(value), message.payload == nullptr});
}

void Collector::drop(std::uint32_t partition) {
  std::erase_if(poll_.records, [&](const Record& record) { return record.partition == partition; });
}

Poll Collector::poll() && {
  poll_.memory = std::move(kept_);
  return std::move(poll_);
}

Result<Poll> KafkaReader::collect(const Fetch& fetch) {
  if (moved_) {
    if (auto read = tailer_.read(places_); !read) return std::unexpected(read.error());
    moved_ = false;
  }
  for (;;) {  // of one tenant's reader: on behind others' records
    Collector collector(tenant_);
    const auto count =
        fetch([&](const rd_kafka_message_t& message, const Place& place) { collector.take(message, place); });
    if (!count) return std::unexpected(count.error());
    places_ = tailer_.places();
    auto poll = std::move(collector).poll();
    if (*count == 0 || !poll.records.empty()) return poll;
  }
}

Result<Poll> KafkaReader::poll(Duration patience, std::size_t most) {
  return collect([&](const Tailer::Visit& visit) { return tailer_.fetch(patience, most, visit); });
}

Result<Poll> KafkaReader::poll_to_end(std::size_t most) {
  return collect([&](const Tailer::Visit& visit) { return tailer_.fetch_to_end(most, visit); });
}

Result<void> KafkaReader::seek(const SeekTo& to) {
  auto places = places_;
  if (to.where != SeekTo::Where::token) {
    if (auto found = tailer_.find_bounds(places, to.where == SeekTo::Where::end); !found) return found;
  } else if (!parse(to.token, places)) {
    return base::fail("bad_position", "not a position of these topics: " + to.token.substr(0, 64));
  }
  places_ = std::move(places);
  moved_ = true;
  return {};
}

}  // namespace lenne::storage::kafka
