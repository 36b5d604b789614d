#include "storage/kafka/tailer.hpp"

#include <algorithm>

namespace lenne::storage::kafka {
namespace {

constexpr int kRequestMs = 5'000;
constexpr Duration kSlice = std::chrono::milliseconds{50};
constexpr Duration kShort = std::chrono::milliseconds{3};
/// A transaction that somebody left open hides what follows it: so long a poll looks for it beyond its patience.
constexpr int kMostExtraSlices = 40;

using Message = std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)>;

}  // namespace

PlaceList list_of(const Places& places) {
  PlaceList list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const auto& place : places) {
    rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = place.next;
  }
  return list;
}

Result<Tailer> Tailer::make(const KafkaSettings& settings, const base::Clock& clock, const std::string& group,
                            const Options& options, const Prepare& prepare) {
  // Unlike its batch interface, single polls skip no record around a change of the assignment (librdkafka 2.0.2).
  Options all{
      {"group.id", settings.prefix + group}, {"enable.auto.commit", "false"},  {"enable.auto.offset.store", "false"},
      {"isolation.level", "read_committed"}, {"enable.partition.eof", "true"}, {"auto.offset.reset", "earliest"},
      {"fetch.wait.max.ms", "20"},           {"fetch.error.backoff.ms", "20"}, {"queued.max.messages.kbytes", "16384"}};
  all.insert(all.end(), options.begin(), options.end());
  auto handle = make_client(RD_KAFKA_CONSUMER, settings, all, prepare);
  if (!handle) return std::unexpected(handle.error());
  rd_kafka_poll_set_consumer(handle->get());
  return Tailer(std::move(*handle), clock);
}

Result<void> Tailer::assign(Places places) {
  places_ = std::move(places);
  for (auto& place : places_) place.end = -1;
  const auto error = rd_kafka_assign(handle_.get(), list_of(places_).get());
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? Result<void>{} : base::fail("log_read", rd_kafka_err2str(error));
}

Place* Tailer::place_of(const rd_kafka_message_t& message) {
  const std::string_view topic = rd_kafka_topic_name(message.rkt);
  const auto is_its = [&](const Place& place) { return place.partition == message.partition && place.topic == topic; };
  if (last_ < places_.size() && is_its(places_[last_])) return &places_[last_];
  const auto found = std::ranges::find_if(places_, is_its);
  if (found == places_.end()) return nullptr;
  last_ = static_cast<std::size_t>(found - places_.begin());
  return &*found;
}

Result<std::size_t> Tailer::fetch(Duration patience, std::size_t most, const Visit& visit) {
  const auto deadline = clock_->monotonic() + patience;
  std::size_t count = 0;
  while (count < std::max<std::size_t>(most, 1)) {
    const auto rest = count > 0 ? Duration{} : std::max(deadline - clock_->monotonic(), Duration{});
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::min(rest, kSlice)).count();
    const Message message(rd_kafka_consumer_poll(handle_.get(), static_cast<int>(wait)), rd_kafka_message_destroy);
    if (!message) {
      if (count > 0 || clock_->monotonic() >= deadline) break;
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__FATAL || message->err == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
      return base::fail("fenced", rd_kafka_message_errstr(message.get()));
    // Transport errors pass by themselves, and a record of a place that was given away is its new owner's.
    auto* const place = place_of(*message);
    if (place == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) place->end = message->offset;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    place->next = message->offset + 1;
    visit(*message, *place);
    ++count;
  }
  return count;
}

Result<std::size_t> Tailer::poll(Duration patience, std::size_t most, const Visit& visit) {
  auto wait = std::clamp<Duration>(patience, kShort, std::chrono::hours{1});
  for (int extra = 0;; ++extra, wait = kSlice) {
    const auto count = fetch(wait, most, visit);
    if (!count || *count > 0 || extra == kMostExtraSlices) return count;
    const auto end = at_end();
    if (!end) return std::unexpected(end.error());
    if (*end) return 0;
  }
}

Result<bool> Tailer::at_end() const {
  if (std::ranges::any_of(places_, [](const Place& place) { return place.end < 0; })) return false;
  for (const auto& place : places_) {
    const auto found = bounds(place);
    if (!found) return std::unexpected(found.error());
    if (std::max(place.end, place.next) < found->end) return false;
  }
  return true;
}

Result<Bounds> Tailer::bounds(const Place& place) const {
  Bounds found{};
  const auto error = rd_kafka_query_watermark_offsets(handle_.get(), place.topic.c_str(), place.partition, &found.begin,
                                                      &found.end, kRequestMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::fail("log_read", place.topic + ": " + rd_kafka_err2str(error));
  return found;
}

Result<void> Tailer::find_bounds(Places& places, bool end) const {
  for (auto& place : places) {
    const auto found = bounds(place);
    if (!found) return std::unexpected(found.error());
    place.next = end ? found->end : found->begin;
  }
  return {};
}

}  // namespace lenne::storage::kafka
